"""What is no such thing is refused with a sentence that says so, and leaves no trace."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from letterbook import Book, EmailAddress, Mailbox, StoreRefused, open_book
from letterbook.domain import refusals
from tests.graph.client import ADELE, ALEX, state_of

HALF = "\ud800"
"""Half of a surrogate pair: JSON can spell it, UTF-8 cannot."""
Ask = Callable[[Mailbox, str], object]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book that can forget."""
    with open_book(tmp_path / "mail.db", encrypted=True, deliver=False) as opened:
        yield opened


@pytest.fixture
def box(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox(ALEX)


@pytest.fixture
def draft(box: Mailbox) -> str:
    """A draft in it."""
    return box.create_draft(subject="Lunch", to=[ADELE]).id


def refuses(book: Book, error: type[Exception], said: str, ask: Callable[[], object]) -> None:
    """It is refused, in these words, and nothing happened."""
    before = state_of(book)
    with pytest.raises(error, match=said) as refused:
        ask()
    str(refused.value).encode()  # the sentence can be printed
    assert state_of(book) == before


WITH_HALF: dict[str, Ask] = {
    "subject": lambda box, _: box.create_draft(subject=HALF),
    "body": lambda box, _: box.create_draft(body=HALF),
    "large body": lambda box, _: box.create_draft(body=f"{HALF}{'a' * 70_000}"),
    "name": lambda box, _: box.create_draft(to=[EmailAddress(name=HALF, address=ADELE)]),
    "recipient": lambda box, _: box.create_draft(cc=[f"{HALF} <{ADELE}>"]),
    "header": lambda box, _: box.create_draft(headers={"x-a": HALF}),
    "file": lambda box, draft: box.attach(draft, HALF, b"a"),
    "letter": lambda box, _: box.send_mail(subject=HALF, to=[ADELE]),
    "new subject": lambda box, draft: box.update_draft(draft, subject=HALF),
    "new body": lambda box, draft: box.update_draft(draft, body=HALF),
    "mention": lambda box, draft: box.mention(draft, EmailAddress(name=HALF, address=ADELE)),
    "comment": lambda box, draft: box.forward(draft, [ADELE], HALF),
    "hold": lambda box, _: box.place_hold(HALF, why="They sue us."),
    "search of a hold": lambda box, _: box.place_hold("All", why="They sue us.", search=f"a{HALF}"),
    "reason": lambda box, draft: box.erase(draft, why=HALF),
}


@pytest.mark.parametrize("ask", WITH_HALF.values(), ids=WITH_HALF)
def test_a_text_is_made_of_characters(book: Book, box: Mailbox, draft: str, ask: Ask) -> None:
    refuses(book, ValueError, "half of a surrogate pair", lambda: ask(box, draft))


def test_so_are_the_names_of_people(book: Book) -> None:
    for ask in (
        lambda: book.add_user(ADELE, name=HALF),
        lambda: book.mailbox(f"{HALF}@contoso.com"),
        lambda: book.erase_people(ADELE, why=HALF),
    ):
        refuses(book, ValueError, "half of a surrogate pair", ask)


@pytest.mark.parametrize("text", ["会議", "🏝", "\ufffd", "é"])
def test_every_character_is_written(box: Mailbox, text: str) -> None:
    """Also where it is no ASCII, or two units of UTF-16."""
    made = box.create_draft(subject=text, body=text, to=[EmailAddress(name=text, address=ADELE)])
    assert (made.subject, made.body.content, made.to_recipients[0].email_address.name) == (text,) * 3


ONE_PERSON: list[Ask] = [
    lambda box, draft: box.mention(draft, "danas@contoso.com, meganb@contoso.com"),
    lambda box, draft: box.unmention(draft, "danas@contoso.com, meganb@contoso.com"),
    lambda box, _: box.allow_sending("danas@contoso.com, meganb@contoso.com"),
    lambda box, _: box.forbid_sending("danas@contoso.com, meganb@contoso.com"),
]


@pytest.mark.parametrize("ask", ONE_PERSON)
def test_who_is_one_person_is_not_two(book: Book, box: Mailbox, draft: str, ask: Ask) -> None:
    refuses(book, refusals.RecipientUnresolved, "meganb", lambda: ask(box, draft))


@pytest.mark.parametrize("who", [None, 5, ["danas@contoso.com"]])
def test_who_is_no_person_is_not_resolved(book: Book, box: Mailbox, draft: str, who: Any) -> None:
    refuses(book, refusals.RecipientUnresolved, "is not resolved", lambda: box.mention(draft, who))
    refuses(book, refusals.RecipientUnresolved, "is not resolved", lambda: box.create_draft(to=[who]))


def test_a_file_is_not_its_name(book: Book, box: Mailbox) -> None:
    names: Any = ["menu.pdf"]
    refuses(book, TypeError, "FileAttachment", lambda: box.create_draft(attachments=names))


def test_nobody_wants_less_than_nothing(book: Book, box: Mailbox, draft: str) -> None:
    """And as much as there is has no end."""
    asks: list[Callable[[int], list[object]]] = [
        lambda most: [*box.drafts(top=most)],
        lambda most: [*box.folder("drafts", top=most)],
        lambda most: [*box.search("lunch", top=most)],
        lambda most: [*box.changes(1, limit=most)],
    ]
    half: Any = 1.5
    for ask in asks:
        assert (len(ask(0)), len(ask(1)), len(ask(10**20))) == (0, 1, 1)
        refuses(book, ValueError, "-1 is less than none", lambda: ask(-1))  # noqa: B023 - asked at once
        refuses(book, TypeError, "integer", lambda: ask(half))  # noqa: B023 - asked at once
    assert draft


@pytest.mark.parametrize("since", [-5, 3, 10**20, True, 1.5, "yesterday", None])
def test_a_position_is_one_that_the_history_has_come_to(
    book: Book, box: Mailbox, draft: str, since: Any
) -> None:
    """Whoever follows a store that was put back to an earlier copy hears of it."""
    refuses(book, refusals.PointUnknown, "position", lambda: box.changes(since))
    assert (len(box.changes()), box.changes(2)) == (2, ()), draft


@pytest.mark.parametrize("point", [1.5, b"1", None, [2], True])
def test_a_point_is_a_moment_or_a_position(book: Book, box: Mailbox, point: Any) -> None:
    for ask in (lambda: box.at(point), lambda: box.diff(point)):
        refuses(book, refusals.PointUnknown, "not a moment or a position", ask)


@pytest.mark.parametrize("path", ["", ".", "..", "folder", "/"])
def test_a_folder_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Nor does one become one."""
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with open_book("mail.db", deliver=False) as book:
        book.mailbox(ALEX)
        before = sorted(tmp_path.rglob("*"))
        for ask in (open_book, book.fork):
            with pytest.raises(StoreRefused, match="is a folder"):
                ask(path)
        assert sorted(tmp_path.rglob("*")) == before
