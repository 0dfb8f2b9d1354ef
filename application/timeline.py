"""What changed: of one message fact by fact, and of a message, a folder or a mailbox between two points.

Only what is different is told, under the names that Graph gives it, as it was before and as it is after.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from uuid import UUID

from pydantic.alias_generators import to_camel
from pydantic_core import from_json, to_jsonable_python

from letterbook.application.completeness import read_all
from letterbook.application.meetings import ReadMeeting, with_before
from letterbook.application.ports import History, Recorded
from letterbook.application.public_ids import Kind, public
from letterbook.application.showing import Json, ReadBlob, show
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.attachments import Attachment
from letterbook.domain.facts import Forgotten
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import ErasedMessage, Imported, MentionAdded, Message, MessageFact
from letterbook.domain.people import EmailAddress
from letterbook.domain.retention import RetentionSet

_SLICE = 1000
_NOWHERE = UUID(int=0)
_OF_EVERY_CHANGE = frozenset({"@odata.etag", "id", "changeKey", "lastModifiedDateTime", "webLink"})
"""What a change always changes, or nothing ever does."""

What = Literal["message", "folder", "settings"]
How = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Changed:
    """One property as it was and as it is; ``None``: there was, or is, none."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Moment:
    """One fact of a message, and what it changed."""

    recorded: Recorded
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is otherwise at a later point: what it is, its name there or before, and how."""

    what: What
    id: str
    name: str
    how: How
    changes: tuple[Changed, ...]


# --- One message, fact by fact ---------------------------------------------------------------------


def timeline(records: Iterable[Recorded], read_blob: ReadBlob, read_meeting: ReadMeeting) -> Iterator[Moment]:
    """What every fact of a message changed, first to last."""
    message: Message | None = None
    before: Json = {}
    for recorded in records:
        message = messages.evolve(message, cast(MessageFact, recorded.fact))
        if isinstance(recorded.fact, Forgotten):
            yield Moment(recorded, ())
            continue
        after = members(recorded.mailbox, recorded.aggregate, message, read_blob, read_meeting)
        changes = changed(before, after) or _said(recorded)
        yield Moment(recorded, (*_found(recorded), *changes))
        before = after


def _found(recorded: Recorded) -> tuple[Changed, ...]:
    """Of a letter that was brought in: where it was found, which no property of Graph says."""
    fact = recorded.fact
    return (Changed("origin", None, fact.origin),) if isinstance(fact, Imported) else ()


def _said(recorded: Recorded) -> tuple[Changed, ...]:
    """Of a fact that changes nothing that is shown, such as a delivery: what it says itself."""
    said = recorded.fact.model_dump(mode="json", exclude_unset=True, exclude={"on"})
    return tuple(Changed(name, None, value) for name, value in said.items())


def members(
    mailbox: UUID, name: UUID, message: Message | None, read_blob: ReadBlob, read_meeting: ReadMeeting
) -> Json:
    """All that a message says and has, under Graph's names; nothing of one that is not there."""
    if message is None or isinstance(message, ErasedMessage):
        return {}
    placed = message if message.folder else replace(message, folder=_NOWHERE)
    row = show(mailbox, name, placed, EmailAddress(), _NOWHERE, read_blob)
    shown = from_json(row.head + row.body + with_before(row.head, row.tail, read_meeting))
    shown = {key: value for key, value in shown.items() if key not in _OF_EVERY_CHANGE}
    return shown | {
        "parentFolderId": public(Kind.FOLDER, message.folder) if message.folder else None,
        "attachments": [_attachment(each) for each in message.attachments],
        "mentions": [_mention(each) for each in message.mentions],
        "extensions": {each.name: each.values for each in message.extensions},
        "internetMessageHeaders": [header.model_dump() for header in message.letter.headers],
    }


def _attachment(attachment: Attachment) -> Json:
    shown = {"name": attachment.name, "size": attachment.size, "isInline": attachment.is_inline}
    return {"id": public(Kind.ATTACHMENT, attachment.id)} | shown


def _mention(mention: MentionAdded) -> Json:
    return {"id": str(mention.mention_id), "mentioned": mention.mentioned.model_dump()}


def changed(before: Json, after: Json) -> tuple[Changed, ...]:
    """The properties that differ; one that is empty is as good as none."""
    names = dict.fromkeys((*before, *after))
    pairs = ((name, _full(before.get(name)), _full(after.get(name))) for name in names)
    return tuple(Changed(name, old, new) for name, old, new in pairs if old != new and (old or new))


def _full(value: Any) -> Any:
    return None if value in ("", [], {}) else value


# --- Between two points ----------------------------------------------------------------------------


class Comparison:
    """One mailbox at two positions, the later one maybe before the earlier one."""

    def __init__(
        self,
        history: History,
        mailbox: UUID,
        start: int,
        end: int,
        read_blob: ReadBlob,
        read_meeting: ReadMeeting,
    ) -> None:
        self._history = history
        self._mailbox = mailbox
        self._start = start
        self._end = end
        self._read = read_blob, read_meeting
        self._newest: dict[UUID, int] = {}
        """Where something happened last to a message, up to the later one of the two positions."""

    def of_message(self, name: UUID) -> Iterator[Difference]:
        """What is different about one message."""
        before, after = self._message(name, self._start), self._message(name, self._end)
        yield from self._differing(name, before, after, _is_there(before), _is_there(after))

    def of_folder(self, folder: UUID) -> Iterator[Difference]:
        """What is different about a folder: itself, the folders directly in it, its messages."""
        yield from self._folders(folder)
        for name in self._touched():
            before, after = self._message(name, self._start), self._message(name, self._end)
            was, is_ = (each is not None and each.folder == folder for each in (before, after))
            yield from self._differing(name, before, after, was, is_)

    def of_mailbox(self) -> Iterator[Difference]:
        """Everything that is different: folders, what its owner wants, messages."""
        yield from self._folders(None)
        yield from self._settings()
        for name in self._touched():
            yield from self.of_message(name)

    def _touched(self) -> Iterator[UUID]:
        """The messages to which something happened between the two positions."""
        first, last = sorted((self._start, self._end))
        for after in range(first, last, _SLICE):
            news = read_all(self._history, self._mailbox, after, min(_SLICE, last - after))
            self._newest |= {each.aggregate: each.seq for each in news}
        self._newest.pop(self._mailbox, None)
        return iter(self._newest)

    def _message(self, name: UUID, at: int) -> Message | None:
        newest = self._newest.get(name, 0) if at == max(self._start, self._end) else 0
        if name == self._mailbox:
            return None
        told = self._history.told(self._mailbox, name, newest or at, whole=newest > 0)
        return messages.fold(None, cast(list[MessageFact], told))

    def _differing(
        self, name: UUID, before: Message | None, after: Message | None, was: bool, is_: bool
    ) -> Iterator[Difference]:
        """A message that ``was`` there, or ``is_``, if it is not the same."""
        old, new = (members(self._mailbox, name, each, *self._read) for each in (before, after))
        changes = changed(old if before and (was or is_) else {}, new)
        if (was or is_) and (changes or was != is_):
            subject = str((new or old).get("subject", ""))
            yield Difference("message", public(Kind.MESSAGE, name), subject, _how(was, is_), changes)

    def _own(self, at: int) -> Mailbox | None:
        told = self._history.told(self._mailbox, self._mailbox, at)
        return mailboxes.fold(None, cast(list[MailboxFact], told))

    def _folders(self, only: UUID | None) -> Iterator[Difference]:
        before, after = (_shown_folders(self._own(at), only) for at in (self._start, self._end))
        for folder in dict.fromkeys((*before, *after)):
            old, new = before.get(folder, {}), after.get(folder, {})
            if changes := changed(old, new):
                name = str((new or old)["displayName"])
                how = _how(bool(old), bool(new))
                yield Difference("folder", public(Kind.FOLDER, folder), name, how, changes)

    def _settings(self) -> Iterator[Difference]:
        before, after = (_shown_settings(self._own(at)) for at in (self._start, self._end))
        if changes := changed(before, after):
            yield Difference("settings", str(self._mailbox), "settings", "changed", changes)


def _is_there(message: Message | None) -> bool:
    return message is not None and message.folder is not None


def _how(was: bool, is_: bool) -> How:
    if was and is_:
        return "changed"
    return "removed" if was else "added"


def _shown_folders(mailbox: Mailbox | None, only: UUID | None) -> dict[UUID, Json]:
    """The folders of a mailbox, or one of them with those directly in it."""
    found = mailbox.folders.values() if mailbox else ()
    return {
        folder.id: {
            "displayName": folder.name,
            "parentFolderId": public(Kind.FOLDER, folder.parent) if folder.parent else None,
            "isHidden": folder.hidden,
            "search": to_jsonable_python(folder.search),
        }
        for folder in found
        if only is None or only in (folder.id, folder.parent)
    }


def _shown_settings(mailbox: Mailbox | None) -> Json:
    """What an owner wants, whom they trust, and what has to be kept."""
    if mailbox is None:
        return {}
    wants, trust = mailbox.preferences, mailbox.trust
    said = wants.settings.model_dump(mode="json")
    return {
        **{to_camel(name): value for name, value in said.items()},
        "masterCategories": to_jsonable_python(list(wants.categories.values())),
        "overrides": to_jsonable_python(list(wants.overrides.values())),
        "messageRules": to_jsonable_python(list(wants.rules.values())),
        "blockedSenders": sorted(trust.blocked),
        "delegates": {address: str(right) for address, right in sorted(trust.delegates.items())},
        "holds": {hold.name: hold.search or "everything" for hold in mailbox.keeping.holds.placed.values()},
        "retention": [_retention(said) for said in mailbox.keeping.retentions.values()],
    }


def _retention(said: RetentionSet) -> Json:
    return {"folder": public(Kind.FOLDER, said.folder), "days": said.days, "action": str(said.action)}
