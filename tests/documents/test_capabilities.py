"""docs/capabilities.md says what the program does."""

import re
from collections.abc import Iterator

import pytest

from letterbook.adapters.graph.routes import ROUTES
from tests.documents.talking import GraphClient
from tests.documents.ticking import CAPABILITIES

PATHS = {"F": "U/mailFolders/drafts", "M": "U/messages/{message}", "U": "/me"}


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading."""
    text = CAPABILITIES.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| `(.+) \|$", text, re.MULTILINE):
        yield [cell.strip(" `") for cell in line.split(" | ")]


def missing() -> list[tuple[str, int]]:
    """What the documentation says is not there, and how that is answered."""
    return [(request, int(status)) for request, status in rows("What is not there yet")]


def spelled_out(path: str) -> str:
    """One path that a line stands for, in version 1.0."""
    for short, long in PATHS.items():
        path = re.sub(rf"^{short}\b", long, path)
    return f"/v1.0{path}"


def test_the_table_has_every_endpoint_with_its_versions_and_scopes() -> None:
    documented = [(row[0], row[1], set(row[2].split(", "))) for row in rows("What is there")]

    built = [
        (f"{route.method} {route.path}", "beta" if route.beta_only else "both", set(route.scopes))
        for route in ROUTES
    ]
    assert documented == built


@pytest.mark.parametrize(("request_line", "status"), missing())
def test_what_is_not_there_yet_is_answered_by_an_error(
    alex: GraphClient, request_line: str, status: int
) -> None:
    method, _, path = request_line.partition(" ")
    draft_id = alex.draft()["id"]

    answer = alex.ask(method, spelled_out(path).format(message=draft_id), json={})

    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "innerError"}
    assert [message["id"] for message in alex.folder("drafts")] == [draft_id]
