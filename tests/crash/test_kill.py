"""``kill -9`` in the middle of a load of sends: nothing acknowledged is lost, nothing is doubled."""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from letterbook import Mailbox, open_book
from tests.warm import Program, started

KILLS = int(os.environ.get("LETTERBOOK_KILLS", "100"))
KILLS_PER_STORE = 25
CLIENTS = 4
OUTSIDE = "danas@fabrikam.com"


class Acknowledged:
    """What the server said it had done."""

    def __init__(self) -> None:
        self.drafts: set[str] = set()
        self.sent: set[str] = set()
        self._more = threading.Condition()

    def add_sent(self, subject: str) -> None:
        """A letter was accepted."""
        with self._more:
            self.sent.add(subject)
            self._more.notify_all()

    def wait_for(self, more: int) -> None:
        """However slow the machine is: a server that has done nothing yet is not worth a kill."""
        with self._more:
            enough = len(self.sent) + more
            assert self._more.wait_for(lambda: len(self.sent) >= enough, 60), "nothing is sent"


def test_three_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """The short version, on every run."""
    check(tmp_path / "mail.db", killed_again_and_again(tmp_path / "mail.db", 3))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, KILLS, KILLS_PER_STORE))
def test_a_hundred_kills_lose_and_double_nothing(tmp_path: Path, first: int) -> None:
    """As many as ``LETTERBOOK_KILLS`` says, 25 to a store."""
    kills = min(KILLS_PER_STORE, KILLS - first)
    check(tmp_path / "mail.db", killed_again_and_again(tmp_path / "mail.db", kills))


# --- The load --------------------------------------------------------------------------------------


def killed_again_and_again(store: Path, kills: int) -> Acknowledged:
    """Start, load, kill, and again; gives what was acknowledged in all."""
    known, chance = Acknowledged(), random.Random(kills)
    for round_ in range(kills):
        with served(store) as (process, port, token):
            clients = [
                threading.Thread(target=write, args=(port, token, f"{round_}-{client}", known))
                for client in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            known.wait_for(2)
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
            for client in clients:
                client.join()
    assert len(known.sent) > kills, "there was a load"
    return known


@contextmanager
def served(store: Path) -> Iterator[tuple[Program, int, str]]:
    """A server of a store: its process, its port, and Alex's token."""
    with started("-m", "tests.crash.server", str(store)) as process:
        port, token = process.stdout.readline().split()
        yield process, int(port), token


def write(port: int, token: str, mark: str, known: Acknowledged) -> None:
    """Write and send letters until the server is gone, now in one request, now in two."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for number in range(10_000):
            subject = f"{mark}-{number}"
            if number % 3:
                create_and_send(connection, token, subject, known)
            elif post(connection, token, "sendMail", {"message": letter(subject)})[0] == 202:
                known.add_sent(subject)
    except (OSError, HTTPException):
        return
    finally:
        connection.close()


def create_and_send(connection: HTTPConnection, token: str, subject: str, known: Acknowledged) -> None:
    """Two requests, each acknowledged for itself."""
    status, body = post(connection, token, "messages", letter(subject))
    assert status == 201
    known.drafts.add(subject)
    if post(connection, token, f"messages/{json.loads(body)['id']}/send", None)[0] == 202:
        known.add_sent(subject)


def letter(subject: str) -> dict[str, object]:
    """To somebody inside and somebody outside."""
    people = ["meganb@contoso.com", OUTSIDE]
    return {
        "subject": subject,
        "body": {"contentType": "text", "content": "Are we still on? " * 20},
        "toRecipients": [{"emailAddress": {"address": address}} for address in people],
    }


def post(connection: HTTPConnection, token: str, path: str, body: object) -> tuple[int, bytes]:
    """One request and its whole answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", f"/v1.0/me/{path}", json.dumps(body) if body else b"", headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


# --- The check -------------------------------------------------------------------------------------


def check(store: Path, known: Acknowledged) -> None:
    """Let delivery finish, and look at everything."""
    with open_book(store) as book:
        book.deliver()
        alex, megan = book.mailbox("alexw@contoso.com"), book.mailbox("meganb@contoso.com")
        sent, drafts = subjects(alex, "sentitems"), subjects(alex, "drafts")
        assert book.waiting() == 0
        assert known.sent <= set(sent), "every acknowledged letter is in Sent Items"
        assert known.drafts <= {*sent, *drafts}, "every acknowledged draft is there"
        assert len({*sent, *drafts}) == len(sent) + len(drafts), "nothing is there twice"
        assert subjects(megan, "inbox") == sent, "who lives here has each letter once"
        assert outgoing(store) == sent, "who lives elsewhere has each letter once"
        assert subjects(alex, "inbox") == [], "nothing came back"
        assert [each.equal for each in book.rebuild(verify=True)] == [True, True]


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    """The subjects in a folder, sorted."""
    return sorted(message.subject for message in mailbox.folder(folder, top=1_000_000))


def outgoing(store: Path) -> list[str]:
    """The subjects of the letters that left the house, sorted."""
    files = store.with_name(f"{store.name}.outgoing").glob("*.eml")
    return sorted(message_from_bytes(file.read_bytes())["Subject"] for file in files)
