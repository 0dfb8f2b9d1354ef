"""The fold once more, for very many messages: told from the fields that facts were stored as.

:func:`letterbook.domain.message.fold` makes values of everything a fact says, and a state of every fact. Here
what the facts of a message say is put together first, and values are made of what is left in the end. Facts
that happen seldom, and messages in messages, are left to the fold; tests hold both to the same states.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter

from letterbook.domain.attachments import Attachment
from letterbook.domain.message.facts import (
    AttachmentAdded,
    Categorised,
    Copied,
    Deleted,
    Delivered,
    DeliveryFailed,
    DraftCreated,
    DraftUpdated,
    Flagged,
    Imported,
    MentionAdded,
    Moved,
    ReadStateChanged,
    Received,
    Remarked,
    Sent,
)
from letterbook.domain.message.known import says_only_known
from letterbook.domain.message.state import DeletedMessage, Draft, Message, ReceivedMessage, SentMessage
from letterbook.domain.people import EmailAddress

Fields = dict[str, Any]
"""JSON as it was stored of a fact, or what was put together of several."""
Written = tuple[str, Fields]
"""The stored name of a fact, and its fields."""


def retell(story: Sequence[Written]) -> Fields | None:
    """What a message says in the end, from all its facts in order: the fields of its state, as JSON has them,
    and its ``kind``. ``None`` if only the fold can tell it.

    The fields belong to whoever retells: they are changed.
    """
    for name, fact in story:
        if not says_only_known(name, fact):
            return None  # who reads the fact itself says what it is
    (name, first), *rest = story
    begin = _BEGINNINGS.get(name)
    state = begin(first) if begin else None
    if state is None:
        return None
    for name, fact in rest:
        if (change := _CHANGES.get(name)) is None:
            return None
        change(state, fact)
    return None if any(each["kind"] == "item" for each in state["attachments"]) else state


def made(state: Fields) -> Message:
    """The state that the fold would tell."""
    values = state | {
        "letter": _with_people(state["letter"], _LISTS, _ONES),
        "attachments": tuple(_attached(each) for each in state["attachments"]),
        "mentions": tuple(_with_people(each, (), _MENTIONING) for each in state["mentions"]),
    }
    return _reader(values.pop("kind")).validate_python(values)


def _with_people(fields: Fields, lists: Iterable[str], ones: Iterable[str]) -> Fields:
    """Everybody who was known before is not made again."""
    several = {name: tuple(map(_person, fields[name])) for name in lists if name in fields}
    return fields | several | {name: _person(fields[name]) for name in ones if fields.get(name)}


_LISTS = ("to", "cc", "bcc", "reply_to")
_ONES = ("author", "sender")
_MENTIONING = ("mentioned", "created_by")
_KINDS: dict[str, type[Message]] = {
    "draft": Draft,
    "sent": SentMessage,
    "received": ReceivedMessage,
    "deleted": DeletedMessage,
}


@cache
def _reader(kind: str) -> TypeAdapter[Message]:
    """Reads states of a kind; made when there is one, as that takes a moment."""
    return TypeAdapter(_KINDS[kind])


@cache
def _attachments() -> TypeAdapter[Attachment]:
    return TypeAdapter(Attachment)


_JSON = TypeAdapter(Fields)


def _person(fields: Fields) -> EmailAddress:
    return _known(tuple(fields.items()))


@lru_cache(maxsize=4096)
def _known(fields: tuple[tuple[str, str], ...]) -> EmailAddress:
    """The same few people write and are written to."""
    return EmailAddress.model_validate(dict(fields))


def _attached(fields: Fields) -> Attachment:
    """Bytes are bytes only where they are read from JSON."""
    return _attachments().validate_json(_JSON.dump_json(fields))


# --- How messages begin ----------------------------------------------------------------------------


def _begun(fact: Fields) -> Fields:
    at = fact["on"]["at"]
    return {
        "kind": "draft",
        "folder": fact["folder"],
        "letter": fact["letter"],
        "thread": fact["thread"],
        "created_at": at,
        "modified_at": at,
        "received_at": at,
        "sent_at": fact.get("sent_at") or at,
        "from_mime": fact.get("from_mime", False),
        "revision": 1,
        "moves": 0,
        "mentions": [],
        "attachments": [],
    }


def _arrived(fact: Fields) -> Fields:
    begun = _begun(fact)
    begun["kind"], begun["is_read"] = "received", False
    return _equipped(begun, fact)


def _whole(fact: Fields) -> Fields | None:
    if fact.get("extensions"):
        return None  # their values are free, and whoever read the fields may know no number as large
    begun = _begun(fact) | {"kind": fact["kind"], "received_at": fact["received_at"]}
    begun |= {name: fact[name] for name in ("flag", "categories", "standing") if fact.get(name)}
    begun["is_read"] = fact.get("is_read", True)
    return _equipped(begun, fact)


def _equipped(begun: Fields, fact: Fields) -> Fields:
    begun["attachments"] = fact.get("attachments", [])
    begun["mentions"] = fact.get("mentions", [])
    return begun


# --- How they go on --------------------------------------------------------------------------------


def _noticed(state: Fields, fact: Fields) -> None:
    """Its owner can see that something changed."""
    state["modified_at"] = fact["on"]["at"]
    state["revision"] += 1


def _rewritten(state: Fields, fact: Fields) -> None:
    changes = fact["changes"]
    state["letter"].update(changes)
    state["from_mime"] = state["from_mime"] and "author" not in changes
    _noticed(state, fact)


def _mentioned(state: Fields, fact: Fields) -> None:
    state["mentions"].append(fact)
    _noticed(state, fact)


def _got_attachment(state: Fields, fact: Fields) -> None:
    state["attachments"].append(fact["attachment"])
    _noticed(state, fact)


def _left(state: Fields, fact: Fields) -> None:
    state["kind"] = "sent"
    state["letter"].update(author=fact["author"], sender=fact["sender"])
    state["moves"] += fact["kept_in"] != state["folder"]
    state["folder"] = fact["kept_in"]
    state["sent_at"] = state["received_at"] = fact["on"]["at"]
    state.pop("arrived", None)
    _noticed(state, fact)


def _moved(state: Fields, fact: Fields) -> None:
    state["folder"] = fact["folder"]
    state["moves"] += 1
    _noticed(state, fact)


def _deleted(state: Fields, fact: Fields) -> None:
    state["arrived"] = state["kind"] == "received"
    state["kind"], state["folder"] = "deleted", None
    _noticed(state, fact)


def _marked(name: str) -> Callable[[Fields, Fields], None]:
    """A fact that says what some mark is from now on."""

    def mark(state: Fields, fact: Fields) -> None:
        state[name] = fact[name]
        _noticed(state, fact)

    return mark


def _unseen(_state: Fields, _fact: Fields) -> None:
    """What the post office does shows in no folder."""


_BEGINNINGS: dict[str, Callable[[Fields], Fields | None]] = {
    DraftCreated.stored_name: _begun,
    Received.stored_name: _arrived,
    Copied.stored_name: _whole,
    Imported.stored_name: _whole,
}
_CHANGES: dict[str, Callable[[Fields, Fields], None]] = {
    DraftUpdated.stored_name: _rewritten,
    Remarked.stored_name: _rewritten,
    MentionAdded.stored_name: _mentioned,
    AttachmentAdded.stored_name: _got_attachment,
    Sent.stored_name: _left,
    Moved.stored_name: _moved,
    Deleted.stored_name: _deleted,
    Delivered.stored_name: _unseen,
    DeliveryFailed.stored_name: _unseen,
    ReadStateChanged.stored_name: _marked("is_read"),
    Flagged.stored_name: _marked("flag"),
    Categorised.stored_name: _marked("categories"),
}
