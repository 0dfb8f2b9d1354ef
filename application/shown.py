"""Ready answers read back: what a message shows, with Graph's names in our spelling."""

from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from letterbook.application.public_ids import Kind, public
from letterbook.application.showing import Json, web_link


class Shown(BaseModel):
    """Something that is shown to a reader; its members have Graph's names in our spelling."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class ShownAddress(Shown):
    """A mail address with its name."""

    name: str | None = None
    address: str | None = None


class ShownRecipient(Shown):
    """Graph wraps an address once more."""

    email_address: ShownAddress


class ShownBody(Shown):
    """A body, HTML as a whole document."""

    content_type: str
    content: str


class ShownMoment(Shown):
    """A wall-clock time in a named zone."""

    date_time: str
    time_zone: str


class ShownFlag(Shown):
    """A follow-up flag."""

    flag_status: str
    start_date_time: ShownMoment | None = None
    due_date_time: ShownMoment | None = None
    completed_date_time: ShownMoment | None = None


class ShownMentionsPreview(Shown):
    """Whether the owner of the mailbox is among the mentioned."""

    is_mentioned: bool


class ShownMessage:
    """A message as its mailbox shows it: the ready answer, read when one of its members is asked for.

    Its ``id`` is the immutable one: it stays the same when the message is moved or sent.

    Moments are UTC. ``sender`` and ``from_`` are ``None`` for a draft in JSON; ``mentions_preview`` for one
    without mentions.
    """

    __slots__ = ("_members", "_ready", "id")

    etag: str
    created_date_time: datetime
    last_modified_date_time: datetime
    change_key: str
    categories: tuple[str, ...]
    received_date_time: datetime
    sent_date_time: datetime
    has_attachments: bool
    internet_message_id: str
    subject: str
    body_preview: str
    importance: str
    parent_folder_id: str
    conversation_id: str
    conversation_index: str
    is_delivery_receipt_requested: bool | None
    is_read_receipt_requested: bool
    is_read: bool
    is_draft: bool
    web_link: str
    inference_classification: str
    unsubscribe_data: tuple[str, ...]
    unsubscribe_enabled: bool
    mentions_preview: ShownMentionsPreview | None
    body: ShownBody
    sender: ShownRecipient | None
    from_: ShownRecipient | None
    to_recipients: tuple[ShownRecipient, ...]
    cc_recipients: tuple[ShownRecipient, ...]
    bcc_recipients: tuple[ShownRecipient, ...]
    reply_to: tuple[ShownRecipient, ...]
    flag: ShownFlag

    def __init__(self, name: UUID, ready: bytes) -> None:
        """``ready`` is the message as JSON, with the members that only beta has."""
        self.id = public(Kind.MESSAGE, name)
        self._ready = ready
        self._members: Json | None = None

    @property
    def members(self) -> Json:
        """Everything that Graph shows, under Graph's names."""
        if self._members is None:
            self._members = from_json(self._ready) | {"id": self.id, "webLink": web_link(self.id)}
        return self._members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownMessage) and self._ready == other._ready

    def __hash__(self) -> int:
        return hash(self._ready)

    def __repr__(self) -> str:
        return f"<message {self.id}: {self.subject!r}>"


class _Member:
    """An attribute that is read from the member of the answer that it names."""

    def __init__(self, name: str, kind: Any) -> None:
        self._name = name
        self._read = TypeAdapter(kind).validate_python

    def __get__(self, message: ShownMessage | None, _owner: type[ShownMessage]) -> Any:
        return self if message is None else self._read(message.members.get(self._name))

    def __set__(self, _message: ShownMessage, _value: object) -> None:
        raise AttributeError("a message is changed through its mailbox")


_OTHER_NAMES = {"etag": "@odata.etag", "from_": "from"}
for _attribute, _kind in get_type_hints(ShownMessage).items():
    setattr(ShownMessage, _attribute, _Member(_OTHER_NAMES.get(_attribute, to_camel(_attribute)), _kind))
