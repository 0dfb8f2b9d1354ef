"""One flipped bit in the newest fact of whatever: nothing is ever answered as if that fact did not exist.

For each kind of fact there is a store that ends with one, so that no later fact of the same message, or of
the mailbox itself, shows that one is missing between them.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, Refused, StoreDamaged, open_book
from letterbook.application import keeping
from letterbook.application.following import begin, resume
from letterbook.application.public_ids import Kind, public
from letterbook.application.work import Work
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import catalogue
from tests.old_mail.story import told
from tests.proof.test_flipped_bits import COLUMNS, REFUSED, Kept, copied, kept
from tests.proof.test_verifying import flipped, put, report, value

KINDS = sorted(kind.stored_name for kind in catalogue())

Answers = dict[str, str]
Ending = Callable[[str, bool], tuple[Path, Kept]]


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ending]:
    """Makes a store whose history ends with a fact of a kind, closed, and names that fact."""
    place = tmp_path_factory.mktemp("stories")

    @cache
    def story(encrypted: bool) -> Path:
        file = place / f"{encrypted}" / "mail.db"
        file.parent.mkdir()
        with told(file, encrypted=encrypted):
            return file

    def ended(kind: str, encrypted: bool) -> tuple[Path, Kept]:
        origin = story(encrypted)
        event = [each for each in kept(origin) if each.topic == kind][-1]
        if kind == OwnerErased.stored_name:
            return origin, event  # nobody is there any more whose mailbox could be forked
        folder = place / f"{encrypted}-{kind}"
        if not folder.exists():
            folder.mkdir()
            with open_book(origin, deliver=False) as book:
                owner = book.engine.person(str(UUID(bytes=event.mailbox))).address
                book.fork(folder / "mail.db", at=event.seq, only=owner).close()
        return folder / "mail.db", event

    yield ended
    shutil.rmtree(place)


# --- Everything that can be asked about it ---------------------------------------------------------


def asked(file: Path, event: Kept) -> Answers:
    """What is answered to everything in which the fact shows, each time by a program that knows nothing."""
    home, name = UUID(bytes=event.mailbox), UUID(bytes=event.aggregate)
    with open_book(file, deliver=False) as book:
        ask = of_mailbox if home == name else of_message
        questions = [*ask(book, home, name), *of_either(book, home, name, event.seq, file.parent)]
        return {title: answer(question) for title, question in questions}


def answer(question: Callable[[], Any]) -> str:
    """An answer, or the word that there is none."""
    try:
        return repr(question())
    except StoreDamaged:
        return REFUSED
    except Refused as no:
        return f"no: {no.code}"


def of_mailbox(book: Book, home: UUID, _name: UUID) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What its owner wants, and what has to be kept."""
    engine = book.engine
    yield "itself", partial(engine.mailbox, home)
    yield "to whoever writes", partial(engine.run, lambda work: work.is_open(home) and work.mailbox(home))
    yield "holds", partial(keeping.names_of_holds, engine, home)
    yield "refused", partial(keeping.refused_removals, engine, home)
    yield "followed", partial(followed, book, home)
    for person in engine.people():
        if person.mailbox == home:
            box = book.mailbox(person.address)
            yield "different", partial(box.diff, 0)
            yield "folders", box.folders


def followed(book: Book, home: UUID) -> object:
    """Where whoever follows begins, and goes on."""
    with book.engine.store.reading() as session:
        return resume(session, home, begin(session, home).end())


def of_message(book: Book, home: UUID, name: UUID) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What it is, and what happened to it."""
    engine, box = book.engine, book.mailbox(book.engine.person(str(home)).address)
    yield "state", partial(engine.message, home, name)
    yield "history", partial(engine.history, home, name)
    yield "timeline", partial(box.timeline, public(Kind.MESSAGE, name))
    yield "to whoever writes", partial(engine.run, partial(written_about, home, name))
    yield "held by", partial(keeping.holds_on, engine, home, name)


def written_about(home: UUID, name: UUID, work: Work) -> object:
    """A job that changes nothing."""
    return work.message(home, name)


def of_either(
    book: Book, home: UUID, name: UUID, end: int, folder: Path
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What happened in the mailbox, and how it was then."""
    for person in book.users():
        if person.mailbox == home:
            box = book.mailbox(person.address)
            yield "changes", box.changes
            yield "exported", partial(book.export_facts, folder / "facts.jsonl")
            yield "proof", partial(proved, book, home, name)
            yield "then", partial(shown_then, box, end)


def shown_then(box: Mailbox, end: int) -> object:
    """What folders there were, and drafts."""
    return box.at(end).folders(), box.at(end).drafts()


def proved(book: Book, home: UUID, name: UUID) -> object:
    """What a proof proves, without who signs it and when."""
    return [event["seq"] for event in book.checkpoints.prove(home, name)["events"]]


# --- One bit ---------------------------------------------------------------------------------------


def flip(file: Path, event: Kept, column: str, chance: Random) -> None:
    """Flip a bit of a column; one that leads to a place that is taken the table itself refuses."""
    old = value(file, column, event.mailbox, event.seq)
    while True:
        if isinstance(old, int):
            new: object = old ^ 1 << chance.randrange(62)
        else:
            new = flipped(old.encode() if column == "topic" else old, chance)
        try:
            return put(file, column, new, event.mailbox, event.seq)
        except sqlite3.IntegrityError:
            continue


def check(ending: Ending, folder: Path, kind: str, encrypted: bool, columns: tuple[str, ...]) -> None:
    """Every answer is what it was, or refused; and the store as a whole is found to be damaged."""
    origin, event = ending(kind, encrypted)
    before = asked(copied(origin, folder / "good"), event)
    assert REFUSED not in before.values()
    for column in columns:
        file = copied(origin, folder / column)
        flip(file, event, column, Random(f"{kind} {column}"))
        after = asked(file, event)
        wrong = {title: said for title, said in after.items() if said not in (REFUSED, before[title])}
        assert not wrong, column
        assert REFUSED in after.values(), column
        assert not report(file).good, column


@pytest.mark.parametrize("kind", KINDS)
def test_a_newest_fact_that_lost_its_name_is_missed(ending: Ending, tmp_path: Path, kind: str) -> None:
    check(ending, tmp_path, kind, True, ("mailbox", "aggregate"))


@pytest.mark.slow
@pytest.mark.parametrize("encrypted", [False, True], ids=["in-clear", "encrypted"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_bit_of_a_newest_fact_flips_unnoticed(
    ending: Ending, tmp_path: Path, kind: str, encrypted: bool
) -> None:
    check(ending, tmp_path, kind, encrypted, COLUMNS)
