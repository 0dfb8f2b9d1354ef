"""``$filter``: every property that can be asked for, in the ways clients write it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from letterbook.adapters.book import Book
from tests.graph.client import ALEX, MEGAN, Graph, book_of_three, stranger_at, to
from tests.looping import Conversations

WHOLE = "/me/messages"


@pytest.fixture(scope="module", params=["file", "memory"])
def book(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, loop: Conversations
) -> Iterator[Book]:
    """Letters of Alex, only read here.

    Both kinds of views have to answer alike."""
    place = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("book") / "mail.db"
    with book_of_three(place) as book, stranger_at(book, loop) as nobody:
        alex, megan = (nobody.holding(book.token(address)) for address in (ALEX, MEGAN))
        fill(alex, megan)
        yield book


def fill(alex: Graph, megan: Graph) -> None:
    """A letter that arrived, one that was sent, and drafts of several kinds."""
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
    megan.sent(subject="From Megan", toRecipients=to(ALEX), importance="high")
    megan.book.deliver()
    alex.sent(subject="Sent by Alex", isRead=True)
    alex.draft(subject="It's a draft", attachments=[file], categories=["Red"])
    alex.draft(subject="Low", importance="low", flag={"flagStatus": "flagged"})
    alex.draft(subject="Другой", inferenceClassification="other", isRead=False)
    mention = [{"mentioned": {"address": ALEX.upper()}}]
    alex.beta.draft(subject="Mentions Alex", mentions=mention)


def subjects(found: list[dict[str, Any]]) -> list[str]:
    """What the messages found are about."""
    return [message["subject"] for message in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("subject eq 'Low'", ["Low"]),
        ("subject eq 'low'", ["Low"]),
        ("subject eq 'It''s a draft'", ["It's a draft"]),
        ("SUBJECT eq 'Low'", ["Low"]),
        ("subject eq 'ДРУГОЙ'", ["Другой"]),
        ("'Low' eq subject", ["Low"]),
        ("subject in ('Low','From Megan')", ["From Megan", "Low"]),
        ("subject gt 'Ma' and subject lt 'Mz'", ["Mentions Alex"]),
        ("importance eq 'high'", ["From Megan"]),
        ("importance eq 'High'", ["From Megan"]),
        ("importance ne 'normal'", ["From Megan", "Low"]),
        ("isDraft eq false", ["From Megan", "Sent by Alex"]),
        ("isRead eq false and isDraft eq false", ["From Megan"]),
        ("isRead eq false", ["From Megan", "Другой"]),
        ("isRead ne true", ["From Megan", "Другой"]),
        ("not isRead", ["From Megan", "Другой"]),
        ("not (isRead eq true)", ["From Megan", "Другой"]),
        ("hasAttachments eq true", ["It's a draft"]),
        ("hasattachments EQ true", ["It's a draft"]),
        (f"from/emailAddress/address eq '{MEGAN}'", ["From Megan"]),
        (f"From/EmailAddress/Address eq '{MEGAN.upper()}'", ["From Megan"]),
        ("from/emailAddress/name eq 'Megan Bowen'", ["From Megan"]),
        (f"sender/emailAddress/address eq '{ALEX}'", ["Sent by Alex"]),
        ("flag/flagStatus eq 'flagged'", ["Low"]),
        ("inferenceClassification eq 'other'", ["Другой"]),
        ("mentionsPreview/isMentioned eq true", ["Mentions Alex"]),
        ("MentionsPreview/IsMentioned eq true", ["Mentions Alex"]),
        ("startswith(subject,'From')", ["From Megan"]),
        ("startswith(subject, 'from')", ["From Megan"]),
        ("endswith(subject,'alex')", ["Mentions Alex", "Sent by Alex"]),
        ("contains(subject,'EGA')", ["From Megan"]),
        ("contains(subject,'it''s')", ["It's a draft"]),
        ("contains(subject,'%25')", []),
        ("contains(subject,'_')", []),
        ("startswith(from/emailAddress/address,'megan')", ["From Megan"]),
        ("(importance eq 'low' or importance eq 'high') and isDraft eq true", ["Low"]),
        ("importance eq 'high' or subject eq 'Low' or subject eq 'Другой'", ["From Megan", "Low", "Другой"]),
    ],
)
def test_a_filter_finds_what_it_says(alex: Graph, text: str, found: list[str]) -> None:
    query = quote(text.replace("%25", "%"), safe="$(),/'")
    for written in (query, query.replace("%20", "+")):
        assert sorted(subjects(alex.beta.values(f"{WHOLE}?$filter={written}"))) == found
        assert sorted(subjects(alex.beta.values(f"{WHOLE}?%24filter={written}"))) == found
        assert alex.beta.read(f"{WHOLE}?$filter={written}&$count=true")["@odata.count"] == len(found)
