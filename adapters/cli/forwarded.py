"""What a trusted proxy says of the address that a client used."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network

_SCHEMES = frozenset({"http", "https"})
_HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
"""A name or an address, perhaps with a port: all that may stand at the beginning of a link."""


def networks(said: str) -> tuple[Network, ...]:
    """Addresses and networks from a list with commas. Raises ``ValueError`` for anything else."""
    return tuple(ip_network(each.strip()) for each in said.split(","))


class Forwarded:
    """Believes X-Forwarded-Proto and X-Forwarded-Host, from proxies at known addresses and nobody else.

    Anybody can write these headers. Where a proxy added to what came with the request, only the last value is
    its own, so all before it are passed over.
    """

    def __init__(self, face: "ASGIApp", trusted: Iterable[Network]) -> None:
        self._face = face
        self._trusted = tuple(trusted)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request as if it had come to the proxy's address."""
        is_told = scope["type"] == "http" and self._trusts(scope.get("client"))
        await self._face(_as_told(scope) if is_told else scope, receive, send)

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        try:
            address = _plain(ip_address(client[0])) if client else None
        except ValueError:
            return False
        return address is not None and any(address in network for network in self._trusted)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address as itself, also where a socket for both kinds tells it as ``::ffff:192.0.2.1``."""
    return getattr(address, "ipv4_mapped", None) or address


def _as_told(scope: "Scope") -> "Scope":
    scheme, host = (_last(scope, name) for name in (b"x-forwarded-proto", b"x-forwarded-host"))
    told = dict(scope)
    if scheme.lower() in _SCHEMES:
        told["scheme"] = scheme.lower()
    if _HOST.fullmatch(host):
        others = [header for header in scope["headers"] if header[0] != b"host"]
        told["headers"] = [(b"host", host.encode()), *others]
    return told


def _last(scope: "Scope", name: bytes) -> str:
    """The last value of a header; its name is in lower case, as ASGI tells names."""
    values = [value for key, value in scope["headers"] if key == name]
    return b",".join(values).decode("latin-1").rpartition(",")[2].strip()
