"""Whatever somebody does to a history is found, given the last checkpoint, and the first bad event is named.

Each tampering is done to the real table inside a transaction that is rolled back; both verifiers then look at
the mailbox from its first event on, and now and then at the whole store.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

import pytest

from letterbook.adapters.notary import Ed25519Notary
from letterbook.adapters.store.evidence import SqliteEvidence
from letterbook.adapters.store.mapper import FactMapper, FactTranscoder
from letterbook.application.checkpoints import Checkpoints
from letterbook.application.notes import Checkpoint
from letterbook.application.ports import Addition
from letterbook.application.verifying import Finding, Look
from tests.contracts.history import HOME, filed
from tests.fakes import opened_sqlite
from tests.proof.forger import KINDS, Forger
from tests.proof.independent import verifier

NAMES = [uuid5(HOME, f"letter {number}") for number in range(40)]
WHOLE_STORE = 50
"""Each time after so many tamperings, all mailboxes are looked at."""


@dataclass(frozen=True)
class Log:
    """A store of many events, and what somebody kept outside it."""

    file: Path
    notary: Ed25519Notary
    mailboxes: list[UUID]
    outside: list[Checkpoint]
    events: int

    @contextmanager
    def tampered(self) -> Iterator[sqlite3.Connection]:
        """The table, to be tampered with; afterwards nothing has happened."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def letterbook_finds(self, connection: sqlite3.Connection, mailbox: UUID) -> Sequence[Finding]:
        """What Letterbook's own verifier says of a mailbox."""
        connection.text_factory = str
        evidence = SqliteEvidence(connection, FactMapper(FactTranscoder()))
        outside = [each for each in self.outside if each.mailbox == mailbox]
        return Look(evidence, mailbox, self.notary, [self.notary.public]).at(outside).findings

    def auditor_finds(self, connection: sqlite3.Connection, mailbox: UUID) -> tuple[int, int, str] | None:
        """What the independent one says."""
        outside = [(m.mailbox.bytes, m.size, m.root) for m in self.outside if m.mailbox == mailbox]
        found: tuple[int, int, str] | None
        _, _, found = verifier.check_mailbox(connection, mailbox.bytes, outside, [self.notary.public])
        return found


def log_of(file: Path, mailboxes: int, events: int, every: int) -> Log:
    """A store with so many events in each mailbox, signed whenever so many have come."""
    chance = Random(0)
    homes = [uuid5(HOME, f"mailbox {number}") for number in range(mailboxes)]
    with opened_sqlite(file) as store:
        notary = Ed25519Notary.of_store(store.secret)
        outside: list[Checkpoint] = []
        checkpoints = Checkpoints(store, notary, witnesses=[outside.append])
        for home in homes:
            versions = dict.fromkeys(NAMES, 0)
            for start in range(0, events, every):
                with store.writing() as session:
                    for number in range(start, min(start + every, events)):
                        name = chance.choice(NAMES)
                        session.history.append([Addition(home, name, versions[name], filed(f"{number}"))])
                        versions[name] += 1
                checkpoints.sign(home)
    return Log(file, notary, homes, outside, mailboxes * events)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A small one."""
    return log_of(tmp_path_factory.mktemp("log") / "mail.db", mailboxes=3, events=600, every=130)


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A hundred thousand events."""
    return log_of(tmp_path_factory.mktemp("log") / "mail.db", mailboxes=50, events=2_000, every=700)


def assert_found(log: Log, kind: str, number: int) -> None:
    """One tampering at random is found by both verifiers, who name the event."""
    chance = Random(f"{kind} {number}")
    mailbox = chance.choice(log.mailboxes)
    last = log.events // len(log.mailboxes)
    at = chance.randint(1, last - 1 if kind == "reorder" else last)
    with log.tampered() as connection:
        KINDS[kind](Forger(connection, mailbox, chance), at)
        (found, *more) = log.letterbook_finds(connection, mailbox)
        assert (found.seq, found.until, more) == (at, None, []), (kind, number, str(found))
        named = log.auditor_finds(connection, mailbox)
        assert named is not None
        assert named[:2] == (at, 0), (kind, number, named)
        for other in log.mailboxes if number % WHOLE_STORE == 0 else ():
            assert bool(log.letterbook_finds(connection, other)) is (other == mailbox)
            assert bool(log.auditor_finds(connection, other)) is (other == mailbox)


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found(log: Log, kind: str) -> None:
    """Twenty of each kind, at random places."""
    for number in range(20):
        assert_found(log, kind, number)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_tamperings_of_each_kind_are_found(long_log: Log, kind: str, part: int) -> None:
    """Six thousand of six thousand, in a log of a hundred thousand events."""
    assert long_log.events == 100_000
    for number in range(part * 100, part * 100 + 100):
        assert_found(long_log, kind, number)


def test_nothing_is_found_where_nobody_tampered(log: Log) -> None:
    """Or the tests above would show nothing."""
    with log.tampered() as connection:
        for mailbox in log.mailboxes:
            assert log.letterbook_finds(connection, mailbox) == ()
            assert log.auditor_finds(connection, mailbox) is None


def sign_anew(log: Log, connection: sqlite3.Connection, mailbox: UUID) -> None:
    """What a forger does who holds the store's key: gathers the hashes again, and signs them."""
    hashes = [
        row[0]
        for row in connection.execute(
            "SELECT hash FROM events WHERE mailbox=? ORDER BY seq", (mailbox.bytes,)
        )
    ]
    tiles = [b"".join(hashes[start : start + 256]) for start in range(0, len(hashes), 256)]
    connection.execute("DELETE FROM tiles WHERE mailbox=?", (mailbox.bytes,))
    connection.executemany(
        "INSERT INTO tiles VALUES (?,?,x'',?)",
        [(mailbox.bytes, number, tile) for number, tile in enumerate(tiles)],
    )
    connection.execute("DELETE FROM checkpoints WHERE mailbox=?", (mailbox.bytes,))


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_gathered_hashes_a_thorough_forger_is_found_between_two_checkpoints(
    log: Log, kind: str
) -> None:
    """Nothing inside the store tells which event it was, but the checkpoints outside tell between which."""
    for number in range(10):
        chance, mailbox = Random(number), log.mailboxes[number % 3]
        at = chance.randint(1, 599)
        with log.tampered() as connection:
            forger = Forger(connection, mailbox, chance)
            KINDS[kind](forger, at)
            rest = forger.take(at, forger.size + 3)
            forger.put(forger.sealed(forger.numbered(rest, at)))
            sign_anew(log, connection, mailbox)
            (found,) = log.letterbook_finds(connection, mailbox)
            assert found.seq is not None
            assert found.seq <= at <= (found.until or found.seq)
            assert (found.until or found.seq) - found.seq < 130, "no further apart than the checkpoints"
            named = log.auditor_finds(connection, mailbox)
            assert named is not None
            assert named[:2] == (found.seq, found.until or 0)
