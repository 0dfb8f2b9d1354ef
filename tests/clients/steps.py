"""What a client did, step by step: the program of each client tells it in one line of JSON for each step."""

import asyncio
import inspect
import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

Refusal = TypeVar("Refusal", bound=Exception)


def run(*steps: Callable[[], Any]) -> None:
    """Take every step, also behind one that went wrong, and tell how each of them went."""
    with asyncio.Runner() as runner:
        for step in steps:
            tell(step.__name__, _wrong(step, runner))


def tell(step: str, wrong: str | None) -> None:
    """Tell how a step went: what was wrong, if anything was."""
    sys.stdout.write(json.dumps({"step": step.replace("_", " "), "wrong": wrong}) + "\n")
    sys.stdout.flush()


def _wrong(step: Callable[[], Any], runner: asyncio.Runner) -> str | None:
    try:
        done = step()
        if inspect.iscoroutine(done):
            runner.run(done)
    except Exception:
        return traceback.format_exc()
    return None


def refused(kind: type[Refusal], asked: Callable[[], object]) -> Refusal:
    """The client's own error, made from a refusal."""
    try:
        asked()
    except kind as refusal:
        return refusal
    raise AssertionError(f"nothing was refused, but {kind.__name__} was expected")


async def refused_later(kind: type[Refusal], asked: Awaitable[object]) -> Refusal:
    """The same for what has to be waited for."""
    try:
        await asked
    except kind as refusal:
        return refusal
    raise AssertionError(f"nothing was refused, but {kind.__name__} was expected")
