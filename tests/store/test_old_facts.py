"""Facts of other versions in a store: old ones are read as today's, newer ones are refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from letterbook import open_book
from letterbook.adapters.store import mapper
from letterbook.adapters.store.chain import seal
from letterbook.application.ports import Addition
from letterbook.domain.facts import UnknownFact, catalogue
from letterbook.domain.message import Categorised
from letterbook.domain.versions import Versions
from tests.contracts.history import HOME, LETTER, ON, ask
from tests.domain.test_versions import FIRST, SECOND, Sung, stored, sung
from tests.fakes import FakeClock, opened_sqlite, sqlite_store
from tests.store.test_history import retell, tamper

LABELLED = Addition(HOME, LETTER, 0, (Categorised(on=ON, categories=("a",)),))


def put(file: Path, topic: str, state: bytes = b"") -> None:
    """A store with one fact of another version in it, sealed as its program did."""
    with opened_sqlite(file) as store, store.writing() as session:
        session.history.append([LABELLED])
    retell(file, topic, state)


def test_an_old_fact_in_a_store_is_read_as_todays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapper, "TODAY", Versions([*catalogue(), Sung], [FIRST, SECOND]))
    put(tmp_path / "mail.db", "message.sung.v1", stored(title="Lasagna", text="a/b"))
    with opened_sqlite(tmp_path / "mail.db") as store:
        (recorded,) = ask(store, lambda history: history.read(HOME))
        assert recorded.fact == sung("a", "b")
        assert ask(store, lambda history: history.stored(HOME))[0].topic == "message.sung.v1"


def test_a_newer_fact_in_a_store_is_refused_whoever_asks(tmp_path: Path) -> None:
    put(tmp_path / "mail.db", "message.categorised.v2")
    store = sqlite_store(tmp_path / "mail.db", FakeClock())
    with pytest.raises(UnknownFact, match=r"up to version 1\. Use a newer Letterbook"):
        ask(store, lambda history: history.read(HOME))
    store.close()


def test_a_store_whose_views_would_lack_a_newer_fact_is_not_opened(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        book.mailbox("alexw@contoso.com").create_draft(subject="Lunch")
    newer = "message.draft-created.v2"
    rename_last(tmp_path / "mail.db", newer)
    tamper(tmp_path / "mail.db", "DELETE FROM view_people")
    with pytest.raises(UnknownFact, match=newer):
        open_book(tmp_path / "mail.db")


def rename_last(file: Path, topic: str) -> None:
    """Give the last event another name, sealed as the program would have done it that knows the name."""
    with closing(sqlite3.connect(file)) as connection, connection:
        last = "SELECT mailbox, seq, aggregate, version, recorded, state FROM events ORDER BY seq DESC"
        mailbox, seq, aggregate, version, recorded, state = connection.execute(last).fetchone()
        before = "SELECT hash FROM events WHERE mailbox=? AND seq=?"
        (previous,) = connection.execute(before, (mailbox, seq - 1)).fetchone()
        sealed = seal(previous, mailbox, seq, aggregate, version, recorded, topic, state)
        renamed = "UPDATE events SET topic=?, hash=? WHERE mailbox=? AND seq=?"
        connection.execute(renamed, (topic, sealed, mailbox, seq))


def test_a_newer_fact_is_not_read_from_a_file_either(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        book.mailbox("alexw@contoso.com").create_draft(subject="Lunch")
        book.export_facts(tmp_path / "facts.jsonl")
    text = (tmp_path / "facts.jsonl").read_text().replace("draft-created.v1", "draft-created.v2")
    (tmp_path / "facts.jsonl").write_text(text)
    with open_book(tmp_path / "new.db", deliver=False) as book:
        with pytest.raises(UnknownFact, match=r"message\.draft-created\.v2"):
            book.import_facts(tmp_path / "facts.jsonl")
        assert book.users() == []
