"""Answers in Graph's shape, cut from the ready JSON that the views keep."""

import html
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from orjson import dumps, loads
from pydantic_core import to_json

from letterbook.adapters.graph.attached import AttachmentAnswers
from letterbook.adapters.graph.expanding import EVENT, Expand
from letterbook.adapters.graph.hanging import (
    mention_object,
    newest_first,
    shown_extensions,
    shown_properties,
    shown_several,
)
from letterbook.adapters.graph.options import Options
from letterbook.adapters.graph.tenant import TENANT
from letterbook.adapters.graph.wire_headers import headers_of
from letterbook.application.meetings import BEFORE, ReadMeeting, as_far_as_known
from letterbook.application.public_ids import Kind, public
from letterbook.application.rows import FolderRow, Leaf, MessageRow
from letterbook.application.showing import default_id, with_immutable_id
from letterbook.domain import text
from letterbook.domain.message import Message
from letterbook.domain.quotation import unique

_TYPE = b'{"@odata.type":'
_TENTATIVE = (
    b'"meetingMessageType":"meetingTenativelyAccepted"',
    b'"meetingMessageType":"meetingTentativelyAccepted"',
)
"""A slip of v1.0, which beta has mended (schemas of both)."""
ReadMessage = Callable[[UUID], Message]
ReadEvent = Callable[[UUID, Message, str, tuple[Expand, ...]], dict[str, Any] | None]
"""The event that a message of some name is about: where it is described, and what is shown inside it."""
SomeRow = TypeVar("SomeRow", bound=MessageRow | Leaf)

ANSWER_LIMIT = 32 * 1024 * 1024
"""Bytes of files in a page of messages: with more, the page ends early, and its link goes on from there."""

HIDDEN_FROM_BASIC = frozenset({"body", "bodyPreview", "uniqueBody"})
"""What ``Mail.ReadBasic`` does not show (Graph: permissions reference)."""


class MessageAnswers:
    """How the messages of one request are answered: version, selection, body format, what is inline."""

    def __init__(
        self,
        *,
        root: str,
        owner: UUID,
        beta: bool,
        options: Options,
        body_type: str | None = None,
        basic: bool = False,
        read_message: ReadMessage,
        read_event: ReadEvent,
        read_earlier: ReadMeeting,
        attachments: Callable[[], AttachmentAnswers],
        immutable: bool = False,
    ) -> None:
        self._root = root
        self._owner = owner
        self._beta = beta
        self._options = options
        self._body_type = body_type
        self._basic = basic
        self._read_message = read_message
        self._read_event = read_event
        self._read_earlier = read_earlier
        self._attachments = attachments
        self._immutable = immutable
        self._known: dict[UUID, Message] = {}
        self._as_it_is = not (options.select or options.expand or body_type or basic)
        chosen = {each.rpartition("/")[2] for each in options.select} if options.select else None
        self._wanted = chosen and {"@odata.type", "@odata.etag", "id", *chosen}
        self._tells_before = chosen is None or not chosen.isdisjoint(BEFORE)

    def object(self, row: MessageRow | Leaf) -> bytes:
        """One message as a JSON object without its context."""
        if self._as_it_is:
            return self._whole(row)
        cut = self._cut(row)
        return to_json(cut) if self._options.expand else dumps(cut)

    def typed(self, row: MessageRow | Leaf) -> bytes:
        """The same with its type, also where that is the usual one."""
        shown = self.object(row)
        return shown if shown.startswith(_TYPE) else _TYPE + b'"#microsoft.graph.message",' + shown[1:]

    def fitting(self, rows: Sequence[SomeRow]) -> Sequence[SomeRow]:
        """As many of these messages as one answer may hold with the files in them: at least one."""
        inline = next((each for each in self._options.expand if each.name == "attachments"), None)
        if inline is None or (inline.members is not None and "contentbytes" not in inline.members):
            return rows
        size = 0
        for place, row in enumerate(rows):
            message = self._known[row.message] = self._read_message(row.message)
            page = self._attachments().page(message.attachments, self._moves(message), inline)
            size += sum(each.size for each in page)
            if place and size > ANSWER_LIMIT:
                return rows[:place]
        return rows

    def entity(self, row: MessageRow | Leaf, path: str, link: str | None = None) -> bytes:
        """One message as a whole answer."""
        shown = self.object(row)
        if link:
            shown = b'{"@odata.id":' + to_json(link) + b"," + shown[1:]
        return _with_context(self._context(path, entity=True), shown)

    def result(self, row: MessageRow | Leaf) -> bytes:
        """One message as what an action gives back (samples of *move* and *markAsJunk*)."""
        shown = self.typed(row)
        return _with_context(f"{self._root}/$metadata#message", shown)

    def collection(self, rows: Iterable[Leaf], path: str, count: int | None, next_link: str | None) -> bytes:
        """A page of messages as a whole answer."""
        parts = [b'{"@odata.context":', to_json(self._context(path, entity=False))]
        if count is not None:
            parts.append(b',"@odata.count":%d' % count)
        parts += [b',"value":[', *self._several(rows), b"]"]
        if next_link:
            parts += [b',"@odata.nextLink":', to_json(next_link)]
        return b"".join([*parts, b"}"])

    def _several(self, rows: Iterable[Leaf]) -> list[bytes]:
        """Messages with commas between them, in parts, so that they are copied into the page only once."""
        parts: list[bytes] = []
        for row in rows:
            parts += self._parts(row) if self._as_it_is else (self.object(row),)
            parts.append(b",")
        return parts[:-1]

    def _context(self, path: str, *, entity: bool) -> str:
        if not (self._options.select or self._options.expand):
            return f"{self._root}/$metadata#{path}{'/$entity' if entity else ''}"
        chosen = [*self._options.select, *(f"{each.name}()" for each in self._options.expand)]
        selection = f"({','.join(chosen)})" if chosen else ""
        return f"{self._root}/$metadata#{path}{selection}{'/$entity' if entity else ''}"

    def _cut(self, row: MessageRow | Leaf) -> dict[str, Any]:
        whole = loads(self._whole(row))
        self._add_unselected(row, whole)
        self._format_bodies(whole)
        wanted = self._wanted or set(whole)
        hidden = HIDDEN_FROM_BASIC if self._basic else frozenset()
        cut = {name: value for name, value in whole.items() if _of(name) in wanted and name not in hidden}
        for each in self._options.expand:
            cut |= self._inline(row, each)
        return cut

    def _whole(self, row: MessageRow | Leaf) -> bytes:
        return b"".join(self._parts(row))

    def _parts(self, row: MessageRow | Leaf) -> tuple[bytes, ...]:
        """The ready answer, in the parts that the views keep."""
        head = with_immutable_id(row.head, row.message) if self._immutable else row.head
        tail = as_far_as_known(row.head, row.tail, self._read_earlier) if self._tells_before else row.tail
        if self._beta:
            return head.replace(*_TENTATIVE), row.beta, row.body, tail
        return head, row.body, tail

    def _id(self, row: MessageRow | Leaf) -> str:
        return public(Kind.MESSAGE, row.message) if self._immutable else default_id(row.head)

    def _moves(self, message: Message) -> int | None:
        """What the ids of its attachments are made with."""
        return None if self._immutable else message.moves

    def _format_bodies(self, whole: dict[str, Any]) -> None:
        for name in ("body", "uniqueBody"):
            if self._body_type and name in whole and whole[name]["contentType"] != self._body_type:
                whole[name] = converted(whole[name]["content"], self._body_type)

    def _add_unselected(self, row: MessageRow | Leaf, whole: dict[str, Any]) -> None:
        """Properties that are only shown when they are asked for by name."""
        if "uniqueBody" in self._options.select:
            body = whole["body"]
            whole["uniqueBody"] = body | {"content": unique(body["contentType"], body["content"])}
        if "internetMessageHeaders" in self._options.select:
            headers = headers_of(self._read_message(row.message))
            whole["internetMessageHeaders"] = [{"name": h.name, "value": h.value} for h in headers]

    def _inline(self, row: MessageRow | Leaf, each: Expand) -> dict[str, Any]:
        message = self._known.get(row.message) or self._read_message(row.message)
        here = f"users('{self._owner}')/messages('{quote(self._id(row), safe='')}')"
        where = f"{self._root}/$metadata#{here}/{each.name}"
        if each.name == EVENT:
            return self._event(row.message, message, each, where) if message.letter.meeting else {}
        match each.name:
            case "attachments":
                answers, moves = self._attachments(), self._moves(message)
                return answers.several(message.attachments, where, moves=moves, wanted=each)
            case "mentions":
                url = odata_id(self._root, self._owner, self._id(row))
                return shown_several(each, where, [mention_object(m, url) for m in newest_first(message)])
            case "extensions":
                return shown_extensions(message.extensions, each, where)
            case _:
                return shown_properties(message.letter.properties, each, where)

    def _event(self, name: UUID, message: Message, each: Expand, where: str) -> dict[str, Any]:
        """The event that a message is about; there is none of what a calendar would not hold."""
        shown = self._read_event(name, message, where, each.inside)
        if shown is None:
            return {"event": None}
        self._format_bodies(shown)
        return {"event@odata.context": f"{where}/$entity", "event": each.members_of(shown)}


def _of(name: str) -> str:
    """The member that a member is, or that it is said of: ``previousLocation@letterbook.error``."""
    return name.partition("@")[0] or name


def odata_id(root: str, owner: UUID, message: str) -> str:
    """Where a message is, as ``@odata.id`` says it (sample of *Create message* with a mention)."""
    return f"{root}/users('{owner}@{TENANT}')/messages('{message}')"


def converted(content: str, wanted: str) -> dict[str, str]:
    """A body in the other format (``Prefer: outlook.body-content-type``)."""
    if wanted == "text":
        return {"contentType": "text", "content": text.plain(content)}
    as_html = html.escape(content, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return {"contentType": "html", "content": text.as_document(as_html)}


def folder_object(row: FolderRow, children: int, *, beta: bool, readable: bool = True) -> dict[str, Any]:
    """A folder with its counts; ``readable`` tells whether a search folder's condition is understood."""
    shown: dict[str, Any] = {
        "id": public(Kind.FOLDER, row.folder),
        "displayName": row.name,
        "parentFolderId": public(Kind.FOLDER, row.parent or row.folder),
        "childFolderCount": children,
        "unreadItemCount": row.unread,
        "totalItemCount": row.total,
    }
    if beta:
        shown["wellKnownName"] = row.well_known
    shown["isHidden"] = row.hidden
    if row.search is None:
        return shown
    return {
        "@odata.type": "#microsoft.graph.mailSearchFolder",
        **shown,
        "isSupported": readable,
        "includeNestedFolders": row.search.nested,
        "sourceFolderIds": [public(Kind.FOLDER, source) for source in row.search.sources],
        "filterQuery": row.search.condition,
    }


def entity(context: str, shown: dict[str, Any]) -> bytes:
    """One object as a whole answer."""
    return to_json({"@odata.context": context, **shown})


def collection(context: str, shown: list[dict[str, Any]], **more: Any) -> bytes:
    """Some objects as a whole answer."""
    return to_json({"@odata.context": context, **more, "value": shown})


def _with_context(context: str, shown: bytes) -> bytes:
    return b'{"@odata.context":' + to_json(context) + b"," + shown[1:]
