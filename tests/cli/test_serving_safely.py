"""The server with a certificate, and behind a proxy."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.authority import Vouched, vouched_in
from tests.cli.terminal import ALEX, Terminal
from tests.serving import Server, serving_on


@pytest.fixture(scope="module")
def vouched(tmp_path_factory: pytest.TempPathFactory) -> Vouched:
    """A certificate for this machine."""
    return vouched_in(tmp_path_factory.mktemp("authority"))


def context_told(server: Server, terminal: Terminal, **headers: str) -> str:
    """The address in the links of an answer."""
    bearer = {"Authorization": f"Bearer {terminal.tell('token', ALEX).strip()}"}
    shown = server.client.get("/v1.0/me/messages", headers=bearer | headers).json()
    found: str = shown["@odata.context"].partition("/v1.0/")[0]
    return found


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mail.contoso.com"}


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_server_with_a_certificate_speaks_tls(alone: Terminal, vouched: Vouched, workers: str) -> None:
    """To whoever trusts its authority; what it announces and links to begins with https.

    A client that keeps its connection, as this one does, is not waited for when the server stops.
    """
    words = ("--tls-cert", str(vouched.chain), "--tls-key", str(vouched.key), "--workers", workers)
    with serving_on(alone.store, *words, trusting=vouched.trusting()) as server:
        assert server.said["url"].startswith("https://127.0.0.1:")
        assert context_told(server, alone) == server.said["url"]
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(server.said["url"])
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(server.said["url"].replace("https", "http"))
        assert server.stop(signal.SIGINT) == (0, "Stopped.\n")


def test_a_server_with_a_certificate_need_not_warn(alone: Terminal, vouched: Vouched, tmp_path: Path) -> None:
    """What is sent to it is encrypted. Certificate and key may share a file."""
    both = tmp_path / "both.pem"
    both.write_bytes(vouched.chain.read_bytes() + vouched.key.read_bytes())
    with serving_on(alone.store, "--host", "0.0.0.0", "--tls-cert", str(both)) as server:
        assert server.stop(signal.SIGINT) == (0, "Stopped.\n")


def test_a_certificate_that_cannot_be_used_is_named(alone: Terminal, vouched: Vouched) -> None:
    """Before anything is announced, and without asking anybody for a password."""
    assert "needs --tls-cert" in alone.refused("serve", "--tls-key", str(vouched.key), code=2)
    for words in (
        ("--tls-cert", str(vouched.key)),
        ("--tls-cert", str(vouched.chain)),
        ("--tls-cert", str(vouched.chain), "--tls-key", str(vouched.locked_key)),
    ):
        assert f"{words[1]} cannot be used" in alone.refused("serve", *words)


def test_forwarded_headers_are_passed_over_by_default(alone: Terminal) -> None:
    """Nobody can forge links."""
    with serving_on(alone.store) as server:
        assert context_told(server, alone, **FORWARDED) == server.said["listening"]


def test_a_proxy_that_is_trusted_says_where_clients_are(alone: Terminal) -> None:
    with serving_on(alone.store, "--forwarded-allow-ips", "127.0.0.1") as server:
        assert context_told(server, alone, **FORWARDED) == "https://mail.contoso.com"
        assert context_told(server, alone) == server.said["listening"]


def test_a_public_url_is_the_last_word(alone: Terminal) -> None:
    words = ("--forwarded-allow-ips", "127.0.0.1", "--public-url", "https://graph.contoso.com")
    with serving_on(alone.store, *words) as server:
        assert context_told(server, alone, **FORWARDED) == "https://graph.contoso.com"
