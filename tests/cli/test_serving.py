"""The server as a process, and what can be said about it without one."""

import json
import signal
import time
from datetime import timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from letterbook import open_book
from letterbook.adapters.cli import serving
from letterbook.adapters.cli.desk import Desk
from letterbook.adapters.cli.in_process import Client
from letterbook.adapters.door import GRAPH
from letterbook.adapters.graph.doorstep import Doorstep
from letterbook.adapters.graph.limits import Limits
from letterbook.adapters.graph.throttling import Throttled
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.serving import serving_on

# --- Serving, without a server ---------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])
def test_this_machine_is_loopback(host: str) -> None:
    """Nobody else can reach it."""
    assert serving.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mail.contoso.com", ""])
def test_everything_else_is_not(host: str) -> None:
    """A warning too many is better than one too few."""
    assert not serving.is_loopback(host)


def test_an_issuer_needs_keys_and_keys_an_issuer(alone: Terminal, tmp_path: Path) -> None:
    """One without the other would admit nobody, or anybody."""
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    assert "go together" in alone.refused("serve", "--issuer", "https://login.contoso.com", code=2)
    assert "go together" in alone.refused("serve", "--jwks", str(keys), code=2)
    assert "cannot be used" in alone.refused("serve", "--jwks", str(keys), "--issuer", "https://x.invalid")


def test_a_port_that_is_taken_is_named(alone: Terminal) -> None:
    """Before anything is announced."""
    with serving.listening("127.0.0.1", 0) as ear:
        port = str(ear.getsockname()[1])
        assert f"Cannot listen on 127.0.0.1 port {port}" in alone.refused("serve", "--port", port)


def test_nobody_is_throttled_unless_the_server_is_told_to(alone: Terminal, tmp_path: Path) -> None:
    """What Graph documents, or nothing."""
    for throttle, is_throttled in {"off": False, "graph": True, "5": True}.items():
        settings = serving.Settings(store=str(tmp_path / "mail.db"), throttle=throttle)
        with settings.open() as book:
            doorstep = book.asgi()
            assert isinstance(doorstep, Doorstep)
            assert isinstance(doorstep.face, Throttled) is is_throttled


@pytest.mark.parametrize("said", ["hard", "", "0", "-1", "5/", "5/0", "/5", "5/10/15", "1.5", "GRAPH", "٣"])
def test_a_limit_is_graphs_or_a_number(alone: Terminal, said: str) -> None:
    """Whoever mistypes it reads how it is written."""
    assert "5/10" in alone.refused("serve", "--throttle", said, code=2)


def test_who_wants_to_try_429_names_a_small_number() -> None:
    """Of requests, in a stretch of time: about mail and about subscriptions."""
    five = Limits.named("5/10")
    assert five is not None
    assert (five.requests, five.period) == (5, timedelta(seconds=10))
    assert (five.subscription_requests, five.subscription_changes) == (5, 5)
    assert five.subscription_period == timedelta(seconds=10)
    assert Limits.named("5") == Limits.of_requests(5, 600)
    assert Limits.named("graph") == Limits()
    assert Limits.named("off") is None


def test_audience_is_graphs_own_by_default() -> None:
    """As in the tokens that are issued here."""
    assert serving.Settings(store="mail.db").audience == GRAPH


# --- Serving, for real -----------------------------------------------------------------------------


def test_a_server_serves_until_ctrl_c(nowhere: Terminal) -> None:
    """A new store, a mailbox and a token beside the running server, requests, and a clean end."""
    with serving_on(nowhere.store) as server:
        nowhere.tell("user", "add", ALEX, "--name", "Alex Wilber")
        bearer = {"Authorization": f"Bearer {nowhere.tell('token', ALEX).strip()}"}
        assert server.client.get("/v1.0/me/messages").status_code == 401
        lasting = bearer | {"Prefer": 'IdType="ImmutableId"'}
        made = server.client.post("/v1.0/me/messages", headers=lasting, json={"subject": "Lunch"})
        assert made.status_code == 201
        assert made.json()["@odata.context"].startswith(f"{server.said['url']}/v1.0/$metadata#")
        assert [each["id"] for each in nowhere.ask("drafts")] == [made.json()["id"]]
        assert server.stop(signal.SIGINT) == (0, "Stopped.\n")
    assert [file.name for file in nowhere.store.parent.glob("mail.db-*")] == [], "the book was closed"


def test_a_server_delivers_what_was_left_lying(office: Terminal) -> None:
    """A letter that was sent before a crash arrives after the next start; SIGTERM is a clean end, too."""
    with open_book(office.store, deliver=False) as book:
        book.mailbox(ALEX).send_mail(subject="Lunch", to=[ADELE])
        assert book.waiting() == 1
    bearer = {"Authorization": f"Bearer {office.tell('token', ADELE).strip()}"}
    with serving_on(office.store) as server:
        for _ in range(1200):
            arrived = server.client.get("/v1.0/me/mailFolders/inbox/messages", headers=bearer).json()["value"]
            if arrived:
                break
            time.sleep(0.05)
        assert [each["subject"] for each in arrived] == ["Lunch"]
        assert server.stop(signal.SIGTERM) == (0, "Stopped.\n")


def test_a_server_that_others_can_reach_says_so(alone: Terminal) -> None:
    """One clear warning; and the address that clients use is the one given."""
    words = ("--host", "0.0.0.0", "--public-url", "https://mail.contoso.com/")
    with serving_on(alone.store, *words) as server:
        assert server.said["url"] == "https://mail.contoso.com"
        code, errors = server.stop(signal.SIGINT)
    assert code == 0
    assert errors.startswith("Warning: 0.0.0.0 is not a loopback address.")


@pytest.mark.slow
def test_several_workers_share_one_store(alone: Terminal) -> None:
    """Whoever answers, the mailbox is the same; all of them end with the first."""
    bearer = {"Authorization": f"Bearer {alone.tell('token', ALEX).strip()}"}
    with serving_on(alone.store, "--workers", "2") as server:
        for number in range(10):
            with httpx.Client(base_url=server.said["listening"], timeout=15) as client:
                body = {"subject": str(number)}
                assert client.post("/v1.0/me/messages", headers=bearer, json=body).status_code == 201
        assert server.stop(signal.SIGINT) == (0, "Stopped.\n")
    assert len(alone.ask("drafts")) == 10


def test_workers_end_with_a_server_that_was_killed(alone: Terminal) -> None:
    """It could tell them nothing; they finish what they do, close the book, and let go of the port.

    Two that close it at the same moment leave the log to whoever opens it next; not every time, though.
    """
    assert any(not left_by_workers(alone) for _ in range(4)), "the book was closed"


def left_by_workers(alone: Terminal) -> list[str]:
    """The files that are left beside the store by the workers of a server that was killed."""
    with serving_on(alone.store, "--workers", "2") as server:
        assert server.client.get("/v1.0/me/messages").status_code == 401
        server.process.kill()
        _, errors = server.process.communicate(timeout=30)  # ends when the last of them does
        assert "Traceback" not in errors
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.said["listening"])
    return [file.name for file in alone.store.parent.glob("mail.db-*")]


def test_people_are_told_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    """The address, and how to get a mailbox and a token, ready to be copied."""
    settings = serving.Settings(store="/mail/my mail.db")
    serving.announce(Desk(Path("mail.db"), as_json=False), settings, "http://127.0.0.1:8025", 1)
    said = capsys.readouterr().out
    assert "Letterbook serves '/mail/my mail.db' at http://127.0.0.1:8025\n" in said
    assert "TOKEN=$(letterbook token alexw@contoso.com --store '/mail/my mail.db')\n" in said


def test_a_providers_tokens_are_admitted_beside_our_own(alone: Terminal, tmp_path: Path) -> None:
    """And those of another provider are not."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), "https://login.contoso.com/v2.0"
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{**jwk, "kid": "one"}]}))
    claims = {"aud": GRAPH, "preferred_username": ALEX, "scp": "Mail.Read", "exp": time.time() + 600}

    def status(token: str) -> int:
        return Client(book.asgi(), token).ask("GET", "/v1.0/me/messages").status

    settings = serving.Settings(store=str(alone.store), jwks=str(keys), issuer=issuer)
    with settings.open() as book:
        assert status(alone.tell("token", ALEX).strip()) == 200
        assert status(jwt.encode(claims | {"iss": issuer}, key, "ES256", headers={"kid": "one"})) == 200
        assert status(jwt.encode(claims | {"iss": "other"}, key, "ES256", headers={"kid": "one"})) == 401
