"""Messages in the JSON of Microsoft Graph, as its lists and messages come."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from letterbook import Mailbox
from letterbook.adapters.graph import json_objects
from letterbook.adapters.graph.exported import GraphJsonSource
from letterbook.adapters.graph.json_objects import objects
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.application.moving import Found, Unreadable
from letterbook.domain.letter import FlagStatus, Importance
from letterbook.domain.message import Draft, ReceivedMessage, SentMessage
from tests.fakes import FakeClock
from tests.moving.letters import held, only

DANA = {"emailAddress": {"name": "Dana Swope", "address": "danas@fabrikam.com"}}
ALEX = {"emailAddress": {"name": "Alex Wilber", "address": "alexw@contoso.com"}}


def message(number: int, **more: Any) -> dict[str, Any]:
    """A message as Graph answers it."""
    return {
        "@odata.etag": 'W/"CQAAABYAAADHcgC8Hl9tRZ/hc1wEUs1TAAAwR4Hg"',
        "id": f"AAMkAGUAAAwTW{number}=",
        "receivedDateTime": "2009-06-30T18:45:00Z",
        "sentDateTime": "2009-06-30T18:44:59.5Z",
        "internetMessageId": f"<{number}@fabrikam.com>",
        "subject": f"Letter {number}",
        "importance": "high",
        "isRead": False,
        "isDraft": False,
        "body": {"contentType": "html", "content": "<p>Are we on?</p>"},
        "from": DANA,
        "sender": DANA,
        "toRecipients": [ALEX],
        "flag": {"flagStatus": "flagged"},
        "categories": ["Red category"],
        "conversationIndex": "AQHTe9CaAAAAAAAAQACAAAAAAAAAAg==",
        **more,
    }


FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt"}


def found_in(file: Path) -> list[Found | Unreadable]:
    """What the file holds."""
    return [*GraphJsonSource(file, named=False, ids=TimeOrderedIds(), clock=FakeClock()).letters()]


def put(tmp_path: Path, name: str, text: str) -> Path:
    """A file."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_message_is_brought_in_as_it_was(alex: Mailbox, tmp_path: Path) -> None:
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "menu.txt",
        "contentBytes": base64.b64encode(b"Lasagna").decode(),
        "lastModifiedDateTime": "2009-06-30T18:44:59Z",
    }
    data = {
        "@odata.type": "#microsoft.graph.openTypeExtension",
        "extensionName": "Com.Contoso.Deal",
        "value": 7,
    }
    said = message(1, attachments=[file], extensions=[data], unknownProperty=1, mentionsPreview=None)
    alex.import_mail(put(tmp_path, "message.json", json.dumps(said)))
    state = only(alex)
    assert isinstance(state, ReceivedMessage)
    assert state.received_at == datetime(2009, 6, 30, 18, 45, tzinfo=UTC)
    assert state.sent_at == datetime(2009, 6, 30, 18, 44, 59, 500_000, tzinfo=UTC)
    assert (state.is_read, state.flag.status, state.categories) == (
        False,
        FlagStatus.FLAGGED,
        ("Red category",),
    )
    assert (state.letter.importance, state.letter.body.content) == (Importance.HIGH, "<p>Are we on?</p>")
    assert [each.name for each in state.attachments] == ["menu.txt"]
    assert [(each.name, each.values) for each in state.extensions] == [("Com.Contoso.Deal", {"value": 7})]
    assert state.thread.index == said["conversationIndex"]
    assert not state.from_mime


def test_programs_write_null_and_ask_for_no_types(alex: Mailbox, tmp_path: Path) -> None:
    file = {"name": "menu.txt", "contentBytes": "TGFzYWduYQ==", "contentId": None, "nonsense": None}
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Older", "item": {"subject": "Older"}}
    said = message(1, attachments=[file, item], replyTo=None, bccRecipients=None, extensions=None)
    alex.import_mail(put(tmp_path, "message.json", json.dumps(said)))
    state = only(alex)
    assert [each.name for each in state.attachments] == ["menu.txt", "Older"]
    assert (state.letter.reply_to, state.extensions) == ((), ())


def test_an_extended_property_is_brought_in_however_it_is_formed(alex: Mailbox, tmp_path: Path) -> None:
    single = [{"id": "Bad", "value": "x"}, {"id": "Integer 0x6001", "value": "many"}]
    multi = [{"id": "StringArray 0x1 Name Palette", "value": ["Green"]}]
    more = {"singleValueExtendedProperties": single, "multiValueExtendedProperties": multi}
    report = alex.import_mail(put(tmp_path, "message.json", json.dumps(message(1, **more))))
    assert (report.imported, report.unreadable) == (1, 0)
    kept = [(each.id, each.value) for each in only(alex).letter.properties]
    assert kept == [
        ("Bad", "x"),
        ("Integer 0x6001", "many"),
        ("StringArray 0x1 Name Palette", ("Green",)),
    ]


def test_drafts_and_what_was_sent_are_told_apart(alex: Mailbox, tmp_path: Path) -> None:
    page = {"value": [message(1), message(2, isDraft=True), message(3, **{"from": ALEX})]}
    alex.import_mail(put(tmp_path, "page.json", json.dumps(page)))
    assert held(alex) == {"Inbox": ["Letter 1"], "Drafts": ["Letter 2"], "Sent Items": ["Letter 3"]}
    assert (type(only(alex, "drafts")), type(only(alex, "sentitems"))) == (Draft, SentMessage)


def test_a_file_named_like_a_folder_is_that_folder(alex: Mailbox, tmp_path: Path) -> None:
    put(tmp_path, "mail/Junk Email.json", json.dumps([message(1)]))
    put(tmp_path, "mail/page-2.json", json.dumps([message(2)]))
    alex.import_mail(tmp_path / "mail", format="graph")
    assert held(alex) == {"Junk Email": ["Letter 1"], "Inbox": ["Letter 2"]}


def test_the_same_message_is_known_by_its_id(alex: Mailbox, tmp_path: Path) -> None:
    file = put(tmp_path, "page.json", json.dumps({"value": [message(1), message(2)]}))
    alex.import_mail(file)
    put(tmp_path, "page.json", json.dumps({"value": [message(2), message(3)]}))
    report = alex.import_mail(file)
    assert (report.imported, report.already, report.duplicates) == (1, 1, 0)


def test_the_same_message_is_known_without_an_id_too(alex: Mailbox, tmp_path: Path) -> None:
    """By what was given, nulls included, however it is read."""
    given = message(1, id=None, replyTo=None, internetMessageId=None)
    given["attachments"] = [{"name": "menu.txt", "contentBytes": "TGFzYWduYQ==", "contentId": None}]
    file = put(tmp_path, "mail.json", json.dumps(given))
    alex.import_mail(file)
    known = {name: it for name, it in given.items() if not name.startswith("@odata.etag")}
    (origin,) = [found.origin for found in found_in(file) if isinstance(found, Found)]
    assert origin == f"mail.json#{sha256(json.dumps(known).encode()).hexdigest()[:32]}"
    assert (alex.import_mail(file).already, len(alex.folder("inbox"))) == (1, 1)


@pytest.mark.parametrize(
    "kind", ["message", "", "#microsoft.graph.post", "#Microsoft.OutlookServices.Message"]
)
def test_a_message_is_one_whatever_it_calls_itself(alex: Mailbox, tmp_path: Path, kind: str) -> None:
    """And what is attached is of the kind that the last word of its type says."""
    bytes_ = {"name": "menu.txt", "contentBytes": "TGFzYWduYQ=="}
    item = {"name": "Older", "item": {"@odata.type": kind.replace("post", "message"), "subject": "Older"}}
    attached = [
        bytes_ | {"@odata.type": "fileAttachment"},
        bytes_ | {"@odata.type": ""},
        item | {"@odata.type": "itemAttachment"},
    ]
    given = message(1, attachments=attached) | {"@odata.type": kind}
    report = alex.import_mail(put(tmp_path, "mail.json", json.dumps(given)))
    assert (report.imported, report.left_out) == (1, [])
    assert [each.name for each in only(alex).attachments] == ["menu.txt", "menu.txt", "Older"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"id": "x"}, "it is no message"),
        (message(9, importance="dire"), "importance"),
        (message(9, receivedDateTime="yesterday"), "Invalid isoformat"),
        (message(9, attachments=[FILE]), "contentBytes"),
        (message(9, attachments=[{"name": "menu.txt"}]), "abstract type"),
        (message(9, **{"@odata.type": "#microsoft.graph.event"}), "Invalid OData type"),
        (
            message(9, flag={"flagStatus": "flagged", "dueDateTime": {"dateTime": "2026-03-03T09:00:00"}}),
            "start",
        ),
        ([1], "no JSON object"),
        (message(9, extensions=[{"extensionName": "x", "n": float("nan")}]), "not JSON compliant"),
        (message(9, extensions=[{"extensionName": "x", "n": [float("inf")]}]), "not JSON compliant"),
    ],
    ids=[
        "no message",
        "no word",
        "no moment",
        "no bytes",
        "no type",
        "an event",
        "no start",
        "no object",
        "no number",
        "no end",
    ],
)
def test_a_broken_message_is_named_and_the_rest_goes_on(
    alex: Mailbox, tmp_path: Path, wrong: Any, why: str
) -> None:
    text = "\n".join(map(json.dumps, (message(1), wrong, message(2))))
    report = alex.import_mail(put(tmp_path, "mail.jsonl", text))
    assert (report.imported, report.unreadable) == (2, 1)
    (left_out,) = report.left_out
    assert left_out.origin.startswith("mail.jsonl")
    assert why in left_out.why


def test_a_line_that_is_no_json_is_passed_over(alex: Mailbox, tmp_path: Path) -> None:
    text = f"{json.dumps(message(1))}\n{{'no': json, {'x' * 200}\n{json.dumps(message(2))}\n"
    report = alex.import_mail(put(tmp_path, "mail.jsonl", text))
    assert (report.imported, report.unreadable) == (2, 1)
    assert report.left_out[0].origin == "mail.jsonl, message 2"


@pytest.mark.parametrize(
    "text",
    [
        '{"value": [{"a": 1}, {"b": [2]}], "@odata.nextLink": "x"}',
        '{"@odata.context": "a\\"b", "@odata.count": 2, "value" : [{"a": 1},{"b": [2]}]}',
        '[{"a": 1},\n {"b": [2]}]',
        '\ufeff{"a": 1}\n{"b": [2]}\n',
        ' {"a": 1}  {"b": [2]}',
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 1024])
def test_objects_are_found_in_every_shape(text: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "PIECE", max(piece, 64) if "value" in text else piece)
    assert [found for found, _ in objects(BytesIO(text.encode()))] == [{"a": 1}, {"b": [2]}]


@pytest.mark.parametrize("text", ["", "  ", "[]", '{"value": []}', "[ ]"])
def test_there_may_be_none(text: str) -> None:
    assert list(objects(BytesIO(text.encode()))) == []


@pytest.mark.parametrize(
    "text", ['[{"a": 1}, {"b"', '{"value": [{"a": 1}, nonsense', '[{"a": 1} {"b": 2}, x']
)
def test_a_list_that_breaks_off_says_so(text: str) -> None:
    first, *_, (last, _size) = objects(BytesIO(text.encode()))
    assert first[0] == {"a": 1}
    assert isinstance(last, str)
    assert last.endswith("nor can what follows be read")


def test_an_object_nested_without_end_is_passed_over() -> None:
    text = '{"a": 1}\n{"b": ' + "[" * 200_000 + "\n" + '{"c": 3}'
    found = [each for each, _ in objects(BytesIO(text.encode()))]
    assert found[0] == {"a": 1}
    assert found[-1] == {"c": 3}
    assert isinstance(found[1], str)
