"""POST requests to endpoints that subscribers name.

The name of a host is looked up once, every address it has is checked, and the connection is made to one of
those that were checked, by number: another answer a moment later leads nowhere. The certificate is still
checked for the name. Redirects are not followed, proxies of the environment not used, and all of it has to
be over in some seconds, however slowly the other side talks.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from threading import Lock
from typing import Any

import httpx

from letterbook.adapters.webhooks.addresses import is_loopback, may_be_reached
from letterbook.adapters.webhooks.lookups import Lookups
from letterbook.application.heralding import AddressForbidden, Answered, GivenUp, TooSlow, Unheard

LONGEST_ANSWER = 4096
"""Bytes of an answer that are read: enough for what a validation answers."""
_NO_HOST = "no public host of this name is known"
"""Said of hosts inside, too: nobody learns from it which there are."""
_MOST_ADDRESSES = 4
_LAST_PORT = 65_535
_SILENCE = 10.0
"""Seconds without a byte; all of it is bounded besides."""
_HEADERS = {"User-Agent": "Letterbook", "Accept": "*/*", "Accept-Encoding": "identity"}
_PORTS = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Sequence[str]]
"""The network addresses of a host."""


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the operating system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


@cache
def _context() -> ssl.SSLContext:
    """TLS 1.2 or newer, and a certificate from an authority that is generally known; read only once."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(slots=True)
class Poster:
    """Makes the requests. ``local`` also admits this machine, by http too."""

    local: bool = False
    resolve: Resolve = resolved
    make_context: Callable[[], ssl.SSLContext] = _context
    _trusted: ssl.SSLContext | None = None
    _lookups: Lookups = field(default_factory=partial(Lookups, 8))
    _counting: Lock = field(default_factory=Lock)
    _on_the_way: set[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = field(default_factory=set)
    _closed: bool = False

    def post(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """The same for whoever waits. Must not be called from an event loop."""
        return asyncio.run(self._ask_until_closed(url, body, content_type, seconds))

    async def _ask_until_closed(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        task = asyncio.current_task()
        assert task is not None, "a loop runs tasks"
        here = asyncio.get_running_loop(), task
        with self._counting:
            if self._closed:
                raise GivenUp("the program ends")
            self._on_the_way.add(here)
        try:
            return await self.ask(url, body, content_type, seconds)
        except asyncio.CancelledError:
            raise GivenUp("the program ends") from None
        finally:
            with self._counting:
                self._on_the_way.discard(here)

    async def ask(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint; everything, looking up included, takes ``seconds`` at most.

        Raises :class:`Unheard`. Holds no thread while it waits, but for looking up a name.
        """
        target = self.read(url)
        headers = _HEADERS | {"Host": target.netloc.decode("ascii"), "Content-Type": content_type}
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(target)
                return await self._asked(target, addresses, headers, body)
        except TimeoutError:
            raise TooSlow("no answer in time") from None

    def read(self, url: str) -> httpx.URL:
        """The address that a URL names; refuses one that cannot be asked whatever its host is."""
        try:
            target = httpx.URL(url)
        except httpx.InvalidURL:
            raise AddressForbidden("the URL cannot be read") from None
        if target.scheme not in (("https", "http") if self.local else ("https",)):
            raise AddressForbidden("the URL must use the https protocol")
        if not target.host or target.userinfo or target.fragment:
            raise AddressForbidden("the URL must name a host, and neither a user nor a fragment")
        if not 0 < _port(target) <= _LAST_PORT:
            raise AddressForbidden("the URL names a port that does not exist")
        return target

    def close(self) -> None:
        """Wait for nothing: what is on its way is given up."""
        with self._counting:
            self._closed = True
            for loop, task in self._on_the_way:
                loop.call_soon_threadsafe(task.cancel)
        self._lookups.close()

    async def _addresses(self, target: httpx.URL) -> list[str]:
        """The addresses of the host, all of them checked: one that is inside is a reason to ask none."""
        question = partial(self.resolve, _name(target), _port(target))
        try:
            found = await asyncio.wrap_future(self._lookups.ask(question))
        except (OSError, UnicodeError):
            raise AddressForbidden(_NO_HOST) from None
        if not found or not all(may_be_reached(each, loopback=self.local) for each in found):
            raise AddressForbidden(_NO_HOST)
        if target.scheme == "http" and not all(is_loopback(each) for each in found):
            raise AddressForbidden("only this machine can be asked without TLS")
        return list(found[:_MOST_ADDRESSES])

    async def _asked(
        self, target: httpx.URL, addresses: list[str], headers: dict[str, str], body: bytes
    ) -> Answered:
        for last, address in _with_last(addresses):
            try:
                return await self._ask(target, address, headers, body)
            except httpx.ConnectError as error:
                if last:
                    raise Unheard(_why(error)) from None
            except (httpx.HTTPError, ssl.SSLError, OSError) as error:
                raise Unheard(_why(error)) from None
        raise Unheard("there is no address")

    async def _ask(self, target: httpx.URL, address: str, headers: dict[str, str], body: bytes) -> Answered:
        """One request to an address by number; the name travels beside it."""
        self._trusted = self._trusted or self.make_context()
        client = httpx.AsyncClient(verify=self._trusted, trust_env=False, timeout=_SILENCE)
        there = target.copy_with(host=address)
        name = {"sni_hostname": _name(target)} if target.scheme == "https" else {}
        async with (
            client,
            client.stream("POST", there, content=body, headers=headers, extensions=name) as answer,
        ):
            return Answered(
                answer.status_code, answer.headers.get("content-type", ""), await _beginning(answer)
            )


def _name(target: httpx.URL) -> str:
    """The host as it is looked up, and named in certificates (RFC 5890)."""
    return target.raw_host.decode("ascii")


def _port(target: httpx.URL) -> int:
    return _PORTS[target.scheme] if target.port is None else target.port


def _with_last(addresses: list[str]) -> list[tuple[bool, str]]:
    return [(place == len(addresses), each) for place, each in enumerate(addresses, 1)]


async def _beginning(answer: httpx.Response) -> bytes:
    """As much of an answer as is looked at, as it came: nothing is unpacked."""
    read = bytearray()
    async for piece in answer.aiter_raw(LONGEST_ANSWER):
        read += piece
        if len(read) >= LONGEST_ANSWER:
            break
    return bytes(read[:LONGEST_ANSWER])


def _why(error: Exception) -> str:
    """What went wrong, for the log: never what the other side said."""
    return type(error).__name__
