"""Rules of an inbox: made, changed, removed, and followed when a letter arrives."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from letterbook.application.public_ids import Kind, private
from letterbook.domain.attachments import FILE_LIMIT
from letterbook.domain.mailbox import DeleteFolder
from letterbook.domain.message import Deleted, Delivered, Moved, Received
from letterbook.domain.refusals import TooMany
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

RULES = "/me/mailFolders/inbox/messageRules"
PARTNER = {
    "displayName": "From partner",
    "sequence": 2,
    "isEnabled": True,
    "conditions": {"senderContains": ["adele"]},
    "actions": {
        "forwardTo": [{"emailAddress": {"name": "Alex Wilbur", "address": "AlexW@contoso.onmicrosoft.com"}}],
        "stopProcessingRules": True,
    },
}
"""Graph's sample of *Create rule*."""


@pytest.fixture
def owner(adele: Graph) -> Graph:
    """Adele, who may read and write mail and settings."""
    return adele.holding(adele.book.token(ADELE, "MailboxSettings.ReadWrite Mail.ReadWrite Mail.Send"))


def rule(owner: Graph, sequence: int = 1, **said: Any) -> dict[str, Any]:
    """A rule for all letters, unless something else is said."""
    whole = {"displayName": f"Rule {sequence}", "sequence": sequence, "actions": {"markAsRead": True}} | said
    return owner.made(RULES, whole)


def doing(owner: Graph, sequence: int = 1, **actions: Any) -> dict[str, Any]:
    """A rule that does this with all letters."""
    return rule(owner, sequence, actions=actions)


def inbox(graph: Graph) -> list[dict[str, Any]]:
    """What is in an inbox."""
    return graph.values("/me/mailFolders/inbox/messages")


def folder(graph: Graph, name: str) -> list[str]:
    """The subjects in a folder."""
    return [message["subject"] for message in graph.values(f"/me/mailFolders/{name}/messages")]


def arrive(alex: Graph, **said: Any) -> None:
    """A letter from Alex to Adele arrives."""
    alex.sent(**{"subject": "Lunch", **said})
    alex.book.deliver()


# --- Keeping rules ---------------------------------------------------------------------------------


def test_an_inbox_begins_without_rules(owner: Graph) -> None:
    answer = owner.read(RULES)
    assert answer["value"] == []
    assert answer["@odata.context"].endswith("/mailFolders('inbox')/messageRules")


def test_a_rule_is_made_as_in_graphs_sample(owner: Graph) -> None:
    made = owner.made(RULES, PARTNER)
    assert list(made) == [
        *("@odata.context", "id", "displayName", "sequence", "isEnabled", "hasError", "isReadOnly"),
        *("conditions", "actions"),
    ]
    assert made["conditions"] == {"senderContains": ["ADELE"]}
    assert made["actions"] == PARTNER["actions"]
    assert (made["hasError"], made["isReadOnly"], made["isEnabled"]) == (False, False, True)
    assert owner.read(f"{RULES}/{made['id']}") == made
    (listed,) = owner.values("/me/mailFolders('Inbox')/messagerules")
    assert made.items() >= listed.items()


def test_rules_are_listed_in_the_order_they_are_followed(owner: Graph) -> None:
    for sequence in (3, 1, 2):
        rule(owner, sequence)
    assert [each["sequence"] for each in owner.values(RULES)] == [1, 2, 3]
    assert [len(page) for page in owner.walk(f"{RULES}?$top=2")] == [2, 1]


def test_everything_a_rule_says_is_shown_again(owner: Graph) -> None:
    archive = owner.read("/me/mailFolders/archive")["id"]
    conditions = {
        "bodyContains": ["a"],
        "bodyOrSubjectContains": ["b"],
        "categories": ["Blue"],
        "fromAddresses": to(ALEX),
        "hasAttachments": True,
        "headerContains": ["c"],
        "importance": "High",
        "isMeetingRequest": True,
        "messageActionFlag": "FollowUp",
        "recipientContains": ["d"],
        "sensitivity": "Private",
        "sentToMe": True,
        "subjectContains": ["Enter to win"],
        "withinSizeRange": {"minimumSize": 1, "maximumSize": 20},
    }
    actions = {
        "copyToFolder": "drafts",
        "moveToFolder": archive,
        "assignCategories": ["Red"],
        "markImportance": "LOW",
    }
    made = rule(owner, conditions=conditions, exceptions={"sentCcMe": True}, actions=actions)
    shown = {
        "importance": "high",
        "messageActionFlag": "followUp",
        "sensitivity": "private",
        "recipientContains": ["D"],
    }
    nameless = [{"emailAddress": {"name": "", "address": ALEX}}]
    assert made["conditions"] == conditions | shown | {"fromAddresses": nameless}
    assert made["exceptions"] == {"sentCcMe": True}
    drafts = owner.read("/me/mailFolders/drafts")["id"]
    assert made["actions"] == actions | {"copyToFolder": drafts, "markImportance": "low"}


def test_a_rule_is_changed_as_in_graphs_sample(owner: Graph) -> None:
    made = owner.made(RULES, PARTNER)
    said = {"displayName": "Important from partner", "actions": {"markImportance": "high"}}
    changed = owner.changed(f"{RULES}/{made['id']}", said)
    assert changed == made | said
    again = {"isEnabled": False, "sequence": 7, "exceptions": {"hasAttachments": True}, "conditions": {}}
    rest = {name: value for name, value in changed.items() if name != "conditions"}
    del again["conditions"], rest["@odata.context"]
    after = owner.changed(f"{RULES}/{made['id']}", again | {"conditions": {}})
    assert {name: value for name, value in after.items() if name != "@odata.context"} == rest | again


def test_a_rule_can_be_removed(owner: Graph) -> None:
    path = f"{RULES}/{rule(owner)['id']}"
    assert owner.delete(path).status_code == 204
    assert owner.values(RULES) == []
    for method in ("GET", "PATCH", "DELETE"):
        owner.refused(method, path, 404, "ErrorItemNotFound", json={"sequence": 2})
        owner.refused(method, f"{RULES}/x", 400, "ErrorInvalidIdMalformed", json={"sequence": 2})


def test_a_rule_that_is_read_only_stays(owner: Graph) -> None:
    path = f"{RULES}/{rule(owner, isReadOnly=True)['id']}"
    owner.refused("PATCH", path, 403, "ErrorAccessDenied", json={"sequence": 2})
    owner.refused("DELETE", path, 403, "ErrorAccessDenied")


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"displayName": None}, 400, "RequestBodyRead"),
    ({"sequence": None}, 400, "RequestBodyRead"),
    ({"actions": None}, 400, "RequestBodyRead"),
    ({"displayName": " "}, 400, "ErrorInvalidArgument"),
    ({"displayName": "x" * 257}, 400, "ErrorInvalidArgument"),
    ({"actions": {}}, 400, "ErrorInvalidArgument"),
    ({"actions": {"delete": False}}, 400, "ErrorInvalidArgument"),
    ({"actions": {"moveToFolder": "x"}}, 400, "ErrorInvalidIdMalformed"),
    ({"actions": {"forwardTo": to("nobody")}}, 400, "ErrorInvalidArgument"),
    (
        {"actions": {"redirectTo": to(*(f"r{n}@contoso.com" for n in range(501)))}},
        400,
        "ErrorInvalidRecipients",
    ),
    ({"actions": {"markImportance": "urgent"}}, 400, "RequestBodyRead"),
    ({"actions": {"explode": True}}, 400, "RequestBodyRead"),
    ({"conditions": {"fromAddresses": [{}]}}, 400, "RequestBodyRead"),
    ({"conditions": {"importance": "urgent"}}, 400, "RequestBodyRead"),
    ({"conditions": {"subjectContains": "win"}}, 400, "RequestBodyRead"),
    ({"sequence": "first"}, 400, "RequestBodyRead"),
]


@pytest.mark.parametrize(("said", "status", "code"), WRONG)
def test_a_rule_that_makes_no_sense_is_refused(
    owner: Graph, said: dict[str, Any], status: int, code: str
) -> None:
    whole = {"displayName": "x", "sequence": 1, "actions": {"delete": True}}
    owner.refused("POST", RULES, status, code, json=whole | said)


def test_what_only_a_server_sets_cannot_be_changed(owner: Graph) -> None:
    path = f"{RULES}/{rule(owner)['id']}"
    for said in ({"hasError": True}, {"id": "x"}):
        owner.refused("PATCH", path, 400, "ErrorInvalidPropertySet", json=said)


def test_other_folders_have_no_rules(owner: Graph) -> None:
    owner.refused("GET", "/me/mailFolders/drafts/messageRules", 400, "BadRequest")
    owner.refused("POST", "/me/mailFolders/archive/messageRules", 400, "BadRequest", json=PARTNER)


def test_a_rule_cannot_file_into_a_folder_of_somebody_else(owner: Graph, alex: Graph) -> None:
    his = alex.made("/me/mailFolders", {"displayName": "His"})["id"]
    said = PARTNER | {"actions": {"moveToFolder": his}}
    owner.refused("POST", RULES, 404, "ErrorItemNotFound", json=said)


# --- Following rules -------------------------------------------------------------------------------


def test_a_letter_is_marked_as_it_arrives(owner: Graph, alex: Graph) -> None:
    doing(owner, markAsRead=True, assignCategories=["Red", "Blue"], markImportance="high")
    arrive(alex)
    (got,) = inbox(owner)
    assert (got["isRead"], got["categories"], got["importance"]) == (True, ["Red", "Blue"], "high")
    assert owner.read("/me/mailFolders/inbox")["unreadItemCount"] == 0


def test_only_letters_that_a_rule_is_about_are_marked(owner: Graph, alex: Graph) -> None:
    rule(
        owner,
        1,
        conditions={"subjectContains": ["WIN"], "sentToMe": True},
        exceptions={"bodyContains": ["really"]},
    )
    arrive(alex, subject="Enter to win")
    arrive(alex, subject="Enter to win", body={"contentType": "html", "content": "<p>No, rea<b>lly</b>!"})
    arrive(alex, subject="Lunch")
    assert [(got["subject"], got["isRead"]) for got in inbox(owner)] == [
        ("Lunch", False),
        ("Enter to win", False),
        ("Enter to win", True),
    ]


def test_a_letter_is_filed_as_it_arrives(owner: Graph, alex: Graph) -> None:
    project = owner.made("/me/mailFolders", {"displayName": "Project"})["id"]
    rule(owner, 1, conditions={"subjectContains": ["plan"]}, actions={"moveToFolder": project})
    rule(owner, 2, conditions={"subjectContains": ["win"]}, actions={"delete": True})
    for subject in ("The plan", "Enter to win", "Lunch"):
        arrive(alex, subject=subject)
    assert (folder(owner, project), folder(owner, "deleteditems"), folder(owner, "inbox")) == (
        ["The plan"],
        ["Enter to win"],
        ["Lunch"],
    )


def test_what_a_rule_did_is_told_by_the_history(owner: Graph, alex: Graph) -> None:
    made = doing(owner, moveToFolder="archive")
    arrive(alex)
    (got,) = owner.values("/me/mailFolders/archive/messages")
    received, moved = owner.book.mailbox(ADELE).history(got["id"])
    assert (type(received), type(moved)) == (Received, Moved)
    assert moved.on.actor == "system:rules"
    assert moved.on.cause == f"rule:{private(Kind.RULE, made['id'])}"


def test_a_copy_is_a_letter_of_its_own(owner: Graph, alex: Graph) -> None:
    doing(owner, copyToFolder="archive", markAsRead=True)
    arrive(alex)
    (got,), (copy,) = inbox(owner), owner.values("/me/mailFolders/archive/messages")
    assert copy["id"] != got["id"]
    assert (copy["subject"], copy["body"]) == (got["subject"], got["body"])
    assert owner.delete(f"/me/messages/{copy['id']}").status_code == 204
    assert len(inbox(owner)) == 1


def test_a_letter_can_be_destroyed_as_it_arrives(owner: Graph, alex: Graph) -> None:
    doing(owner, permanentDelete=True)
    arrive(alex, subject="Enter to win")
    assert owner.values("/me/messages") == []
    assert folder(owner, "recoverableitemsdeletions") == []
    with owner.book.engine.store.reading() as session:
        facts = [each.fact for each in session.history.read(owner.book.mailbox(ADELE).id)]
    assert [type(fact) for fact in facts[-3:]] == [Received, Moved, Deleted]


def test_rules_stop_where_one_says_so(owner: Graph, alex: Graph) -> None:
    doing(owner, 1, markAsRead=True, stopProcessingRules=True)
    doing(owner, 2, delete=True)
    arrive(alex)
    assert [got["isRead"] for got in inbox(owner)] == [True]


def test_a_rule_that_is_switched_off_is_not_followed(owner: Graph, alex: Graph) -> None:
    rule(owner, isEnabled=False, actions={"delete": True})
    arrive(alex)
    assert folder(owner, "inbox") == ["Lunch"]


def test_letters_that_were_there_before_stay_as_they_are(owner: Graph, alex: Graph) -> None:
    arrive(alex)
    doing(owner, delete=True)
    owner.book.deliver()
    assert folder(owner, "inbox") == ["Lunch"]


# --- Passing on ------------------------------------------------------------------------------------


def test_a_letter_is_forwarded_with_what_it_said(owner: Graph, alex: Graph, megan: Graph) -> None:
    doing(owner, forwardTo=to(MEGAN))
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt", "contentBytes": "SGVsbG8="}
    body = {"contentType": "text", "content": "Pizza?"}
    arrive(alex, importance="high", attachments=[file], body=body)
    (got,) = inbox(megan)
    assert (got["subject"], got["importance"], got["hasAttachments"]) == ("FW: Lunch", "high", True)
    assert got["from"]["emailAddress"]["address"] == ADELE
    lines = (
        "From: Alex Wilber <alexw@contoso.com>",
        "To: Adele Vance <adelev@contoso.com>",
        "Subject: Lunch",
        "Pizza?",
    )
    assert all(line in got["body"]["content"] for line in lines)
    assert folder(owner, "inbox") == ["Lunch"]
    assert (folder(owner, "sentitems"), folder(owner, "drafts")) == ([], [])


def test_a_large_file_is_forwarded(owner: Graph, alex: Graph, megan: Graph) -> None:
    doing(owner, forwardTo=to(MEGAN))
    mailbox = alex.book.mailbox(ALEX)
    draft = mailbox.create_draft(subject="Film", to=[ADELE])
    mailbox.attach(draft, "film.mp4", bytes(FILE_LIMIT))
    mailbox.send(draft)
    alex.book.deliver()
    (got,) = inbox(megan)
    (file,) = megan.get(f"/me/messages/{got['id']}/attachments?$select=name,size").json()["value"]
    assert (file["name"], file["size"]) == ("film.mp4", FILE_LIMIT)


def test_html_is_forwarded_as_html(owner: Graph, alex: Graph, megan: Graph) -> None:
    doing(owner, forwardTo=to(MEGAN))
    arrive(alex, subject="<Lunch>", body={"contentType": "html", "content": "<p>Pizza?</p>"})
    (got,) = inbox(megan)
    assert got["body"]["contentType"] == "html"
    assert "<b>Subject:</b> &lt;Lunch&gt;" in got["body"]["content"]
    assert "<p>Pizza?</p>" in got["body"]["content"]


def test_a_letter_is_forwarded_as_an_attachment(owner: Graph, alex: Graph, megan: Graph) -> None:
    doing(owner, forwardAsAttachmentTo=to(MEGAN))
    arrive(alex, body={"contentType": "text", "content": "Pizza?"})
    (got,) = inbox(megan)
    (enclosed,) = megan.values(f"/me/messages/{got['id']}/attachments")
    assert (enclosed["@odata.type"], enclosed["name"]) == ("#microsoft.graph.itemAttachment", "Lunch")
    raw = megan.get(f"/me/messages/{got['id']}/attachments/{enclosed['id']}/$value").content
    letter = message_from_bytes(raw, policy=policy.default)
    assert (letter["From"].addresses[0].addr_spec, letter["Subject"]) == (ALEX, "Lunch")
    assert "Pizza?" in letter.get_content()


def test_a_letter_is_redirected_as_it_is(owner: Graph, alex: Graph, megan: Graph) -> None:
    doing(owner, redirectTo=to(MEGAN))
    arrive(alex)
    alex.book.deliver()
    (got,) = inbox(megan)
    assert got["subject"] == "Lunch"
    assert got["from"]["emailAddress"]["address"] == ALEX
    assert [person["emailAddress"]["address"] for person in got["toRecipients"]] == [ADELE]
    assert folder(owner, "inbox") == ["Lunch"]
    assert owner.book.waiting() == 0


def test_a_letter_is_redirected_to_people_elsewhere(owner: Graph, alex: Graph, place: str) -> None:
    doing(owner, redirectTo=to("randiw@adatum.onmicrosoft.com"))
    arrive(alex)
    alex.book.deliver()
    (file,) = Path(f"{place}.outgoing").rglob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (letter["From"].addresses[0].addr_spec, letter["To"].addresses[0].addr_spec) == (ALEX, ADELE)
    assert letter["X-MS-Exchange-Inbox-Rules-Loop"] == ADELE
    (got,) = inbox(owner)
    told = owner.book.mailbox(ADELE).history(got["id"])[-1]
    assert isinstance(told, Delivered)
    assert told.recipient == "randiw@adatum.onmicrosoft.com"


def test_a_letter_that_is_destroyed_is_redirected_all_the_same(
    owner: Graph, alex: Graph, megan: Graph
) -> None:
    doing(owner, redirectTo=to(MEGAN), permanentDelete=True)
    arrive(alex)
    alex.book.deliver()
    (got,) = inbox(megan)
    headers = megan.read(f"/me/messages/{got['id']}?$select=internetMessageHeaders")["internetMessageHeaders"]
    assert {"name": "X-MS-Exchange-Inbox-Rules-Loop", "value": ADELE} in headers
    assert owner.values("/me/messages") == []


def test_rules_that_point_at_each_other_come_to_an_end(owner: Graph, alex: Graph, megan: Graph) -> None:
    hers = megan.holding(megan.book.token(MEGAN, "MailboxSettings.ReadWrite Mail.ReadWrite"))
    for action in ("redirectTo", "forwardTo"):
        rule(owner, actions={action: to(MEGAN)})
        rule(hers, actions={action: to(ADELE)})
    arrive(alex)
    for _ in range(10):
        alex.book.deliver()
    assert alex.book.waiting() == 0
    assert 1 < len(owner.values("/me/messages?$top=50")) < 10


def test_a_rule_whose_folder_is_gone_has_an_error_and_leaves_letters_in_the_inbox(
    owner: Graph, alex: Graph
) -> None:
    project = owner.made("/me/mailFolders", {"displayName": "Project"})["id"]
    doing(owner, moveToFolder=project)
    handle = owner.book.mailbox(ADELE)
    on = owner.book.engine.occasion(ADELE)
    ask = DeleteFolder(private(Kind.FOLDER, project))
    owner.book.engine.run(lambda work: work.ask_mailbox(handle.id, ask, on))
    assert [each["hasError"] for each in owner.values(RULES)] == [True]
    arrive(alex)
    assert folder(owner, "inbox") == ["Lunch"]


def test_a_rule_follows_its_folder_into_deleted_items_until_it_is_gone(owner: Graph, alex: Graph) -> None:
    project = owner.made("/me/mailFolders", {"displayName": "Project"})["id"]
    path = f"{RULES}/{doing(owner, moveToFolder=project, copyToFolder=project)['id']}"
    assert owner.delete(f"/me/mailFolders/{project}").status_code == 204
    arrive(alex, subject="Thrown away")
    assert folder(owner, project) == ["Thrown away", "Thrown away"]
    assert [each["hasError"] for each in owner.values(RULES)] == [False]
    assert owner.delete(f"/me/mailFolders/{project}").status_code == 204
    assert [each["hasError"] for each in owner.values(RULES)] == [True]
    arrive(alex, subject="Lunch")
    assert folder(owner, "inbox") == ["Lunch"]
    assert owner.book.waiting() == 0
    assert owner.changed(path, {"isEnabled": False})["hasError"] is True
    changes = {"actions": {"moveToFolder": alex.made("/me/mailFolders", {"displayName": "His"})["id"]}}
    owner.refused("PATCH", path, 404, "ErrorItemNotFound", json=changes)


@pytest.fixture
def search(owner: Graph) -> str:
    """A search folder of Adele's."""
    inbox_id = owner.read("/me/mailFolders/inbox")["id"]
    said = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Plans",
        "includeNestedFolders": False,
        "sourceFolderIds": [inbox_id],
        "filterQuery": "contains(subject, 'plan')",
    }
    return str(owner.made("/me/mailFolders/searchfolders/childFolders", said)["id"])


@pytest.mark.parametrize("action", ["moveToFolder", "copyToFolder"])
def test_a_rule_cannot_file_into_a_search_folder(owner: Graph, search: str, action: str) -> None:
    said = {"displayName": "Plans", "sequence": 1, "actions": {action: search}}
    owner.refused("POST", RULES, 400, "ErrorInvalidFolderTypeForOperation", json=said)
    made = doing(owner, markAsRead=True)
    path = f"{RULES}/{made['id']}"
    changes = {"actions": {action: search}}
    owner.refused("PATCH", path, 400, "ErrorInvalidFolderTypeForOperation", json=changes)
    assert owner.read(path) == made


@pytest.mark.parametrize("action", ["moveToFolder", "copyToFolder"])
def test_a_rule_that_names_a_search_folder_all_the_same_leaves_letters_in_the_inbox(
    owner: Graph, alex: Graph, search: str, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    with monkeypatch.context() as unchecked:
        unchecked.setattr("letterbook.domain.inbox_rules._check", lambda *_: None)
        assert rule(owner, actions={action: search, "markAsRead": True})["hasError"] is True
    arrive(alex, subject="The plan")
    assert [(got["subject"], got["isRead"]) for got in inbox(owner)] == [("The plan", True)]
    assert owner.book.waiting() == 0


def test_letters_of_a_blocked_sender_are_junk_that_no_rule_looks_at(
    owner: Graph, alex: Graph, megan: Graph
) -> None:
    arrive(alex, subject="Enter to win")
    (first,) = inbox(owner)
    answer = owner.beta.post(f"/me/messages/{first['id']}/markAsJunk", json={"moveToJunk": True})
    assert answer.status_code < 300
    doing(owner, moveToFolder="archive", markAsRead=True, forwardTo=to(MEGAN))
    arrive(alex, subject="Enter again")
    alex.book.deliver()
    shown = [(got["subject"], got["isRead"]) for got in owner.values("/me/mailFolders/junkemail/messages")]
    assert shown == [("Enter again", False), ("Enter to win", False)]
    assert (folder(owner, "archive"), inbox(megan)) == ([], [])


def test_a_letter_that_cannot_be_forwarded_arrives_all_the_same(
    owner: Graph, alex: Graph, megan: Graph, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TooMany("attachments", 251, 250)

    doing(owner, forwardTo=to(MEGAN), markAsRead=True)
    alex.sent(subject="Lunch")
    monkeypatch.setattr("letterbook.application.passing_on.jobs.create_draft", refuse)
    alex.book.deliver()
    assert [(got["subject"], got["isRead"]) for got in inbox(owner)] == [("Lunch", True)]
    assert inbox(megan) == []
    assert "could not be forwarded" in caplog.text
