"""Behind a proxy, the addresses in links are those that clients use, and nobody can forge them."""

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from letterbook.adapters.cli.forwarded import Forwarded, networks
from tests.cli.terminal import Terminal

PROXY, STRANGER = "10.1.2.3", "192.0.2.7"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mail.contoso.com"}


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the address it was asked at."""
    (host,) = [value for name, value in scope["headers"] if name == b"host"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode() + b"://" + host})


def seen(
    headers: dict[str, str] | list[tuple[str, str]], peer: str = PROXY, trusted: str = "10.0.0.0/8"
) -> str:
    """The address that is seen behind the proxies in ``trusted``, when ``peer`` connects."""
    wire = httpx.ASGITransport(Forwarded(mirror, networks(trusted)), client=(peer, 5000))

    async def asked() -> str:
        async with httpx.AsyncClient(transport=wire, base_url="http://inside:8025") as client:
            return (await client.get("/", headers=headers)).text

    return asyncio.run(asked())


def test_a_trusted_proxy_is_believed() -> None:
    assert seen(FORWARDED) == "https://mail.contoso.com"


@pytest.mark.parametrize("trusted", [STRANGER, "10.1.2.4, 10.1.3.0/24", "::1"])
def test_nobody_else_is(trusted: str) -> None:
    """Anybody can write a header."""
    assert seen(FORWARDED, trusted=trusted) == "http://inside:8025"


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [(PROXY, "127.0.0.1, 10.1.2.3"), ("::1", "::1/128"), ("::ffff:10.1.2.3", "10.1.0.0/16")],
)
def test_a_proxy_is_known_by_its_address_or_its_network(peer: str, trusted: str) -> None:
    assert seen(FORWARDED, peer, trusted) == "https://mail.contoso.com"


@pytest.mark.parametrize("peer", ["", "testclient", "/run/socket"])
def test_who_has_no_address_is_not_trusted(peer: str) -> None:
    assert seen(FORWARDED, peer, "0.0.0.0/0,::/0") == "http://inside:8025"


def test_what_the_client_wrote_before_the_proxy_is_passed_over() -> None:
    """Many proxies add to what came: only the last value is their own, on one line or on several."""
    forged = {"X-Forwarded-Proto": "http, https", "X-Forwarded-Host": "evil.example, mail.contoso.com:8443"}
    assert seen(forged) == "https://mail.contoso.com:8443"
    lines = [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Host", "mail.contoso.com")]
    assert seen(lines) == "http://mail.contoso.com"


@pytest.mark.parametrize(
    "host", ["evil.example/path", "a b", "user@contoso.com", 'x"y', "", "[::1", "mail.contoso.com:x", "a,"]
)
def test_what_is_no_host_is_passed_over(host: str) -> None:
    assert seen({"X-Forwarded-Host": host}) == "http://inside:8025"


@pytest.mark.parametrize("scheme", ["javascript", "ftp", "", "httpss"])
def test_what_is_no_scheme_is_passed_over(scheme: str) -> None:
    assert seen({"X-Forwarded-Proto": scheme}) == "http://inside:8025"


@pytest.mark.parametrize("host", ["[2001:db8::1]:8443", "localhost", "127.0.0.1:80"])
def test_addresses_are_hosts_too(host: str) -> None:
    assert seen({"X-Forwarded-Host": host}) == f"http://{host}"


@pytest.mark.parametrize("said", ["proxy.contoso.com", "10.0.0.1/8", "*", "", "10.0.0.1,"])
def test_only_addresses_and_networks_can_be_trusted(alone: Terminal, said: str) -> None:
    """A name would have to be looked up, and a typing error must not open anything."""
    assert "forwarded-allow-ips" in alone.refused("serve", "--forwarded-allow-ips", said, code=2)
