"""A mailbox whose events are all gone is missed by a rebuild, and by whoever verifies or signs."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from letterbook import Book, StoreDamaged, open_book
from letterbook.adapters.store.chain import beginning, seal
from letterbook.application.notes import read_checkpoints
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.proof.test_verifying import tamper

VIEWS = ("view_people", "view_folders", "view_messages", "view_positions")
GHOST = UUID("99999999-9999-4999-8999-999999999999")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store of two, signed, with a letter in each of their mailboxes; closed."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        alex.send(alex.create_draft(subject="Lunch", body="At noon?", to=[ADELE]))
        book.mailbox(ADELE)
        book.deliver()
        book.checkpoint()
    return file


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    """The same, open."""
    with open_book(file, deliver=False) as book:
        yield book


def home_of(file: Path, who: str) -> UUID:
    """Whose mailbox is which."""
    with closing(sqlite3.connect(file)) as connection:
        statement = "SELECT mailbox FROM view_people WHERE key=?"
        return UUID(bytes=connection.execute(statement, (who,)).fetchone()[0])


def rows_of(file: Path, mailbox: UUID) -> list[list[tuple[object, ...]]]:
    """All that is shown of a mailbox."""
    with closing(sqlite3.connect(file)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} WHERE mailbox=?", (mailbox.bytes,)).fetchall()  # noqa: S608
            for table in VIEWS
        ]


def haunt(file: Path, mailbox: UUID) -> None:
    """Copy what is shown of a mailbox, under the name of one that never was."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO view_people (key, mailbox, address, name) VALUES ('randiw@contoso.com', ?, "
            "'randiw@contoso.com', 'Randi Welch')",
            (GHOST.bytes,),
        )
        for table in ("view_folders", "view_messages"):
            columns = connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
            names = ", ".join(name for (name,) in columns if name not in ("mailbox", "place"))
            connection.execute(
                f"INSERT INTO {table} (mailbox, {names}) SELECT ?, {names} FROM {table} WHERE mailbox=?",  # noqa: S608
                (GHOST.bytes, mailbox.bytes),
            )
        connection.execute(
            "INSERT INTO view_bodies SELECT ghost.place, body FROM view_messages AS ghost "
            "JOIN view_messages AS real USING (message) JOIN view_bodies ON view_bodies.place=real.place "
            "WHERE ghost.mailbox=? AND real.mailbox=?",
            (GHOST.bytes, mailbox.bytes),
        )


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    "covered_up", [(), ("checkpoints",), ("view_positions",)], ids=["openly", "unsigned", "unnoted"]
)
def test_the_last_trace_of_a_mailbox_is_never_dropped(
    file: Path, verify: bool, covered_up: tuple[str, ...]
) -> None:
    """Nothing but what is shown of it is left: it is missed, whoever compares or not."""
    adele = home_of(file, ADELE)
    for table in ("events", *covered_up):
        tamper(file, f"DELETE FROM {table} WHERE mailbox=?", adele.bytes)  # noqa: S608
    before = rows_of(file, adele)
    with (
        open_book(file, deliver=False) as book,
        pytest.raises(StoreDamaged, match=f"mailbox {adele}, event 1: is missing"),
    ):
        book.rebuild(verify=verify)
    assert rows_of(file, adele) == before


@pytest.mark.parametrize("option", ["--verify", "--json"])
def test_a_store_without_any_event_is_not_a_new_one(file: Path, option: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE events")
    assert "event 1: is missing" in Terminal(file).refused("rebuild", option)


@pytest.mark.parametrize("options", [("--verify",), ()])
def test_a_mailbox_that_was_signed_and_is_nowhere_is_named(file: Path, options: tuple[str, ...]) -> None:
    """Nothing is shown of it that could be lost."""
    adele = home_of(file, ADELE)
    for table in ("events", *VIEWS):
        tamper(file, f"DELETE FROM {table} WHERE mailbox=?", adele.bytes)  # noqa: S608
    for _ in range(2):
        done = Terminal(file).run("rebuild", *options)
        assert done.exit_code == 1
        assert f"{adele} 0 without any event" in " ".join(done.stdout.split())


@pytest.mark.parametrize("options", [("--verify",), ()])
def test_a_mailbox_that_never_was_is_named_and_shown_no_more(file: Path, options: tuple[str, ...]) -> None:
    """Nothing tells that it ever had an event: its rows are somebody's invention."""
    haunt(file, home_of(file, ADELE))
    terminal = Terminal(file)
    assert "randiw@contoso.com" in terminal.tell("user", "list")
    done = terminal.run("rebuild", *options)
    assert done.exit_code == 1
    assert "randiw@contoso.com 0 without any event" in " ".join(done.stdout.split())
    assert rows_of(file, GHOST) == [[]] * 4
    assert terminal.run("rebuild", *options).exit_code == 0


def test_an_address_that_somebody_invented_is_found(file: Path) -> None:
    """A second one of a mailbox that has its own, or its own under another key."""
    alex, adele = home_of(file, ALEX), home_of(file, ADELE)
    for statement, whose in (
        ("INSERT INTO view_people (key, mailbox, address, name) VALUES ('x@contoso.com', ?, 'x', '')", adele),
        ("UPDATE view_people SET key='y@contoso.com' WHERE mailbox=?", alex),
    ):
        tamper(file, statement, whose.bytes)
        with open_book(file, deliver=False) as book:
            told = {each.mailbox: each.equal for each in book.rebuild(verify=True)}
            assert told == {alex: True, adele: True} | {whose: False}
            assert all(each.equal for each in book.rebuild(verify=True))


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM view_search_keys WHERE owner=?",
        "DELETE FROM view_search WHERE rowid IN (SELECT key FROM view_search_keys WHERE owner=?)",
        "UPDATE view_search_keys SET home=zeroblob(16) WHERE owner=?",
    ],
)
def test_messages_that_no_search_looks_at_are_found(book: Book, file: Path, damage: str) -> None:
    """Whether their words are in the index is compared; which words these are is not."""
    alex, adele = book.mailbox(ALEX), book.mailbox(ADELE)
    assert [len(box.search("noon")) for box in (alex, adele)] == [1, 1]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(damage, (adele.id.bytes,))
    told = {each.mailbox: each.equal for each in book.rebuild(verify=True)}
    assert told == {alex.id: True, adele.id: False}
    assert len(adele.search("noon")) == 1
    assert all(each.equal for each in book.rebuild(verify=True))


def test_whoever_verifies_misses_a_mailbox_that_is_only_shown(file: Path) -> None:
    """Without checkpoints the lists of now are all that tells of it."""
    adele = home_of(file, ADELE)
    for table in ("events", "checkpoints", "tiles"):
        tamper(file, f"DELETE FROM {table} WHERE mailbox=?", adele.bytes)  # noqa: S608
    with open_book(file, deliver=False) as book:
        findings = [str(each) for each in book.verify().findings]
    assert findings[0] == f"event 1 of mailbox {adele} is missing"
    tamper(file, "DELETE FROM view_positions WHERE mailbox=?", adele.bytes)
    done = Terminal(file).run("verify")
    assert done.exit_code == 1
    assert f"{adele}: is shown as that of {ADELE}: no event is there" in done.stdout


def test_whoever_verifies_is_told_of_a_newest_event_that_nobody_signed(file: Path) -> None:
    """The lists of now were told of it: whoever proves, looks back or forks is refused for it, too."""
    terminal = Terminal(file)
    terminal.draft("--as", ALEX, "--subject", "Dinner")
    assert terminal.ask("verify")["good"]
    alex = home_of(file, ALEX)
    newest = "SELECT max(seq) FROM events WHERE mailbox=?1"
    tamper(file, f"DELETE FROM events WHERE mailbox=?1 AND seq=({newest})", alex.bytes)  # noqa: S608
    done = terminal.run("verify")
    assert done.exit_code == 1
    said = terminal.refused("checkpoint", "--as", ALEX)
    assert said.endswith("is missing")
    assert f"{ALEX}: {said}" in done.stdout


def test_whoever_verifies_is_told_of_an_event_that_no_list_knows(file: Path) -> None:
    """The lists say that the mailbox itself has not changed since, or that there were fewer events."""
    alex = home_of(file, ALEX)
    for change in (
        "position=2 WHERE LENGTH(name)=16 AND mailbox=?",
        "position=1 WHERE LENGTH(name)=16 AND mailbox=?",
    ):
        tamper(file, f"UPDATE view_positions SET {change}", alex.bytes)  # noqa: S608
        with open_book(file, deliver=False) as book:
            (finding,) = book.verify().findings
        assert "is in none of its lists" in str(finding)


def test_growth_is_proved_of_every_mailbox_that_was_signed(file: Path, tmp_path: Path) -> None:
    """Also of one that is shown no more: it is missed, and not passed over."""
    terminal, kept = Terminal(file), tmp_path / "checkpoints.txt"
    terminal.tell("checkpoint", "--to", str(kept))
    adele = home_of(file, ADELE)
    for table in ("events", "checkpoints", "tiles", "view_people"):
        tamper(file, f"DELETE FROM {table} WHERE mailbox=?", adele.bytes)  # noqa: S608
    assert f"no event of mailbox {adele}" in terminal.refused("prove", "--since", str(kept))
    assert len(json.loads(terminal.tell("prove", "--since", str(kept), "--as", ALEX))) == 1


def test_an_empty_store_proves_nothing(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoints.txt"
    Terminal(file).tell("checkpoint", "--to", str(kept))
    empty = tmp_path / "empty.db"
    empty.touch()
    assert "there is no event" in Terminal(empty).refused("prove", "--since", str(kept))
    adele = home_of(file, ADELE)
    others = [each for each in read_checkpoints(kept.read_text(encoding="utf-8")) if each.mailbox != adele]
    kept.write_text("".join(each.note for each in others), encoding="utf-8")
    assert "no checkpoint" in Terminal(file).refused("prove", "--since", str(kept), "--as", ADELE)


def test_a_person_who_was_erased_is_signed_and_proved_as_before(tmp_path: Path) -> None:
    """The erasure is part of the history, of which the store goes on to sign all."""
    terminal, kept = Terminal(tmp_path / "sealed.db"), tmp_path / "checkpoints.txt"
    terminal.tell("user", "add", ALEX, "--encrypted")
    terminal.tell("user", "add", ADELE)
    keys = terminal.tell("key")
    terminal.tell("checkpoint", "--to", str(kept))
    terminal.tell("erase", "--person", ALEX, "--why", "Article 17", "--by", "danas@contoso.com")
    assert terminal.tell("key") == keys
    assert sorted(each["events"] for each in terminal.ask("checkpoint")) == [1, 2]
    proofs = json.loads(terminal.tell("prove", "--since", str(kept)))
    assert sorted(proof["older"] for proof in proofs) == sorted(
        each.note for each in read_checkpoints(kept.read_text(encoding="utf-8"))
    )


@pytest.fixture
def exchanged(file: Path) -> Terminal:
    """A store in which somebody has exchanged the mailboxes of Alex and Adele, as they are shown."""
    alex, adele = home_of(file, ALEX), home_of(file, ADELE)
    with closing(sqlite3.connect(file)) as connection, connection:
        statement = "UPDATE view_people SET mailbox=? WHERE key=?"
        connection.executemany(statement, [(adele.bytes, ALEX), (alex.bytes, ADELE)])
    return Terminal(file)


def test_the_history_tells_whose_it_is(exchanged: Terminal) -> None:
    """Nobody's is certified under a name that anybody can write there."""
    with open_book(exchanged.store, deliver=False) as book:
        homes = {each.owner: each.mailbox for each in book.verify().mailboxes}
    done = exchanged.run("verify")
    assert done.exit_code == 1
    assert f"{ALEX}: is shown as that of {ADELE}" in done.stdout
    assert f"{ADELE}: is shown as that of {ALEX}" in done.stdout
    for who in (ALEX, ADELE):
        assert exchanged.ask("checkpoint", "--as", who)[0]["mailbox"] == str(homes[who])
        assert str(homes[who]) in exchanged.tell("key", "--as", who)


def test_a_name_that_only_the_lists_know_certifies_nothing(file: Path) -> None:
    tamper(file, "UPDATE view_people SET key=?1, address=?1 WHERE key=?2", "randiw@contoso.com", ALEX)
    terminal = Terminal(file)
    for command in ("key", "checkpoint", "verify"):
        assert f"was opened for {ALEX}" in terminal.refused(command, "--as", "randiw@contoso.com")
    done = terminal.run("verify", "--as", ALEX)
    assert f"{ALEX}: is shown as that of randiw@contoso.com" in done.stdout


def test_a_message_is_proved_from_the_history_of_whoever_is_not_shown(file: Path) -> None:
    """Neither is it looked for where the lists say, nor under their names."""
    with open_book(file, deliver=False) as book:
        letter = book.mailbox(ADELE).folder("inbox")[0].id
    adele = home_of(file, ADELE)
    tamper(file, "DELETE FROM view_people WHERE key=?", ADELE)
    terminal = Terminal(file)
    for options in ((), ("--as", ADELE)):
        assert json.loads(terminal.tell("prove", letter, *options))["mailbox"] == str(adele)
    assert "not found" in terminal.refused("prove", letter, "--as", ALEX)


def test_two_mailboxes_that_were_opened_for_one_person_are_both_told(file: Path) -> None:
    """Somebody sealed a second one for Adele: it is not taken for hers without a word."""
    adele = home_of(file, ADELE)
    with closing(sqlite3.connect(file)) as connection, connection:
        found = "SELECT topic, state, recorded FROM events WHERE mailbox=? AND seq=1"
        topic, state, recorded = connection.execute(found, (adele.bytes,)).fetchone()
        sealed = seal(beginning(GHOST).hash, GHOST.bytes, 1, GHOST.bytes, 1, recorded, topic, state)
        row = (GHOST.bytes, 1, GHOST.bytes, 1, topic, state, recorded, sealed)
        connection.execute(
            "INSERT INTO events (mailbox, seq, aggregate, version, topic, state, recorded, hash) "
            "VALUES (?,?,?,?,?,?,?,?)",
            row,
        )
    terminal = Terminal(file)
    assert "2 mailboxes were opened for" in terminal.refused("verify", "--as", ADELE)
    told = {each["mailbox"] for each in terminal.ask("checkpoint", "--as", ADELE)}
    assert told == {str(adele), str(GHOST)}
