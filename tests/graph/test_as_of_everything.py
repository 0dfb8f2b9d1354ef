"""As of any point, every answer is that of a store that was stopped there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from letterbook.adapters.book import Book
from letterbook.adapters.views import past_lesson
from tests.graph.client import ALEX, MEGAN, Graph, stranger_at
from tests.graph.eventful import Life
from tests.looping import Conversations

SCOPES = "Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite User.Read User.ReadBasic.All"
FOLDERS = ("drafts", "inbox", "sentitems", "deleteditems", "archive", "recoverableitemsdeletions")
LISTS = (
    "?$top=5",
    "?$top=50&$count=true&$expand=attachments,extensions",
    "?$top=3&$skip=2&$orderby=receivedDateTime",
    "?$filter=isRead eq false&$count=true",
    "?$filter=importance eq 'high' and isDraft eq true&$top=4",
    "?$orderby=subject,receivedDateTime desc&$top=6&$select=subject,from",
    "?$orderby=lastModifiedDateTime desc&$top=6",
    "/$count",
    "/$count?$filter=hasAttachments eq true",
    '?$search="pizza"&$top=4',
    '?$search="subject:quarterly OR NOT from:meganb"&$top=50&$count=true&$select=subject,sentDateTime',
    '?$search="strasse AND hasAttachments:false"',
    '?$search="会議"&$top=50',
    '?$search="off* OR importance:high"&$top=7',
    '?$search="\\"quarterly report\\" AND NOT to:adelev"&$top=50',
    '?$search="NOT (pizza OR (importance:low AND NOT subject:会議の資料))"&$top=9',
    '/$count?$search="offsite"',
)
SINGLE = ("", "?$expand=attachments", "/$value", "/attachments", "/mentions", "/extensions")
OTHERS = (
    "/me/mailFolders?$top=50&includeHiddenFolders=true",
    "/me/mailFolders?$top=3&$expand=childFolders",
    "/me/mailFolders/$count",
    "/me/mailboxSettings",
    "/me/outlook/masterCategories",
    "/me/inferenceClassification/overrides",
    "/me/mailFolders/inbox/messageRules",
    "/me",
)


def paths(ids: list[str], folders: list[str]) -> Iterator[str]:
    """Everything that can be read of a mailbox."""
    yield from OTHERS
    for query in LISTS:
        yield f"/me/messages{query}"
        yield from (f"/me/mailFolders/{folder}/messages{query}" for folder in (*FOLDERS, *folders))
    for folder in (*FOLDERS, *folders):
        yield f"/me/mailFolders/{folder}"
        yield f"/me/mailFolders/{folder}/childFolders?$top=50"
    for name in ids:
        yield from (f"/me/messages/{name}{single}" for single in SINGLE)


def told(answer_text: str) -> str:
    """An answer without what is meant to differ: how the links to further pages are signed."""
    text = re.sub(r"(?<=[?&])(\$skiptoken|asOf)=[^&\"]*&?", "", answer_text)
    text = re.sub(r"[?&]+\"", '"', text)
    return re.sub(r'"(date|request-id|client-request-id)":"[^"]*"', "", text)


@contextmanager
def stopped(book: Book, place: Path, position: int, loop: Conversations) -> Iterator[Graph]:
    """Alex at a store that holds his mailbox up to a position, and nothing else."""
    with book.fork(place, at=position, only=ALEX) as other, stranger_at(other, loop) as nobody:
        yield nobody.holding(other.token(ALEX, SCOPES)).beta
    for each in place.parent.glob(f"{place.name}*"):
        if each.is_file():
            each.unlink()


def compare(alex: Graph, folder: Path, positions: list[int], some: Random, most: int, only: str = "") -> None:
    """Every answer as of some positions with that of a store that was stopped there.

    Only those whose path has something in it, if that is said.
    """
    ids = [each["id"] for each in alex.values("/me/messages?$top=900&$select=id")]
    inbox = alex.values("/me/mailFolders/inbox/childFolders?$top=50")
    for position in positions:
        chosen = list(paths(some.sample(ids, min(4, len(ids))), [each["id"] for each in inbox[:2]]))
        with stopped(alex.book, folder / f"{position}.db", position, alex.loop) as there:
            chosen = [path for path in chosen if only in path]
            for path in some.sample(chosen, min(most, len(chosen))):
                as_of = alex.get(f"{path}{'&' if '?' in path else '?'}asOf={position}")
                then = there.get(path)
                assert as_of.status_code == then.status_code, (path, position, as_of.text, then.text)
                assert told(as_of.text) == told(then.text), (path, position)


def lived(nobody: Graph, seed: int, steps: int) -> Graph:
    """Alex after an eventful time."""
    alex, megan = (nobody.holding(nobody.book.token(who, SCOPES)).beta for who in (ALEX, MEGAN))
    Life(alex, megan, Random(seed)).go_on(steps)
    return alex


def head(book: Book) -> int:
    """The end of Alex's history."""
    with book.engine.store.reading() as session:
        return session.history.head(book.mailbox(ALEX).id).seq


@pytest.fixture(autouse=True)
def short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that begin anew after few changes."""
    monkeypatch.setattr(past_lesson, "_SHORTEST", 8)


def test_any_answer_as_of_some_points(nobody: Graph, tmp_path: Path) -> None:
    alex, random = lived(nobody, seed=5, steps=150), Random(7)

    compare(alex, tmp_path, random.sample(range(1, head(nobody.book) + 1), 8), random, most=60)


def test_any_search_as_of_some_points(nobody: Graph, tmp_path: Path) -> None:
    """In every folder; what has lasted comes from the index, also what was written a moment ago."""
    alex, random = lived(nobody, seed=9, steps=120), Random(3)

    compare(alex, tmp_path, random.sample(range(1, head(nobody.book) + 1), 10), random, 100, "$search")


@pytest.mark.usefixtures("at_a_glance")
def test_any_answer_at_a_glance(nobody: Graph, tmp_path: Path) -> None:
    """Told from what is shown now, and what has changed since; nothing is taken in."""
    alex, random = lived(nobody, seed=6, steps=150), Random(8)

    compare(alex, tmp_path, random.sample(range(1, head(nobody.book) + 1), 8), random, most=60)

    assert not nobody.book.travel.follower.has_begun()


@pytest.mark.slow
def test_any_answer_as_of_a_thousand_points(nobody: Graph, tmp_path: Path) -> None:
    alex, random = lived(nobody, seed=11, steps=1200), Random(13)

    compare(alex, tmp_path, random.sample(range(1, head(nobody.book) + 1), 1000), random, most=25)
