"""Questions that may take long: asked in threads, on a part of the processors, while others are answered."""

import asyncio
import os
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")

_AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Long questions at the same time: the other processors are left to everybody else."""
_turns: WeakKeyDictionary[AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def aside(question: Callable[[], T]) -> T:
    """The answer, when it is this question's turn and a thread has found it."""
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    async with turn:
        return await run_in_threadpool(question)
