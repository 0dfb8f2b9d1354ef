"""Delta queries as of an earlier point: a round of then, after which what happened since is told."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.graph.client import Graph
from tests.graph.eventful import Life
from tests.graph.test_as_of_searches import position

DRAFTS = "/me/mailFolders/drafts/messages/delta"
PATHS = [
    DRAFTS,
    "/me/mailFolders/inbox/messages/delta?changeType=created",
    "/me/mailFolders/sentitems/messages/delta?$select=subject,isRead",
    "/me/mailFolders/delta",
    "/me/mailFolders/msgfolderroot/childFolders/delta",
]


def round_of(graph: Graph, path: str) -> tuple[list[dict[str, Any]], str]:
    """All that a round tells, page by page, and where the next one begins."""
    told: list[dict[str, Any]] = []
    while True:
        page = graph.read(path, headers={"Prefer": "odata.maxpagesize=3"})
        told += page["value"]
        if "@odata.deltaLink" in page:
            return told, page["@odata.deltaLink"]
        path = page["@odata.nextLink"]


def said(told: list[dict[str, Any]]) -> list[Any]:
    """The subjects, and why something is gone."""
    return [each.get("subject") or each["@removed"]["reason"] for each in told]


def test_a_round_of_then_and_what_happened_since(alex: Graph) -> None:
    drafts = [alex.draft(subject=f"{number}")["id"] for number in range(5)]
    then = position(alex)
    alex.changed(f"/me/messages/{drafts[0]}", {"subject": "new"})
    assert alex.post(f"/me/messages/{drafts[1]}/permanentDelete").status_code == 204
    alex.draft(subject="later")

    told, link = round_of(alex, f"{DRAFTS}?asOf={then}")

    assert said(told) == ["4", "3", "2", "1", "0"]
    assert "asOf" not in link
    assert said(round_of(alex, link)[0]) == ["new", "deleted", "later"]


def test_a_round_up_to_then(alex: Graph) -> None:
    """From a link of before; one of a later moment knows nothing of it."""
    draft = alex.draft(subject="One")
    _, before = round_of(alex, f"{DRAFTS}?$deltatoken=latest")
    alex.changed(f"/me/messages/{draft['id']}", {"subject": "Two"})
    then = position(alex)
    alex.draft(subject="Three")
    _, after = round_of(alex, f"{DRAFTS}?$deltatoken=latest")

    assert said(round_of(alex, f"{before}&asOf={then}")[0]) == ["Two"]
    assert said(round_of(alex, before)[0]) == ["Two", "Three"]
    gone = alex.get(f"{after}&asOf={then}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "resyncRequired")
    assert gone.headers["location"].endswith(f"&asOf={then}")


def test_the_preference_pins_all_pages(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=f"{number}")
    then = position(alex)
    alex.draft(subject="later")
    first = alex.read(DRAFTS, headers={"Prefer": f'letterbook.as-of="{then}", odata.maxpagesize=2'})
    assert said(first["value"]) == ["2", "1"]
    assert said(alex.read(first["@odata.nextLink"])["value"]) == ["0"]


@pytest.mark.parametrize("path", PATHS)
def test_a_round_is_that_of_a_store_that_was_stopped_there(
    alex: Graph, megan: Graph, tmp_path: Path, path: str
) -> None:
    Life(alex, megan, Random(5)).go_on(25)
    then = position(alex)
    expected, _ = round_of(alex, path)
    Life(alex, megan, Random(6)).go_on(25)

    told, _ = round_of(alex, f"{path}{'&' if '?' in path else '?'}asOf={then}")

    assert told == expected
