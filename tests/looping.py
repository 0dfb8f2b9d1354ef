"""An event loop for many conversations, as a server has one."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


class Conversations(asyncio.Runner):
    """Runs one coroutine after the other, all of them below a task that stays.

    The threads in which requests are worked on end with the task that all others are below. In a server that
    is the server itself; were it the request, each would start a thread and open the store in it anew.
    """

    _home: asyncio.Task[Any] | None = None

    def run(self, coro: Coroutine[Any, Any, T], *, context: Context | None = None) -> T:
        """What a coroutine gives."""
        loop = self.get_loop()
        home = self._home = self._home or loop.create_task(asyncio.Event().wait())
        asked = loop.create_task(coro, context=context)
        asked.add_done_callback(lambda _: loop.stop())
        try:
            loop.run_until_complete(home)
        except RuntimeError:  # the loop was stopped before its home has ended, which never does
            if not asked.done():
                raise
        return asked.result()
