"""Messages as Graph answers them, kept in files: a message, a list of them, a page, or one in each line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from letterbook.adapters.graph.errors import GraphError
from letterbook.adapters.graph.json_objects import JsonObject, objects
from letterbook.adapters.graph.reading import new_message
from letterbook.adapters.graph.types_said import ATTACHMENTS, FILE, MESSAGES
from letterbook.adapters.graph.wire import KEPT, RECORDS, WireMessage
from letterbook.application.jobs import NewMessage
from letterbook.application.moving import FOLDERS, Found, Marks, Unreadable
from letterbook.application.ports import Clock, Ids, Mail
from letterbook.domain.conversation import join_thread

_KNOWN = {info.alias or name for name, info in WireMessage.model_fields.items()}


class GraphJsonSource:
    """The messages of JSON files. Keeps :class:`letterbook.application.moving.Source`.

    Of a message, what a message of Graph has is read; other members are passed over. A message's origin is
    its file and its id.
    """

    def __init__(self, root: Path, *, named: bool, ids: Ids, clock: Clock) -> None:
        self._root = root
        self._named = named
        self._ids = ids
        self._clock = clock
        self._files = [root] if root.is_file() else sorted((*root.rglob("*.json"), *root.rglob("*.jsonl")))
        self.total = sum(file.stat().st_size for file in self._files)

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every message of every file."""
        for file in self._files:
            name = file.name if file == self._root else file.relative_to(self._root).as_posix()
            with file.open("rb") as opened:
                for number, (given, weight) in enumerate(objects(opened), start=1):
                    yield self._found(f"{name}, message {number}", name, self._folder(file), given, weight)

    def folders(self) -> Iterator[tuple[str, ...]]:
        """The folder of every file that says one."""
        return map(self._folder, self._files)

    def _folder(self, file: Path) -> tuple[str, ...]:
        above = () if file == self._root else file.relative_to(self._root).parent.parts
        said = (self._named or above) and file.stem.casefold() in FOLDERS
        return (*above, file.stem) if said else above

    def _found(
        self, place: str, name: str, folder: tuple[str, ...], given: JsonObject | str, weight: int
    ) -> Found | Unreadable:
        if isinstance(given, str):
            return Unreadable(place, given, weight)
        try:
            return self._read(name, folder, given, weight)
        except GraphError as wrong:
            return Unreadable(place, wrong.message, weight)
        except RecursionError:
            return Unreadable(place, "it is nested too deeply", weight)
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            return Unreadable(place, f"{where or 'the message'}: {first['msg']}", weight)
        except ValueError as wrong:
            return Unreadable(place, str(wrong), weight)

    def _read(self, name: str, folder: tuple[str, ...], given: JsonObject, weight: int) -> Found:
        known = {key: what for key, what in given.items() if key in _KNOWN}
        text = json.dumps(known, allow_nan=False)  # as it was given: whoever imports again knows it by this
        said = WireMessage.model_validate_json(json.dumps(_as_message(known)), context=KEPT)
        if said.subject is None and said.body is None and said.from_ is None:
            raise ValueError("it has no subject, body and author: it is no message")
        said = said.model_copy(update={"mentions": None})
        new = new_message(said, None, self._ids, self._clock.now(), beta=True)
        return Found(
            origin=f"{name}#{said.id or sha256(text.encode()).hexdigest()[:32]}",
            folder=folder,
            mail=_mail(said, new),
            message_id=said.internet_message_id or "",
            received_at=_moment(said.received_date_time),
            marks=_marks(said, new),
            weight=weight,
        )


_TYPE = "@odata.type"


def _as_message(given: JsonObject) -> JsonObject:
    """A message as it would be said again: whatever it calls itself, unless that is an event or a contact."""
    said: JsonObject = _plain(given)
    kind = _kind(said)
    return {name: it for name, it in said.items() if name != _TYPE or kind is None or kind in RECORDS}


def _plain(given: Any) -> Any:
    """What a message was answered with, as it would be said again: without what is null, every type named.

    Programs that keep answers write null for what a message does not have, may have asked for no types, and
    may have kept but the last word of them.
    """
    if isinstance(given, list):
        return [_plain(each) for each in given]
    if not isinstance(given, dict):
        return given
    said = {name: it if name == "extensions" else _plain(it) for name, it in given.items() if it is not None}
    if isinstance(said.get("item"), dict):
        said["item"] = _typed(said["item"], MESSAGES | RECORDS, "message")
    return _typed(said, ATTACHMENTS, FILE if "contentBytes" in said else "")


def _typed(said: JsonObject, known: frozenset[str], usual: str) -> JsonObject:
    """With its type by its whole name, if it is a known one; the usual one if none is said."""
    kind = _kind(said)
    named = usual if kind == "" else kind
    return said | {_TYPE: f"#microsoft.graph.{named}"} if named in known else said


def _kind(said: JsonObject) -> str | None:
    """The last word of its type, in lower case; ``None`` if the type is not even text."""
    given = said.get(_TYPE, "")
    return given.lower().lstrip("#").rpartition(".")[2] if isinstance(given, str) else None


def _mail(said: WireMessage, new: NewMessage) -> Mail:
    thread = join_thread(str(said.conversation_index)) if said.conversation_index else None
    return Mail(
        letter=new.letter,
        attachments=new.attachments,
        thread=thread,
        sent_at=_moment(said.sent_date_time),
    )


def _marks(said: WireMessage, new: NewMessage) -> Marks:
    return Marks(
        is_read=new.is_read,
        is_draft=said.is_draft is True,
        flag=new.flag,
        categories=new.categories,
        extensions=new.extensions,
    )


def _moment(said: object) -> datetime | None:
    if said is None:
        return None
    at = datetime.fromisoformat(str(said))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
