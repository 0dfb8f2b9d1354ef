"""How long others wait while an endpoint thinks about its validation request: not at all."""

import asyncio
from typing import Any

import anyio.to_thread

from tests.fakes import FakeClock
from tests.graph.client import Graph
from tests.notifying.receiver import Answer, Receiver
from tests.notifying.subscribing import asking


def test_endpoints_that_think_hold_nobody_else_up(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    """A server has some threads for all its requests: waiting takes none of them."""
    endpoint.greeting = Answer(after=1.0)
    done: list[str] = []

    async def ask(name: str, method: str, **said: Any) -> None:
        answer = await alex.http.request(method, "/v1.0/subscriptions", headers=alex.headers, **said)
        assert answer.status_code in (200, 201), answer.text
        done.append(name)

    async def ask_all() -> None:
        threads = anyio.to_thread.current_default_thread_limiter()
        before, threads.total_tokens = threads.total_tokens, 1
        slow = [asking(endpoint, clock, changeType=change) for change in ("created", "updated", "deleted")]
        making = [asyncio.create_task(ask("made", "POST", json=body)) for body in slow]
        await asyncio.sleep(0.2)
        await ask("listed", "GET")
        await asyncio.gather(*making)
        threads.total_tokens = before

    alex.loop.run(ask_all())
    assert done == ["listed", "made", "made", "made"]
