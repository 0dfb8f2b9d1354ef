"""``python -m benchmarks.load``: a load on a server, described on stdin, measured on stdout.

Raw asyncio with just enough HTTP/1.1 and IMAP to be faster than any server under test.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter, perf_counter_ns
from typing import Any, cast

from benchmarks import letters, sample


@dataclass(frozen=True, slots=True)
class Load:
    """What to do to whom: ``kind`` is one of :data:`KINDS`, one of ``callers`` for each connection.

    A caller is a bearer token, or a user name for IMAP. ``{new}`` in ``path`` becomes something else in every
    request, so that no server can answer from what it said before. ``word`` is what is searched for.
    """

    kind: str
    port: int
    callers: list[str]
    seconds: float
    warm_up: float
    path: str = "/"
    word: str = ""


@dataclass(slots=True)
class Stopwatch:
    """Counts what ends between two moments, and how long each step took."""

    begins: float
    ends: float
    lives: int = 0
    steps: list[float] = field(default_factory=list)
    late: float = 0
    """How long the first step took that ended too late; asked when no other has ended."""

    async def step(self, answer: "asyncio.Future[bytes]") -> bytes:
        """Wait for one acknowledged step."""
        begin = perf_counter()
        body = await answer
        end = perf_counter()
        if self.begins <= end < self.ends:
            self.steps.append(end - begin)
        elif end >= self.ends:
            self.late = self.late or end - begin
        return body

    def life(self) -> bool:
        """One more; says whether there is time for another."""
        now = perf_counter()
        self.lives += self.begins <= now < self.ends
        return now < self.ends

    def reading(self) -> dict[str, float]:
        """Rates, and how long a step takes."""
        seconds = self.ends - self.begins
        steps = self.steps or [self.late or seconds]
        cuts = quantiles(steps, n=100) if len(steps) > 1 else steps * 99
        return {
            "lives/s": max(self.lives, 1) / seconds,
            "steps/s": len(self.steps) / seconds if self.steps else 1 / steps[0],
            "p50 ms": 1000 * cuts[49],
            "p99 ms": 1000 * cuts[98],
        }


class Refusal(Exception):
    """The server answered something else than yes."""


class Http(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._whole = 0
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to ask."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """Send a request; gives the body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """Collect until the answer is whole."""
        self._buffer += data
        if not self._whole:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._whole = end + 4 + _length(bytes(self._buffer[:end]))
        if len(self._buffer) >= self._whole:
            self._settle(bytes(self._buffer))

    def _settle(self, answer: bytes) -> None:
        self._buffer.clear()
        self._whole = 0
        assert self._answer is not None
        if answer[9:10] == b"2":
            self._answer.set_result(answer.partition(b"\r\n\r\n")[2])
        else:
            self._answer.set_exception(Refusal(answer[:400].decode(errors="replace")))

    def connection_lost(self, error: Exception | None) -> None:
        """A server that hangs up in the middle of an answer is an error."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or Refusal("the server hung up"))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """One HTTP request."""
    raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    kind = "Content-Type: application/json\r\n" if raw else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{kind}"
    return f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


async def graph_lives(load: Load, token: str, watch: Stopwatch) -> None:
    """Create, update, mention, send, over and over."""
    _, http = await asyncio.get_running_loop().create_connection(Http, "127.0.0.1", load.port)
    create = request("POST", "/v1.0/me/messages", token, sample.wire_draft())
    update = request("PATCH", "/v1.0/me/messages/{id}", token, sample.wire_update())
    mention = request("POST", "/beta/me/messages/{id}/mentions", token, sample.wire_mention())
    send = request("POST", "/v1.0/me/messages/{id}/send", token)
    while True:
        draft = await watch.step(http.ask(create))
        name = draft.partition(b'"id":"')[2].partition(b'"')[0]
        for each in (update, mention, send):
            await watch.step(http.ask(each.replace(b"{id}", name, 1)))
        if not watch.life():
            return


async def gets(load: Load, token: str, watch: Stopwatch) -> None:
    """Ask for one thing, over and over."""
    _, http = await asyncio.get_running_loop().create_connection(Http, "127.0.0.1", load.port)
    ask = request("GET", load.path, token)
    while True:
        await watch.step(http.ask(ask.replace(b"{new}", b"%d" % perf_counter_ns(), 1)))
        if not watch.life():
            return


class Imap:
    """One connection that speaks enough IMAP4rev1 with LITERAL+, UIDPLUS and MOVE."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def greeted(self) -> None:
        """Wait for the server's greeting."""
        await self._reader.readline()

    def ask(self, *commands: bytes) -> "asyncio.Future[bytes]":
        """Send commands in one go; gives the line that ends the first one, when all are done."""
        tagged = (b"%d %s\r\n" % (number, command) for number, command in enumerate(commands))
        self._writer.write(b"".join(tagged))
        return asyncio.ensure_future(self._answered(len(commands)))

    async def _answered(self, count: int) -> bytes:
        first = b""
        for number in range(count):
            tag = b"%d " % number
            while not (line := await self._reader.readline()).startswith(tag):
                if not line:
                    raise Refusal("the server hung up")
            if not line.startswith(tag + b"OK"):
                raise Refusal(line.decode(errors="replace"))
            first = first or line
        return first


def _append(folder: str, raw: bytes) -> bytes:
    return f"APPEND {folder} (\\Draft) {{{len(raw)}+}}\r\n".encode() + raw


def _uid(line: bytes) -> bytes:
    """The UID that APPENDUID names (RFC 4315 section 3)."""
    return line.partition(b"APPENDUID ")[2].split(b"]")[0].split()[1]


_LONGEST_LINE = 2**24
"""Bytes; the answer to a search is one line with the number of every message found."""


@asynccontextmanager
async def _opened(port: int, user: str, folder: str) -> AsyncIterator[Imap]:
    """A connection of a user who has opened a folder."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST_LINE)
    try:
        imap = Imap(reader, writer)
        await imap.greeted()
        await imap.ask(f"LOGIN {user} secret".encode())
        await imap.ask(f"SELECT {folder}".encode())
        yield imap
    finally:
        writer.close()
        await writer.wait_closed()


async def imap_lives(load: Load, user: str, watch: Stopwatch) -> None:
    """Append a draft, replace it, flag it, move it to Sent, over and over."""
    create, update = _append("Drafts", sample.mime()), _append("Drafts", sample.mime(updated=True))
    async with _opened(load.port, user, "Drafts") as imap:
        while True:
            first = _uid(await watch.step(imap.ask(create)))
            remove = (b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % first, b"UID EXPUNGE %s" % first)
            second = _uid(await watch.step(imap.ask(update, *remove)))
            await watch.step(imap.ask(b"UID STORE %s +FLAGS.SILENT (\\Flagged)" % second))
            await watch.step(imap.ask(b"UID MOVE %s Sent" % second))
            if not watch.life():
                return


async def imap_searches(load: Load, user: str, watch: Stopwatch) -> None:
    """Search the inbox for a word, over and over."""
    search = f'UID SEARCH TEXT "{load.word}"'.encode()
    async with _opened(load.port, user, "INBOX") as imap:
        while True:
            await watch.step(imap.ask(search))
            if not watch.life():
                return


async def imap_fill(load: Load, user: str, watch: Stopwatch) -> None:
    """Append the letters of a mailbox of ``path`` messages to the inbox, a hundred at a time."""
    async with _opened(load.port, user, "INBOX") as imap:
        for numbers in letters.batches(int(load.path), 100):
            await imap.ask(*(_append("INBOX", letters.mime(number)) for number in numbers))
            watch.life()


KINDS: dict[str, Callable[[Load, str, Stopwatch], Awaitable[None]]] = {
    "graph-lives": graph_lives,
    "imap-lives": imap_lives,
    "imap-searches": imap_searches,
    "imap-fill": imap_fill,
    "gets": gets,
}


async def put(load: Load) -> dict[str, float]:
    """Put a load on a server; gives what was measured."""
    begins = perf_counter() + load.warm_up
    watch = Stopwatch(begins, begins + load.seconds)
    await asyncio.gather(*(KINDS[load.kind](load, caller, watch) for caller in load.callers))
    return watch.reading()


def main() -> None:
    """Read the load, put it on, print the reading."""
    described: dict[str, Any] = json.load(sys.stdin)
    runner = asyncio.Runner()
    if sys.platform != "win32":
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        print(json.dumps(runner.run(put(Load(**described)))))


if __name__ == "__main__":
    main()
