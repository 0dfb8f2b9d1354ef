"""How the owner of a mailbox wants it: automatic replies, zone, language, formats, working hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal, TypeVar

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion, Value

# --- Facts -----------------------------------------------------------------------------------------


class RepliesStatus(StrEnum):
    """When automatic replies are sent."""

    DISABLED = "disabled"
    ALWAYS = "alwaysEnabled"
    SCHEDULED = "scheduled"


class Audience(StrEnum):
    """Who of those outside gets an automatic reply."""

    NONE = "none"
    CONTACTS = "contactsOnly"
    ALL = "all"


class AutomaticReplies(Value):
    """What whoever writes to an absent owner is told. ``starts`` and ``ends`` are moments in UTC."""

    status: RepliesStatus = RepliesStatus.DISABLED
    audience: Audience = Audience.ALL
    internal: str = ""
    external: str = ""
    starts: datetime | None = None
    ends: datetime | None = None

    def active(self, moment: datetime) -> bool:
        """Whether somebody who writes at a moment is to be answered."""
        if self.status is not RepliesStatus.SCHEDULED:
            return self.status is RepliesStatus.ALWAYS
        return bool(self.starts and self.ends and self.starts <= moment < self.ends)


Weekday = Literal["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]


class SwitchOver(Value):
    """When a zone of one's own changes between standard and daylight time, and by how many minutes."""

    at: time
    occurrence: int
    weekday: Weekday
    month: int
    year: int = 0
    bias: int = 0


class Zone(Value):
    """A time zone by name. One that its owner made up has a ``bias`` in minutes, and two switch-overs."""

    name: str
    bias: int | None = None
    standard: SwitchOver | None = None
    daylight: SwitchOver | None = None


class WorkingHours(Value):
    """The days and hours that the owner works, in some zone."""

    days: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
    start: time = time(8)
    end: time = time(17)
    zone: Zone = Zone(name="Pacific Standard Time")


MeetingMessages = Literal[
    "sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly"
]


class Settings(Value):
    """All settings of a mailbox. The defaults are those of Graph's samples, and part of the file format.

    Only the fields that are set are stored, so settings also serve as "what changed".
    """

    replies: AutomaticReplies = AutomaticReplies()
    time_zone: str = "UTC"
    locale: str = "en-US"
    date_format: str = "MM/dd/yyyy"
    time_format: str = "hh:mm tt"
    working_hours: WorkingHours = WorkingHours()
    meeting_messages: MeetingMessages = "sendToDelegateOnly"


class SettingsChanged(Fact, stored_as="mailbox.settings-changed.v1"):
    """The owner changed settings; only what changed is here."""

    changes: Settings


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Change settings: the fields that are set, down to single fields of replies and working hours."""

    changes: Settings


# --- Rules -----------------------------------------------------------------------------------------

LONGEST_REPLY = 128 * 1024
"""Characters of one automatic reply (Exchange: 128 KB)."""
DAY = timedelta(days=1)


def change(settings: Settings, ask: ChangeSettings, on: Occasion) -> tuple[SettingsChanged, ...]:
    """Settings that are already so say nothing new; those that make no sense are refused."""
    changes = what_changes(settings, ask.changes)
    if changes is None:
        return ()
    if "working_hours" in changes.model_fields_set:
        _check_hours(changed_by(settings, changes).working_hours)
    if "replies" in changes.model_fields_set:
        changes = _dated(changes, changed_by(settings, changes).replies, on.at)
        _check_replies(changed_by(settings, changes).replies, on.at)
    return (SettingsChanged(on=on, changes=changes),)


def _check_hours(hours: WorkingHours) -> None:
    if hours.start >= hours.end:
        raise refusals.HoursReversed


def _dated(changes: Settings, replies: AutomaticReplies, moment: datetime) -> Settings:
    """Replies are scheduled for the next day where their owner named no dates."""
    if replies.status is not RepliesStatus.SCHEDULED or (replies.starts and replies.ends):
        return changes
    starts, ends = replies.starts or this_hour(moment), replies.ends or this_hour(moment) + DAY
    dated = changes.replies.model_copy(update={"starts": starts, "ends": ends})
    return changes.model_copy(update={"replies": dated})


def _check_replies(replies: AutomaticReplies, moment: datetime) -> None:
    if max(len(replies.internal), len(replies.external)) > LONGEST_REPLY:
        raise refusals.TooLong("automatic reply", LONGEST_REPLY)
    if replies.status is RepliesStatus.SCHEDULED:
        assert replies.starts, "a schedule has dates"
        assert replies.ends, "a schedule has dates"
        if replies.ends <= max(replies.starts, moment):
            raise refusals.RepliesPeriodInvalid


def this_hour(moment: datetime) -> datetime:
    """The hour that a moment is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


# --- Fold ------------------------------------------------------------------------------------------

V = TypeVar("V", bound=Value)
_IN_PARTS = ("replies", "working_hours")
"""Fields that change part by part; of the others, the new value takes the place of the old."""


def changed_by(value: V, changes: V) -> V:
    """The value with every field that ``changes`` sets."""
    update = {name: _merged(value, changes, name) for name in changes.model_fields_set}
    return value.model_copy(update=update)


def _merged(value: Value, changes: Value, name: str) -> object:
    old, new = getattr(value, name), getattr(changes, name)
    return changed_by(old, new) if name in _IN_PARTS else new


def what_changes(value: V, changes: V) -> V | None:
    """The part of ``changes`` that would make a difference, or ``None``."""
    given = (name for name in type(value).model_fields if name in changes.model_fields_set)
    named = {name: new for name in given for new in _news(value, changes, name)}
    return type(value)().model_copy(update=named) if named else None


def _news(value: Value, changes: Value, name: str) -> tuple[object, ...]:
    """What is new of a field, if anything is; that there is nothing any more can be."""
    old, new = getattr(value, name), getattr(changes, name)
    if name in _IN_PARTS:
        parts = what_changes(old, new)
        return () if parts is None else (parts,)
    return () if new == old else (new,)
