"""What each request asks of SQLite, to the statement.

The lists below are what the code did when it was measured to be fast. To change one honestly: run the
benchmark before and after, say in the commit what the statement buys, and then write it down here. A
statement that appeared without anybody wanting it is a mistake, and so is a list that was changed to match.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from letterbook import Mailbox, open_book
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to
from tests.guards.counting import Ear

BEGIN = ["BEGIN IMMEDIATE", "PRAGMA data_version"]
PULSE = ["PRAGMA data_version"]
ROW = ["BEGIN", "SELECT view_messages", "ROLLBACK"]
FOLDERS = ["BEGIN", "SELECT view_folders", "ROLLBACK"]
NEW = ["INSERT events", "INSERT view_messages", "INSERT view_bodies"]
CHANGED = ["INSERT events", "UPDATE view_messages"]
"""No index is written again, and the body only where it is another one."""
MOVED = ["INSERT events", "INSERT view_messages"]
COUNT = ["UPDATE view_folders"]
NEW_WORDS = ["INSERT view_positions"]
"""Written where the words of a message changed: they are put into the search index later."""
POSITION, COMMIT = ["INSERT view_positions"], ["COMMIT"]
END = [*POSITION, *COMMIT]
POST = [*COUNT, *NEW_WORDS, *POSITION, "INSERT parcels", *COMMIT]
"""A folder counts anew, and there is one parcel for the one recipient."""


@pytest.fixture
def draft(alex: Graph, ear: Ear) -> str:
    """The path of a draft that the engine has in mind, in a store that was written to before.

    With its first write an engine forgets whom it has read of: somebody else may have written before.
    """
    path = f"/me/messages/{alex.draft()['id']}"
    alex.beta.get(path)
    ear.clear()
    return path


def statements(alex: Graph, ear: Ear, method: str, path: str, said: Any = None) -> list[str]:
    """What one request asked."""
    ear.clear()
    answer = alex.beta.request(method, path, json=said)
    assert answer.is_success, answer.text
    return ear.told


def test_create(alex: Graph, ear: Ear, draft: str) -> None:
    """An event, a message, its body, the count of Drafts."""
    said = {"subject": "Offsite", "toRecipients": to(ADELE)}
    asked = statements(alex, ear, "POST", "/me/messages", said)
    assert asked == [*BEGIN, *NEW, *COUNT, *NEW_WORDS, *END]


def test_create_with_a_mention(alex: Graph, ear: Ear, draft: str) -> None:
    """One event more; names are looked up once and then remembered."""
    said = {"toRecipients": to(ADELE), "mentions": [{"mentioned": {"address": MEGAN}}]}
    alex.beta.made("/me/messages", said)
    assert statements(alex, ear, "POST", "/me/messages", said) == [
        *BEGIN,
        "INSERT events",
        *NEW,
        *COUNT,
        *NEW_WORDS,
        *END,
    ]


def test_update(alex: Graph, ear: Ear, draft: str) -> None:
    """The state is remembered: nothing is read."""
    asked = statements(alex, ear, "PATCH", draft, {"subject": "New"})
    assert asked == [*BEGIN, *CHANGED, *NEW_WORDS, *END]


def test_update_of_the_body(alex: Graph, ear: Ear, draft: str) -> None:
    """It is kept by itself."""
    said = {"body": {"contentType": "text", "content": "New"}}
    asked = statements(alex, ear, "PATCH", draft, said)
    assert asked == [*BEGIN, *CHANGED, "INSERT view_bodies", *NEW_WORDS, *END]


@pytest.mark.parametrize("said", [{"categories": ["Blue"]}, {"flag": {"flagStatus": "flagged"}}])
def test_update_that_changes_no_words(alex: Graph, ear: Ear, draft: str, said: object) -> None:
    """The search index has nothing to do with it."""
    assert statements(alex, ear, "PATCH", draft, said) == [*BEGIN, *CHANGED, *END]


def test_mention(alex: Graph, ear: Ear, draft: str) -> None:
    """Neither is the name of a person who was looked up before."""
    said = {"mentioned": {"address": ADELE}}
    assert statements(alex, ear, "POST", f"{draft}/mentions", said) == [*BEGIN, *CHANGED, *END]


def test_send(alex: Graph, ear: Ear, draft: str) -> None:
    """One event, and all that follows from it."""
    assert statements(alex, ear, "POST", f"{draft}/send") == [*BEGIN, *MOVED, *COUNT, *POST]


def test_send_mail(alex: Graph, ear: Ear, draft: str) -> None:
    """Two facts in one transaction; the message is put into its folder once, and Drafts never hears of it."""
    said = {"message": {"subject": "Offsite", "toRecipients": to(ADELE)}}
    asked = statements(alex, ear, "POST", "/me/sendMail", said)
    assert asked == [*BEGIN, "INSERT events", *NEW, *POST]


def test_get_a_message(alex: Graph, ear: Ear, draft: str) -> None:
    """One row."""
    assert statements(alex, ear, "GET", draft) == [*PULSE, *ROW]


@pytest.mark.parametrize("path", ["/me/messages", "/me/mailFolders/drafts/messages"])
@pytest.mark.parametrize("query", ["", "?$top=1000", "?$select=subject", "?$filter=isRead eq true"])
def test_list(alex: Graph, ear: Ear, draft: str, path: str, query: str) -> None:
    """One statement for all rows of a page, however many."""
    for number in range(30):
        alex.draft(subject=f"{number}")
    assert statements(alex, ear, "GET", path + query) == [*PULSE, *ROW]


def test_list_with_a_count(alex: Graph, ear: Ear, draft: str) -> None:
    """The count of a folder is kept; its messages are not counted."""
    path = "/me/mailFolders/drafts/messages?$count=true"
    assert statements(alex, ear, "GET", path) == [*PULSE, *ROW, *FOLDERS]


def test_folders(alex: Graph, ear: Ear, draft: str) -> None:
    """All in one, with their counts."""
    assert statements(alex, ear, "GET", "/me/mailFolders") == [*PULSE, *FOLDERS]


PAGES = [
    "/me/messages",
    "/me/messages?$top=5&$skip=7",
    "/me/messages?$orderby=subject",
    "/me/messages?$count=true",
    "/me/messages?$filter=contains(subject,'1')",
    "/me/messages?$select=subject,body,toRecipients",
    "/me/mailFolders/drafts/messages",
    "/me/mailFolders/drafts/messages?$count=true&$top=3",
    "/me/mailFolders/drafts/messages?$filter=isRead eq true&$count=true",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("prefer", ["", 'outlook.body-content-type="html"'])
def test_a_page_never_reads_the_history(alex: Graph, ear: Ear, draft: str, path: str, prefer: str) -> None:
    """Nor does any page behind it; the links are followed to the end."""
    for number in range(12):
        alex.draft(subject=f"{number}")
    ear.clear()
    pages = (alex.saying(Prefer=prefer) if prefer else alex).walk(path)
    assert sum(map(len, pages)) > 0
    assert [statement for statement in ear.heard if "events" in statement.lower()] == []


def test_what_reads_the_history_is_heard(alex: Graph, ear: Ear, draft: str) -> None:
    """The ear would hear it: a message's attachments are told from its history."""
    assert "SELECT events" in statements(alex, ear, "GET", f"{draft}/attachments")


def test_a_repeated_page_is_answered_without_asking(alex: Graph, ear: Ear, draft: str) -> None:
    """But for whether somebody wrote."""
    first = alex.get("/me/messages")
    ear.clear()
    for _ in range(5):
        assert alex.get("/me/messages").content == first.content
    assert ear.told == PULSE * 5


@pytest.fixture
def other(draft: str, alex: Graph, file: Path) -> Iterator[Mailbox]:
    """Another program at the same store; the book has noticed that there is one."""
    with open_book(file, deliver=False) as there:
        there.mailbox(MEGAN).create_draft(subject="Noticed")
        alex.beta.changed(draft, {"subject": "Noticed, too"})
        alex.beta.get(draft)  # whose mailbox it is, is read again
        yield there.mailbox(ALEX)


def test_an_update_after_somebody_else_wrote_elsewhere(
    alex: Graph, ear: Ear, draft: str, other: Mailbox
) -> None:
    """The newest event, and what came before it: nothing of that is about the message."""
    other.create_draft(subject="Elsewhere")
    asked = statements(alex, ear, "PATCH", draft, {"subject": "New"})
    assert asked == [*BEGIN, *["SELECT events"] * 2, *CHANGED, *NEW_WORDS, *END]


def test_an_update_after_somebody_else_changed_the_message(
    alex: Graph, ear: Ear, draft: str, other: Mailbox
) -> None:
    """Its history, and what the lists show of it, too; nothing else."""
    other.update_draft(draft.rpartition("/")[2], subject="Here")
    asked = statements(alex, ear, "PATCH", draft, {"subject": "New"})
    told = [*["SELECT events"] * 3, "SELECT view_messages"]
    assert asked == [*BEGIN, *told, *CHANGED, *NEW_WORDS, *END]
