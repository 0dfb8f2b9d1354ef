"""``$search`` as of an earlier point: each page is of that point, whatever happens between two of them."""

import pytest

from tests.graph.client import ALEX, Graph

WHOLE = "/me/messages"


def position(alex: Graph) -> int:
    """Where Alex's history ends."""
    with alex.book.engine.store.reading() as session:
        return session.history.head(alex.book.mailbox(ALEX).id).seq


@pytest.fixture
def drafts(alex: Graph) -> list[str]:
    """The ids of seven drafts about pizza; they stay the same wherever they are moved."""
    return [alex.lasting.draft(subject=f"Pizza {number}", importance="high")["id"] for number in range(7)]


def subjects(alex: Graph, path: str) -> list[str]:
    """What is found, on one page."""
    return [each["subject"] for each in alex.values(path)]


@pytest.mark.parametrize("folder", ["/me/messages", "/me/mailFolders/drafts/messages"])
def test_each_is_found_once_over_all_pages(alex: Graph, drafts: list[str], folder: str) -> None:
    """Those that were seen, and those that were not, are moved, written over and deleted meanwhile."""
    before, lasting = position(alex), alex.lasting
    first = alex.read(f'{folder}?$search="pizza"&$top=3&asOf={before}')
    assert f"asOf={before}" in first["@odata.nextLink"]
    for number in (6, 3):
        lasting.post(f"/me/messages/{drafts[number]}/move", json={"destinationId": "archive"})
    for number in (5, 2):
        lasting.changed(f"/me/messages/{drafts[number]}", {"subject": "Pasta"})
    for number in (4, 1):
        assert lasting.post(f"/me/messages/{drafts[number]}/permanentDelete").status_code == 204
    alex.draft(subject="Pizza, later")
    second = alex.read(first["@odata.nextLink"])
    for number in (6, 3):
        lasting.changed(f"/me/messages/{drafts[number]}", {"subject": "Pasta"})
    rest = alex.walk(second["@odata.nextLink"])

    pages = [first["value"], second["value"], *rest]
    assert [each["subject"] for page in pages for each in page] == [f"Pizza {n}" for n in range(6, -1, -1)]


def test_where_a_message_was_then_counts(alex: Graph, drafts: list[str]) -> None:
    before = position(alex)
    alex.lasting.post(f"/me/messages/{drafts[0]}/move", json={"destinationId": "archive"})

    found = [
        subjects(alex, f'/me/mailFolders/{folder}/messages?$search="subject:0"{asked}')
        for folder in ("drafts", "archive")
        for asked in (f"&asOf={before}", "")
    ]
    assert found == [["Pizza 0"], [], [], ["Pizza 0"]]


def test_how_a_message_was_then_counts(alex: Graph, drafts: list[str]) -> None:
    """Whether it is found by what is no word, alone or beside words that were written over since."""
    before = position(alex)
    alex.lasting.changed(f"/me/messages/{drafts[0]}", {"importance": "low"})
    alex.lasting.changed(f"/me/messages/{drafts[1]}", {"subject": "Pasta", "importance": "low"})
    query = '$search="importance:low OR subject:0 OR subject:1"'

    assert subjects(alex, f"{WHOLE}?{query}&asOf={before}") == ["Pizza 1", "Pizza 0"]
    assert subjects(alex, f"{WHOLE}?{query}") == ["Pasta", "Pizza 0"]
    assert subjects(alex, f'{WHOLE}?$search="importance:low"&asOf={before}') == []


def test_they_are_counted_as_they_were(alex: Graph, drafts: list[str]) -> None:
    before = position(alex)
    alex.lasting.changed(f"/me/messages/{drafts[0]}", {"subject": "Pasta"})

    assert alex.get(f'{WHOLE}/$count?$search="pizza"&asOf={before}').text.strip("\ufeff") == "7"
    assert alex.get(f'{WHOLE}/$count?$search="pizza"').text.strip("\ufeff") == "6"
    assert alex.read(f'{WHOLE}?$search="pizza"&$count=true&$top=1&asOf={before}')["@odata.count"] == 7
