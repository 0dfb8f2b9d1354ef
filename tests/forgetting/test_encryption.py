"""A store that is encrypted: what is in it, what opens it, and what is found when its keys were changed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from letterbook import Book, Mailbox, MoveRefused, StoreDamaged, StoreRefused, open_book
from letterbook.adapters.master_key import VARIABLE
from letterbook.adapters.store import keys
from letterbook.application import jobs
from letterbook.application.jobs import NewMessage
from letterbook.application.work import Work
from letterbook.domain.letter import Letter
from letterbook.domain.people import EmailAddress
from tests.graph.client import ALEX, MEGAN

SECRET = "Xylophone"
KEY = bytes(range(32))


def tampered(file: Path, statement: str) -> None:
    """Change the file behind the back of the program."""
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def asked(file: Path, statement: str) -> list[Any]:
    """What is in the file."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def key_beside(file: Path) -> Path:
    """Where the key is, if nobody says otherwise."""
    return file.with_name(f"{file.name}.key")


@pytest.fixture
def kept(book: Book, megans: Mailbox, file: Path) -> Path:
    """A closed store in which Megan wrote a letter."""
    megans.create_draft(subject=SECRET, body="At noon?", to=[ALEX])
    book.close()
    return file


def test_a_store_is_opened_again_without_saying_that_it_is_encrypted(kept: Path) -> None:
    with open_book(kept, deliver=False) as book:
        assert [draft.subject for draft in book.mailbox(MEGAN).drafts()] == [SECRET]
        assert book.verify().good
        assert all(each.equal for each in book.rebuild(verify=True))


def test_no_fact_says_anything_to_whoever_has_no_key(kept: Path) -> None:
    states = [state for (state,) in asked(kept, "SELECT state FROM events")]
    assert len(states) == 4
    assert all(state[:1] == b"\x01" for state in states)
    assert not any(word in state for state in states for word in (SECRET.encode(), b"Megan", b"contoso"))


def test_what_kind_of_facts_there_are_and_when_stays_known(kept: Path) -> None:
    assert asked(kept, "SELECT topic FROM events ORDER BY recorded DESC LIMIT 1") == [
        ("message.draft-created.v1",)
    ]


def test_the_same_fact_twice_is_stored_as_different_bytes(book: Book, megans: Mailbox, file: Path) -> None:
    for _ in range(2):
        megans.create_draft(subject="Lunch")
    states = asked(file, "SELECT state FROM events WHERE topic='message.draft-created.v1'")
    assert len({state[13:60] for (state,) in states}) == 2


def test_every_message_has_a_key_of_its_own(book: Book, megans: Mailbox, file: Path) -> None:
    draft = megans.create_draft(subject="Lunch")
    megans.update_draft(draft, subject="Dinner")
    assert asked(file, "SELECT count(*), count(DISTINCT wrapped) FROM keys") == [(7, 7)]


def test_the_key_is_beside_the_store_for_its_owner_alone(kept: Path) -> None:
    assert key_beside(kept).stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(key_beside(kept).read_text().strip())) == 32


def test_the_environment_may_name_the_file_of_the_key(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    for _ in range(2):
        with open_book(file, encrypted=True, deliver=False) as book:
            book.mailbox(MEGAN)
    assert not key_beside(file).exists()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(StoreRefused, match="key is not there"):
        open_book(file)


def test_a_program_may_keep_the_key_itself(file: Path) -> None:
    for _ in range(2):
        with open_book(file, key=KEY, deliver=False) as book:
            book.mailbox(MEGAN)
    assert not key_beside(file).exists()
    with pytest.raises(StoreRefused, match="key is not there"):
        open_book(file)


def _lost(key: Path) -> None:
    key.unlink()


def _another(key: Path) -> None:
    key.write_text("00" * 32)


def _none(key: Path) -> None:
    key.write_text("open sesame")


@pytest.mark.parametrize(
    ("change", "why"),
    [(_lost, "key is not there"), (_another, "with another key"), (_none, "cannot be read as the key")],
)
def test_without_the_right_key_nothing_is_opened_and_nothing_changed(
    kept: Path, change: Callable[[Path], None], why: str
) -> None:
    was = kept.read_bytes()
    change(key_beside(kept))
    with pytest.raises(StoreRefused, match=why):
        open_book(kept)
    assert kept.read_bytes() == was


def test_a_key_that_is_given_has_to_be_one_and_the_right_one(kept: Path) -> None:
    for key, why in ((b"short", "32 bytes"), (KEY, "another key")):
        with pytest.raises(StoreRefused, match=why):
            open_book(kept, key=key)


def test_an_unencrypted_store_stays_so(file: Path) -> None:
    with open_book(file, deliver=False) as book:
        book.mailbox(MEGAN)
    for how in ({"encrypted": True}, {"key": KEY}):
        with pytest.raises(StoreRefused, match="is not encrypted, and stays so"):
            open_book(file, **how)
    assert not key_beside(file).exists()
    with open_book(file, deliver=False) as book:
        assert len(book.users()) == 1
    assert asked(file, "SELECT name FROM sqlite_master WHERE name IN ('keys', 'purge')") == []


def test_a_book_in_memory_is_not_encrypted() -> None:
    with pytest.raises(StoreRefused, match="in memory"):
        open_book(":memory:", encrypted=True)


# --- What was changed ------------------------------------------------------------------------------


def test_a_missing_key_is_damage_and_no_erasure(kept: Path) -> None:
    tampered(kept, _LAST_KEY)
    with open_book(kept, deliver=False) as book:
        (finding,) = book.verify().findings
        assert "missing, and it was not erased" in finding.why
        with pytest.raises(StoreDamaged, match="not erased"):
            book.mailbox(MEGAN).history(book.mailbox(MEGAN).drafts()[0])


_LAST_KEY = (
    "DELETE FROM keys WHERE aggregate=(SELECT aggregate FROM events WHERE topic='message.draft-created.v1')"
)
_FLIPPED = (
    "UPDATE keys SET wrapped=CAST(substr(wrapped, 1, 20) || x'00' || substr(wrapped, 22) AS BLOB) "
    "WHERE aggregate=(SELECT aggregate FROM events WHERE topic='message.draft-created.v1')"
)
_SWAPPED = (
    "UPDATE keys SET wrapped=(SELECT wrapped FROM keys AS other WHERE other.aggregate=x'') "
    "WHERE aggregate<>x''"
)


@pytest.mark.parametrize("change", [_FLIPPED, _SWAPPED], ids=["flipped", "swapped"])
def test_a_key_that_is_not_what_was_kept_is_found(kept: Path, change: str) -> None:
    tampered(kept, change)
    with open_book(kept, deliver=False) as book:
        assert "is not the one that was kept" in book.verify().findings[0].why


# --- Elsewhere -------------------------------------------------------------------------------------


def test_a_fork_is_encrypted_with_the_same_key(book: Book, megans: Mailbox, tmp_path: Path) -> None:
    megans.create_draft(subject=SECRET)
    for at in (None, book.engine.clock.now()):
        name = tmp_path / ("whole.db" if at is None else "then.db")
        book.fork(name, at=at).close()
        assert key_beside(name).read_text() == key_beside(tmp_path / "mail.db").read_text()
        with open_book(name, deliver=False) as fork:
            assert [draft.subject for draft in fork.mailbox(MEGAN).drafts()] == [SECRET]
            assert fork.verify().good


def test_a_fork_does_not_take_the_place_of_another_key(book: Book, tmp_path: Path) -> None:
    key_beside(tmp_path / "fork.db").write_text("something")
    with pytest.raises(StoreRefused, match="there already"):
        book.fork(tmp_path / "fork.db")
    assert not (tmp_path / "fork.db").exists()


def test_the_facts_of_an_encrypted_store_go_into_one_with_the_same_key(
    book: Book, megans: Mailbox, tmp_path: Path
) -> None:
    megans.create_draft(subject=SECRET)
    lines = tmp_path / "facts.jsonl"
    book.export_facts(lines)
    assert SECRET.encode() not in lines.read_bytes()
    key = bytes.fromhex(key_beside(tmp_path / "mail.db").read_text())
    with open_book(tmp_path / "new.db", key=key, deliver=False) as new:
        new.import_facts(lines)
        assert [draft.subject for draft in new.mailbox(MEGAN).drafts()] == [SECRET]
        assert new.checkpoint()[0].root == book.checkpoint()[0].root
        assert new.verify().good


def test_facts_do_not_go_where_they_could_not_be_read_or_not_be_erased(
    book: Book, megans: Mailbox, tmp_path: Path
) -> None:
    megans.create_draft(subject=SECRET)
    book.export_facts(tmp_path / "sealed.jsonl")
    with open_book(tmp_path / "plain.db", deliver=False) as plain:
        with pytest.raises(MoveRefused, match="this store is not"):
            plain.import_facts(tmp_path / "sealed.jsonl")
        plain.mailbox(MEGAN).create_draft(subject="Lunch")
        plain.export_facts(tmp_path / "clear.jsonl")
    for name, why in (("sealed", "key of another store"), ("clear", "could not be erased")):
        with open_book(tmp_path / f"{name}.db", key=KEY, deliver=False) as other:
            with pytest.raises(MoveRefused, match=why):
                other.import_facts(tmp_path / f"{name}.jsonl")
            assert other.users() == []


@pytest.mark.parametrize("most", range(1, 12))
def test_keys_that_were_only_just_made_are_not_forgotten_before_they_are_kept(
    book: Book, file: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """However many a program remembers, and wherever in a transaction it has to begin anew."""
    monkeypatch.setattr(keys, "_REMEMBERED", most)
    dana, on = EmailAddress(address="danas@contoso.com"), book.engine.occasion("system:book")

    def begin(work: Work) -> None:
        home = jobs.open_mailbox(work, dana, on).mailbox
        for _ in range(2):
            jobs.create_draft(
                work, home, book.engine.ids.new(), NewMessage(letter=Letter(subject=SECRET)), on
            )

    book.engine.run(begin)
    book.close()
    with open_book(file, deliver=False) as opened:
        assert [each.subject for each in opened.mailbox(dana.address).drafts()] == [SECRET] * 2
        assert opened.verify().good
        assert opened.rebuild(verify=True)[-1].equal
