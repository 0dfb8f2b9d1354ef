"""An event loop for many conversations, as a server has one."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Conversations:
    """Runs one coroutine after the other, all of them below a task that stays.

    The threads in which requests are worked on end with the task that all others are below. In a server that
    is the server itself; were it the request, each would start a thread and open the store in it anew.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._home = self._loop.create_task(asyncio.Event().wait())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all that still goes on."""
        self._runner.close()

    def run(self, asked: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives."""
        task = self._loop.create_task(asked)
        task.add_done_callback(lambda _: self._loop.stop())
        try:
            self._loop.run_until_complete(self._home)
        except RuntimeError:  # the loop was stopped before its home has ended, which never does
            if not task.done():
                raise
        return task.result()
