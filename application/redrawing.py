"""Messages drawn for a rebuild: from the fields that :func:`retell` leaves, without making values of them.

Only what most messages are is drawn here, with the answers of ``showing``. Everything else is for
:func:`letterbook.application.projection.row_of`; tests hold both to the same rows.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from orjson import dumps

from letterbook.application.projection import BEYOND
from letterbook.application.public_ids import Kind, change_key, conversation_id, public
from letterbook.application.rows import MessageRow
from letterbook.application.searching import Wording, told_wording
from letterbook.application.showing import USUAL_BETA, Json, head_of, ready_body, tail_of
from letterbook.domain.letter import FlagStatus, Importance, Inference
from letterbook.domain.mailbox import Mailbox, well_known_id
from letterbook.domain.message.retelling import Fields

_LETTER = frozenset(
    "subject body importance to cc bcc reply_to author sender internet_message_id delivery_receipt "
    "read_receipt inference headers properties".split()
)
_STATE = frozenset(
    "kind folder letter thread created_at modified_at received_at sent_at from_mime revision moves mentions "
    "attachments is_read".split()
)
"""Who says anything besides is drawn elsewhere."""
_NOBODY: Fields = {}
_UNWRITTEN: Fields = {"kind": "text"}


class Place(NamedTuple):
    """A folder."""

    name: UUID
    public_id: str


class Moment(NamedTuple):
    """A moment as rows keep it, and as answers show it."""

    at: datetime
    shown: str


class Redrawing:
    """Draws the messages of one mailbox."""

    def __init__(self, mailbox: UUID, owner: Mailbox, *, words: bool) -> None:
        self._mailbox = mailbox
        self._owner = owner.owner.key
        self._beyond = well_known_id(mailbox, BEYOND)
        self._words = words

    def draw(self, name: UUID, state: Fields) -> tuple[MessageRow, Wording | None] | None:
        """The row of a message that is in a folder, with its words; ``None`` for an unusual one."""
        letter = state["letter"]
        body = letter.get("body", _UNWRITTEN)
        if not _is_usual(state, letter, body):
            return None
        kind, content = body.get("kind", "text"), body.get("content") or ""
        tail = _tail(letter)
        row = self._row(name, state, letter, body.get("preview", ""), ready_body(kind, content), tail)
        said = {"contentType": kind, "content": content}
        return row, told_wording(row, said, tail) if self._words else None

    def _row(
        self, name: UUID, state: Fields, letter: Fields, preview: str, body: bytes, tail: Json
    ) -> MessageRow:
        folder, is_read = _place(state["folder"]), state.get("is_read", True)
        created, modified = _moment(state["created_at"]), _moment(state["modified_at"])
        received, sent = _moment(state["received_at"]), _moment(state["sent_at"])
        author, sender = letter.get("author") or _NOBODY, letter.get("sender") or _NOBODY
        by_name, by_address = author.get("name", ""), author.get("address", "")
        from_name, from_address = sender.get("name", ""), sender.get("address", "")
        mentions = state["mentions"]
        is_mentioned = bool(mentions) and self._is_mentioned(mentions)
        subject, message_id = letter.get("subject", ""), letter.get("internet_message_id", "")
        importance = letter.get("importance", _NORMAL)
        inference = letter.get("inference", _FOCUSED)
        is_draft = state["kind"] == "draft"
        conversation = conversation_id(state["thread"]["conversation"])
        head = head_of(
            change_key(self._mailbox, name, state["revision"]),
            public(Kind.MESSAGE, name, state["moves"]),
            created.shown,
            modified.shown,
            (),
            received.shown,
            sent.shown,
            False,
            message_id,
            subject,
            preview,
            importance,
            folder.public_id,
            conversation,
            state["thread"]["index"],
            letter.get("delivery_receipt", False),
            letter.get("read_receipt", False),
            is_read,
            is_draft,
            inference,
        )
        return MessageRow(
            message=name,
            folder=folder.name,
            received_at=received.at,
            sent_at=sent.at,
            created_at=created.at,
            modified_at=modified.at,
            subject=subject,
            from_address=by_address,
            from_name=by_name,
            importance=importance,
            is_read=is_read,
            is_draft=is_draft,
            has_attachments=False,
            flag_status=_NOT_FLAGGED,
            inference=inference,
            conversation=conversation,
            internet_message_id=message_id,
            mentions_owner=is_mentioned,
            in_mailbox=folder.name != self._beyond,
            head=dumps(head)[:-1] + b",",
            beta=USUAL_BETA[bool(mentions) + is_mentioned],
            body=body,
            tail=dumps(tail)[1:],
            size=len(letter.get("body", _UNWRITTEN).get("content") or ""),
            sender_address=None if from_address == by_address else from_address,
            sender_name=None if from_name == by_name else from_name,
        )

    def _is_mentioned(self, mentions: list[Fields]) -> bool:
        return any(each["mentioned"].get("address", "").casefold() == self._owner for each in mentions)


_NORMAL, _FOCUSED = Importance.NORMAL.value, Inference.FOCUSED.value
_NOT_FLAGGED = FlagStatus.NOT_FLAGGED.value
_UNFLAGGED: Json = {"flagStatus": _NOT_FLAGGED}


def _is_usual(state: Fields, letter: Fields, body: Fields) -> bool:
    moments = (state["created_at"], state["modified_at"], state["received_at"], state["sent_at"])
    return (
        _STATE.issuperset(state)
        and _LETTER.issuperset(letter)
        and not state["attachments"]
        and not letter.get("properties")
        and not body.get("blob")
        and not any(each["name"].lower() == "list-unsubscribe" for each in letter.get("headers", ()))
        and all(at[-1] == "Z" for at in moments)
    )


def _tail(letter: Fields) -> Json:
    sender, author = letter.get("sender"), letter.get("author")
    return tail_of(
        sender and _recipient(sender),
        author and _recipient(author),
        [_recipient(each) for each in letter.get("to", ())],
        [_recipient(each) for each in letter.get("cc", ())],
        [_recipient(each) for each in letter.get("bcc", ())],
        [_recipient(each) for each in letter.get("reply_to", ())],
        _UNFLAGGED,
    )


def _recipient(person: Fields) -> Json:
    return {"emailAddress": {"name": person.get("name", ""), "address": person.get("address", "")}}


@lru_cache(maxsize=1024)
def _place(folder: str) -> Place:
    name = UUID(folder)
    return Place(name, public(Kind.FOLDER, name))


@lru_cache(maxsize=64)
def _moment(said: str) -> Moment:
    """The moments of a message are often one."""
    return Moment(datetime.fromisoformat(said), f"{said[:19]}Z")
