"""Two ids for a message: the default one changes when it is moved or sent, the immutable one never does."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from letterbook import open_book
from letterbook.application.public_ids import Kind, meant, public
from tests.graph.client import ADELE, ALEX, Graph, book_of_three, state_of, stranger_at, to
from tests.looping import Conversations

IMMUTABLE = 'IdType="ImmutableId"'
GONE = (404, "ErrorItemNotFound")
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
HOSTILE = 'x","id":"AAMk","webLink":"https://outlook.office365.com/owa/?ItemID=AAMk&exvsurl=1&'
"""A subject that says what surrounds the ids in an answer."""


def both(graph: Graph, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same thing with default ids and with immutable ones."""
    return graph.read(path), graph.lasting.read(path)


def without_ids(shown: dict[str, Any]) -> dict[str, Any]:
    """What both forms of an answer have in common."""
    return {name: value for name, value in shown.items() if name not in ("id", "webLink")}


# --- Which id a message has ------------------------------------------------------------------------


def test_the_forms_differ_in_the_id_and_the_link_only(alex: Graph) -> None:
    draft = alex.draft(subject=HOSTILE, body={"contentType": "text", "content": HOSTILE})
    default, lasting = both(alex, f"/me/messages/{draft['id']}")
    assert default["id"] == draft["id"] != lasting["id"]
    assert list(default) == list(lasting)
    assert without_ids(default) == without_ids(lasting)
    for shown in (default, lasting):
        item = shown["id"].replace("=", "%3D")
        assert shown["webLink"] == (
            f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"
        )
        assert shown["subject"] == HOSTILE


@pytest.mark.parametrize(
    "prefer",
    [
        'IdType="ImmutableId"',
        "IdType=ImmutableId",
        'idtype = "immutableid"',
        'outlook.timezone="UTC", IdType="ImmutableId"',
    ],
)
def test_the_preference_is_understood_and_confirmed(alex: Graph, prefer: str) -> None:
    lasting = alex.lasting.draft()["id"]
    for path in ("/me/messages", f"/me/messages/{lasting}", f"/me/messages/{lasting}/attachments"):
        answer = alex.get(path, headers={"Prefer": prefer})
        assert answer.headers["preference-applied"] == IMMUTABLE
    assert alex.get("/me/messages", headers={"Prefer": prefer}).json()["value"][0]["id"] == lasting


@pytest.mark.parametrize("prefer", ['IdType="RestId"', 'XIdType="ImmutableId"', "IdType=ImmutableIds", ""])
def test_other_preferences_are_none(alex: Graph, prefer: str) -> None:
    draft = alex.draft()["id"]
    answer = alex.get(f"/me/messages/{draft}", headers={"Prefer": prefer})
    assert (answer.json()["id"], "preference-applied" in answer.headers) == (draft, False)


def test_a_preference_may_stand_in_a_header_of_its_own(alex: Graph) -> None:
    draft = alex.lasting.draft()["id"]
    prefer = [("Prefer", 'outlook.body-content-type="text"'), ("Prefer", IMMUTABLE)]
    headers = [*alex.headers.items(), *prefer]
    alone = [*alex.headers.items(), prefer[0]]
    for said, expected in ((alone, False), (headers, True), (alone, False), (headers, True)):
        answer = alex.loop.run(alex.http.get("/v1.0/me/messages", headers=said))
        (shown,) = answer.json()["value"]
        assert (shown["id"] == draft, shown["body"]["contentType"]) == (expected, "text")


def test_immutable_ids_never_come_from_memory_for_default_ones(alex: Graph) -> None:
    draft = alex.draft()["id"]
    for _ in range(2):
        assert [each["id"] for each in alex.values("/me/messages")] == [draft]
        assert [each["id"] for each in alex.lasting.values("/me/messages")] != [draft]


# --- What a move does to it ------------------------------------------------------------------------


def test_a_moved_message_has_another_default_id_also_back_where_it_was(alex: Graph) -> None:
    default, lasting = both(alex, f"/me/messages/{alex.draft()['id']}")
    seen = [default["id"]]
    for folder in ("archive", "inbox", "drafts"):
        moved = alex.made(f"/me/messages/{seen[-1]}/move", {"destinationId": folder})
        seen.append(moved["id"])
        assert alex.read(f"/me/messages/{moved['id']}")["id"] == moved["id"]
        assert alex.lasting.read(f"/me/messages/{lasting['id']}")["id"] == lasting["id"]
    assert len(set(seen)) == 4
    for old in seen[:-1]:
        alex.refused("GET", f"/me/messages/{old}", *GONE)
    assert {each["conversationId"] for each in alex.values("/me/messages")} == {default["conversationId"]}


def test_a_move_to_where_it_is_changes_nothing(alex: Graph) -> None:
    draft = alex.draft()["id"]
    assert alex.made(f"/me/messages/{draft}/move", {"destinationId": "drafts"})["id"] == draft


def test_sending_keeps_the_immutable_id_as_graphs_page_tells(alex: Graph) -> None:
    """The three steps of *Obtain immutable identifiers*: create with the header, send, get."""
    lasting = alex.lasting.draft()["id"]
    default = alex.read(f"/me/messages/{lasting}")["id"]
    assert alex.post(f"/me/messages/{lasting}/send").status_code == 202
    kept = alex.lasting.read(f"/me/messages/{lasting}")
    assert (kept["id"], kept["isDraft"]) == (lasting, False)
    alex.refused("GET", f"/me/messages/{default}", *GONE)
    (found,) = alex.values("/me/mailFolders/sentitems/messages")
    assert found["id"] not in (default, lasting)


def test_deleting_changes_it_too(alex: Graph) -> None:
    draft = alex.draft()["id"]
    assert alex.delete(f"/me/messages/{draft}").status_code == 204
    alex.refused("DELETE", f"/me/messages/{draft}", *GONE)
    (found,) = alex.values("/me/mailFolders/deleteditems/messages")
    assert alex.delete(f"/me/messages/{found['id']}").status_code == 204


def test_moving_its_folder_leaves_it_alone(alex: Graph) -> None:
    """It is still in the same folder, whose own id never changes."""
    folder = alex.made("/me/mailFolders", {"displayName": "Clubs"})["id"]
    message = alex.made(f"/me/mailFolders/{folder}/messages", {"subject": "Chess"})["id"]
    moved = alex.post(f"/me/mailFolders/{folder}/move", json={"destinationId": "archive"})
    assert moved.json()["id"] == folder
    assert alex.read(f"/me/messages/{message}")["id"] == message


@pytest.mark.parametrize(
    ("method", "below", "said"),
    [
        ("GET", "", {}),
        ("GET", "/$value", {}),
        ("PATCH", "", {"json": {"isRead": False}}),
        ("DELETE", "", {}),
        ("POST", "/send", {}),
        ("POST", "/move", {"json": {"destinationId": "inbox"}}),
        ("POST", "/copy", {"json": {"destinationId": "inbox"}}),
        ("POST", "/permanentDelete", {}),
        ("POST", "/createReply", {}),
        ("POST", "/forward", {"json": {"toRecipients": to(ADELE)}}),
        ("POST", "/markAsJunk", {"json": {"moveToJunk": False}}),
        ("GET", "/attachments", {}),
        ("POST", "/attachments", {"json": FILE}),
        ("GET", "/mentions", {}),
        ("POST", "/mentions", {"json": {"mentioned": {"address": ADELE}}}),
        ("GET", "/extensions", {}),
        (
            "POST",
            "/attachments/createUploadSession",
            {"json": {"AttachmentItem": {"attachmentType": "file", "name": "a", "size": 4_000_000}}},
        ),
    ],
)
@pytest.mark.parametrize("where", ["/me/messages", "/me/mailFolders/archive/messages"])
def test_the_id_of_before_a_move_leads_nowhere(
    alex: Graph, where: str, method: str, below: str, said: dict[str, Any]
) -> None:
    if below == "/send" and "mailFolders" in where:
        return  # there is no such path
    draft = alex.draft(attachments=[FILE])["id"]
    alex.made(f"/me/messages/{draft}/move", {"destinationId": "archive"})
    alex.beta.refused(method, f"{where}/{draft}{below}", *GONE, **said)


def test_of_two_who_move_it_by_the_same_default_id_one_comes_too_late(alex: Graph) -> None:
    """They ask at once: whose turn comes second finds that the id is gone."""
    draft = alex.draft()["id"]

    async def ask() -> list[int]:
        url = f"/v1.0/me/messages/{draft}/move"
        asked = (
            alex.http.post(url, headers=alex.headers, json={"destinationId": folder})
            for folder in ("archive", "inbox")
        )
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert sorted(alex.loop.run(ask())) == [201, 404]
    assert len(alex.book.mailbox(ALEX).history(draft)) == 2


# --- Where ids are besides -------------------------------------------------------------------------


def test_answers_of_writes_have_the_preferred_form(alex: Graph) -> None:
    draft = alex.lasting.post("/me/messages", json={"subject": "Forms"})
    lasting = draft.json()["id"]
    assert draft.headers["location"].endswith(f"/messages('{lasting}')")
    default = alex.changed(f"/me/messages/{lasting}", {"isRead": False})["id"]
    moved = alex.lasting.post(f"/me/messages/{default}/move", json={"destinationId": "inbox"})
    assert moved.json()["id"] == lasting
    assert moved.headers["location"].endswith(f"/messages('{lasting}')")
    copied = alex.post(f"/me/messages/{lasting}/copy", json={"destinationId": "inbox"})
    assert copied.headers["location"].endswith(f"/messages('{copied.json()['id']}')")
    assert meant(Kind.MESSAGE, copied.json()["id"]).moves == 0


def test_a_mention_names_its_message_in_the_preferred_form(alex: Graph) -> None:
    said = {"subject": "Hello", "mentions": [{"mentioned": {"address": ADELE}}], "toRecipients": to(ADELE)}
    for graph in (alex.beta, alex.beta.lasting):
        made = graph.made("/me/messages", said)
        assert made["@odata.id"].endswith(f"/messages('{made['id']}')")
        assert made["mentions"][0]["@odata.id"].startswith(made["@odata.id"])
        (mention,) = graph.values(f"/me/messages/{made['id']}/mentions")
        assert mention["@odata.id"] == made["mentions"][0]["@odata.id"]
        read = graph.read(f"/me/messages/{made['id']}?$expand=mentions")
        assert read["mentions"][0]["@odata.id"] == mention["@odata.id"]


def test_attachments_have_both_forms_too(alex: Graph) -> None:
    draft = alex.draft(attachments=[FILE])["id"]
    path = f"/me/messages/{draft}/attachments"
    (default,), (lasting,) = alex.values(path), alex.lasting.values(path)
    assert default["id"] != lasting["id"]
    moved = alex.made(f"/me/messages/{draft}/move", {"destinationId": "archive"})["id"]
    path = f"/me/messages/{moved}/attachments"
    (now,) = alex.read(f"/me/messages/{moved}?$expand=attachments")["attachments"]
    assert now["id"] not in (default["id"], lasting["id"])
    for id_ in (now["id"], lasting["id"]):
        assert alex.get(f"{path}/{id_}/$value").content == b"Hello"
    for method in ("GET", "DELETE"):
        alex.refused(method, f"{path}/{default['id']}", *GONE)
    assert alex.delete(f"{path}/{now['id']}").status_code == 204


@pytest.mark.parametrize("form", ["default", "immutable"])
def test_an_upload_goes_on_when_its_draft_is_moved(alex: Graph, form: str) -> None:
    asker = alex if form == "default" else alex.lasting
    draft, data = asker.draft()["id"], b"x" * 3_500_000
    item = {"attachmentType": "file", "name": "x", "size": len(data)}
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    url = asker.made(path, {"AttachmentItem": item})["uploadUrl"]
    assert f"'{draft}'" in url
    moved = asker.made(f"/me/messages/{draft}/move", {"destinationId": "archive"})["id"]
    assert (moved == draft) is (form == "immutable")
    headers = {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"}
    for _ in range(2):
        answer = alex.holding(None).request("PUT", url, content=data, headers=headers)
        assert answer.status_code == 201, answer.text
        (file,) = asker.values(f"/me/messages/{moved}/attachments?$select=name")
        assert answer.headers["location"].endswith(f"/Messages('{moved}')/Attachments('{file['id']}')")


def test_parts_of_a_batch_choose_for_themselves(alex: Graph) -> None:
    default, lasting = both(alex, f"/me/messages/{alex.draft()['id']}")
    url = f"/me/messages/{default['id']}"
    parts = [
        {"id": "1", "method": "GET", "url": url},
        {"id": "2", "method": "GET", "url": url, "headers": {"Prefer": IMMUTABLE}},
    ]
    first, second = alex.lasting.post("/$batch", json={"requests": parts}).json()["responses"]
    assert (first["body"]["id"], second["body"]["id"]) == (default["id"], lasting["id"])
    assert second["headers"]["Preference-Applied"] == IMMUTABLE


def test_pages_have_the_form_that_each_request_prefers(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=f"Pages {number}")
    for query in ("$top=2", "$top=2&$search=pages", "$top=2&$select=subject"):
        first = alex.lasting.read(f"/me/messages?{query}")
        second = alex.lasting.read(first["@odata.nextLink"])
        shown = [*first["value"], *second["value"]]
        assert [meant(Kind.MESSAGE, each["id"]).moves for each in shown] == [None, None, None]
        (other,) = alex.values(first["@odata.nextLink"])
        assert meant(Kind.MESSAGE, other["id"]).moves == 0


def test_an_id_is_read_as_it_is_written(alex: Graph) -> None:
    """Nothing but the two forms, and no attachment's id where a message's belongs."""
    default, lasting = both(alex, f"/me/messages/{alex.draft()['id']}")
    name = meant(Kind.MESSAGE, lasting["id"]).name
    for wrong in (public(Kind.FOLDER, name, 0), public(Kind.ATTACHMENT, name, 0), f"{default['id']}AAAA"):
        alex.refused("GET", f"/me/messages/{wrong}", 400, "ErrorInvalidIdMalformed")
    alex.refused("GET", f"/me/messages/{public(Kind.MESSAGE, name, 7)}", *GONE)
    alex.refused("GET", f"/me/mailFolders/{public(Kind.FOLDER, name, 0)}", 400, "ErrorInvalidIdMalformed")


# --- Beside Graph ----------------------------------------------------------------------------------


def test_python_has_one_id_that_never_changes(alex: Graph) -> None:
    mailbox = alex.book.mailbox(ALEX)
    message = mailbox.create_draft(subject="Stays", to=[ADELE])
    default = alex.read(f"/me/messages/{message.id}")["id"]
    assert mailbox.move(message, "archive").id == message.id
    assert mailbox.message(default).id == message.id, "an id of Graph's is understood, also an old one"
    assert mailbox.message(message.id).web_link.count(message.id.rstrip("=")) == 1
    assert mailbox.message(message.id).members["id"] == message.id


def test_default_ids_are_the_same_after_a_rebuild(tmp_path: Path, loop: Conversations) -> None:
    place = tmp_path / "mail.db"
    with book_of_three(place) as book, stranger_at(book, loop) as nobody:
        alex = nobody.holding(book.token(ALEX))
        draft = alex.draft()["id"]
        for folder in ("archive", "inbox"):
            draft = alex.made(f"/me/messages/{draft}/move", {"destinationId": folder})["id"]
        before = state_of(book)
    with open_book(place, deliver=False) as book, stranger_at(book, loop) as nobody:
        book.rebuild()
        alex = nobody.holding(book.token(ALEX))
        assert [each["id"] for each in alex.values("/me/messages")] == [draft]
        assert state_of(book) == before
