"""``$filter`` as Graph's pages and OData spell it: ``not(`` without a space, values with their type."""

import pytest

from tests.graph.client import ADELE, ALEX, Graph

BAD = (400, "BadRequest")


@pytest.fixture
def mail(alex: Graph) -> Graph:
    """Alex, with two drafts."""
    alex.draft(subject="High", importance="high", isRead=False, categories=["Red"])
    alex.draft(subject="Low (not urgent)", importance="low", flag={"flagStatus": "flagged"})
    return alex


def subjects(graph: Graph, text: str, path: str = "/me/messages") -> list[str]:
    """What the messages are about that a filter finds."""
    return sorted(each["subject"] for each in graph.values(path, params={"$filter": text}))


HIGH, LOW = ["High"], ["Low (not urgent)"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("not(isRead eq true)", HIGH),
        ("NOT(isRead eq true)", HIGH),
        ("not(isRead)", HIGH),
        ("not(not(isRead))", LOW),
        ("not(categories/any(c:c eq 'Red'))", LOW),
        ("isRead eq true or(not(importance eq 'low'))", HIGH + LOW),
        ("isRead eq true and(importance eq 'low')", LOW),
        ("not(startswith(subject,'Low (not(')) and not(isRead)", HIGH),
        ("subject eq 'Low (not urgent)'", LOW),
        ("importance in('high')", HIGH),
        ("importance in('high','low')", HIGH + LOW),
        ("importance eq microsoft.graph.importance'high'", HIGH),
        ("importance eq Microsoft.Graph.Importance'HIGH'", HIGH),
        ("microsoft.graph.importance'high' ne importance", LOW),
        ("importance in (microsoft.graph.importance'high')", HIGH),
        ("importance in('low',microsoft.graph.importance'high')", HIGH + LOW),
        ("flag/flagStatus eq microsoft.graph.followupFlagStatus'flagged'", LOW),
        ("inferenceClassification ne microsoft.graph.inferenceClassificationType'other'", HIGH + LOW),
    ],
)
def test_it_is_understood(mail: Graph, text: str, found: list[str]) -> None:
    assert subjects(mail, text) == sorted(found)
    said = {"displayName": "Found", "sourceFolderIds": ["drafts"], "filterQuery": text}
    kind = {"@odata.type": "microsoft.graph.mailSearchFolder"}
    made = mail.made("/me/mailFolders/searchfolders/childFolders", said | kind)
    assert subjects(mail, "isDraft", f"/me/mailFolders/{made['id']}/messages") == sorted(found)


@pytest.mark.parametrize(
    "text",
    [
        "importance eq microsoft.graph.importance'loud'",
        "importance eq microsoft.graph.bodyType'text'",
        "subject eq microsoft.graph.importance'high'",
        "importance eq importance'high'",
        "importance eq contoso.importance'high'",
        "contains(importance, microsoft.graph.importance'high')",
    ],
)
def test_a_value_of_another_type_is_refused(mail: Graph, text: str) -> None:
    mail.refused("GET", "/me/messages", *BAD, params={"$filter": text})


@pytest.mark.parametrize(
    "text",
    [
        "subject eq 'a' 'b'",
        "subject eq",
        "(isRead eq true",
        "importance eq contoso.importance'high'",
        "receivedDateTime gt 2026-13-99-1",
        "isRead eq true garbage",
        "subject @ 4",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/me/messages", "/me/mailFolders", "/me/mailFolders/drafts/messages"])
def test_a_refusal_tells_nothing_of_the_program(mail: Graph, path: str, text: str) -> None:
    said = mail.refused("GET", path, *BAD, params={"$filter": text})
    assert said.startswith("Invalid filter clause: ")
    assert not any(word in said for word in ("Token", "val=", "lineno", "ast."))


def test_folders_and_people_too(alex: Graph) -> None:
    folders = alex.values("/me/mailFolders", params={"$filter": "not(displayName eq 'Inbox')"})
    assert "Drafts" in {each["displayName"] for each in folders}
    assert "Inbox" not in {each["displayName"] for each in folders}
    reader = alex.holding(alex.book.token(ALEX, "User.Read.All"))
    for text in ("not(startsWith(displayName,'Al'))", "NOT(displayName eq 'Alex Wilber')"):
        people = {each["mail"] for each in reader.values("/users", params={"$filter": text})}
        assert ADELE in people
        assert ALEX not in people
