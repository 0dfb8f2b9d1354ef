"""mailboxSettings: read all or one of them, change some; and the zones and languages there are."""

import re
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, get_args

from pydantic import Field
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors, zones
from letterbook.adapters.graph.answers import entity
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.lists import Shown, chosen, context, several
from letterbook.adapters.graph.shown_filters import Findable
from letterbook.adapters.graph.wire import Wire, WireMoment, read
from letterbook.application.public_ids import Kind, public
from letterbook.domain import mailbox as mailboxes
from letterbook.domain.preferences import Preferences
from letterbook.domain.settings import (
    Audience,
    AutomaticReplies,
    ChangeSettings,
    MeetingMessages,
    RepliesStatus,
    Settings,
    SwitchOver,
    Weekday,
    WorkingHours,
    Zone,
    this_hour,
)

DAY = timedelta(days=1)

# --- What is said ----------------------------------------------------------------------------------


class WireSwitchOver(Wire):
    """standardTimeZoneOffset and daylightTimeZoneOffset."""

    graph_type: ClassVar[str] = "standardTimeZoneOffset"

    time: str
    day_occurrence: int
    day_of_week: str
    month: int
    year: int = 0
    daylight_bias: int = 0


class WireZone(Wire):
    """timeZoneBase and customTimeZone."""

    graph_type: ClassVar[str] = "timeZoneBase"

    odata_type: str | None = Field(default=None, alias="@odata.type")
    name: str | None = None
    bias: int | None = None
    standard_offset: WireSwitchOver | None = None
    daylight_offset: WireSwitchOver | None = None


class WireHours(Wire):
    """workingHours."""

    graph_type: ClassVar[str] = "workingHours"

    days_of_week: list[str] | None = None
    start_time: str | None = None
    end_time: str | None = None
    time_zone: WireZone | None = None


class WireReplies(Wire):
    """automaticRepliesSetting."""

    graph_type: ClassVar[str] = "automaticRepliesSetting"

    status: str | None = None
    external_audience: str | None = None
    internal_reply_message: str | None = None
    external_reply_message: str | None = None
    scheduled_start_date_time: WireMoment | None = None
    scheduled_end_date_time: WireMoment | None = None


class WireLanguage(Wire):
    """localeInfo; the name of a language follows from its tag."""

    graph_type: ClassVar[str] = "localeInfo"

    locale: str
    display_name: str | None = None


class WireSettings(Wire):
    """mailboxSettings."""

    graph_type: ClassVar[str] = "mailboxSettings"

    automatic_replies_setting: WireReplies | None = None
    time_zone: str | None = None
    language: WireLanguage | None = None
    working_hours: WireHours | None = None
    date_format: str | None = None
    time_format: str | None = None
    delegate_meeting_message_delivery_options: str | None = None
    # not the owner's to change:
    archive_folder: Any = None
    user_purpose: Any = None


def _word(given: str, words: tuple[str, ...]) -> str:
    """One of some words, read in any case."""
    known = {word.lower(): str(word) for word in words}
    if given.lower() not in known:
        raise errors.unknown_word(given)
    return known[given.lower()]


_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?", re.ASCII)


def _time(given: str) -> time:
    """A time of day (OData 4.01, timeOfDayValue)."""
    parts = _TIME.fullmatch(given)
    try:
        if parts is None:
            raise ValueError("no time of day")
        return time(
            int(parts[1]), int(parts[2]), int(parts[3] or 0), int((parts[4] or "0")[:6].ljust(6, "0"))
        )
    except ValueError:
        raise errors.body_unread(
            f"Cannot convert the literal '{given[:40]}' to the expected type 'Edm.TimeOfDay'."
        ) from None


_FORMATS = {
    "date": re.compile(r"(?=.*[dMy])(?:d{1,4}|M{1,4}|y{1,5}|[\s./,\-]|'[^']*')+"),
    "time": re.compile(r"(?=.*[hH])(?:h{1,2}|H{1,2}|m{1,2}|s{1,2}|t{1,2}|[\s:.,\-]|'[^']*')+"),
}


def _format(kind: str, given: str) -> str:
    """A short date or short time as .NET writes it."""
    if len(given) > 40 or not _FORMATS[kind].fullmatch(given):
        raise errors.unknown_word(given)
    return given


def _replies(said: WireReplies) -> AutomaticReplies:
    said.check_not_null("status", "external_audience")
    found: Shown = {}
    if said.status is not None:
        found["status"] = RepliesStatus(_word(said.status, tuple(RepliesStatus)))
    if said.external_audience is not None:
        found["audience"] = Audience(_word(said.external_audience, tuple(Audience)))
    for ours, message in (("internal", "internal_reply_message"), ("external", "external_reply_message")):
        found |= {ours: getattr(said, message) or ""} if message in said.model_fields_set else {}
    for ours, when in (("starts", "scheduled_start_date_time"), ("ends", "scheduled_end_date_time")):
        found |= {ours: _when(getattr(said, when))} if when in said.model_fields_set else {}
    return AutomaticReplies(**found)


def _when(said: WireMoment | None) -> datetime | None:
    return zones.moment_of(said.date_time, said.time_zone) if said else None


def _hours(said: WireHours) -> WorkingHours:
    said.check_not_null("start_time", "end_time", "time_zone")
    found: Shown = {}
    if said.days_of_week is not None:
        found["days"] = tuple(_word(day, get_args(Weekday)) for day in said.days_of_week)
    for ours, when in (("start", said.start_time), ("end", said.end_time)):
        found |= {ours: _time(when)} if when is not None else {}
    if said.time_zone is not None:
        found["zone"] = _zone(said.time_zone)
    return WorkingHours(**found)


def _zone(said: WireZone) -> Zone:
    """A known zone; or one that its owner makes up, which needs a bias and may have two switch-overs."""
    if not (said.odata_type or "").lower().endswith("customtimezone"):
        return Zone(name=zones.spelled_zone(said.name or ""))
    if said.bias is None or not -1439 <= said.bias <= 1439:
        raise zones.invalid_zone()
    made_up: Shown = {"name": said.name or "Customized Time Zone", "bias": said.bias}
    if said.standard_offset:
        made_up["standard"] = _switch_over(said.standard_offset)
    if said.daylight_offset:
        made_up["daylight"] = _switch_over(said.daylight_offset)
    return Zone(**made_up)


def _switch_over(said: WireSwitchOver) -> SwitchOver:
    if not (1 <= said.month <= 12 and 1 <= said.day_occurrence <= 5 and 0 <= said.year <= 9999):
        raise zones.invalid_zone()
    weekday: Any = _word(said.day_of_week, get_args(Weekday))
    return SwitchOver(
        at=_time(said.time),
        occurrence=said.day_occurrence,
        weekday=weekday,
        month=said.month,
        year=said.year,
        bias=said.daylight_bias,
    )


def _settings(said: WireSettings) -> Settings:
    """What a request changes; only what it says is set. There is always a value, so none can be null."""
    if said.model_fields_set & {"archive_folder", "user_purpose"}:
        raise errors.read_only()
    said.check_not_null()
    found: Shown = {}
    if said.automatic_replies_setting is not None:
        found["replies"] = _replies(said.automatic_replies_setting)
    if said.time_zone is not None:
        found["time_zone"] = zones.spelled_zone(said.time_zone)
    if said.language is not None:
        found["locale"] = zones.spelled_language(said.language.locale)
    if said.working_hours is not None:
        found["working_hours"] = _hours(said.working_hours)
    if said.date_format is not None:
        found["date_format"] = _format("date", said.date_format)
    if said.time_format is not None:
        found["time_format"] = _format("time", said.time_format)
    if (who := said.delegate_meeting_message_delivery_options) is not None:
        found["meeting_messages"] = _word(who, get_args(MeetingMessages))
    return Settings(**found)


# --- What is shown ---------------------------------------------------------------------------------


def replies_object(replies: AutomaticReplies, now: datetime) -> Shown:
    """automaticRepliesSetting; where no dates were set, they are today's and tomorrow's, as in Exchange."""
    return {
        "status": replies.status,
        "externalAudience": replies.audience,
        "internalReplyMessage": replies.internal,
        "externalReplyMessage": replies.external,
        "scheduledStartDateTime": zones.shown_moment(replies.starts or this_hour(now)),
        "scheduledEndDateTime": zones.shown_moment(replies.ends or this_hour(now) + DAY),
    }


def _shown_time(at: time) -> str:
    return f"{at.isoformat(timespec='microseconds')}0"


def _zone_object(zone: Zone) -> Shown:
    if zone.bias is None:
        return {"name": zone.name}
    made_up: Shown = {
        "@odata.type": "#microsoft.graph.customTimeZone",
        "bias": zone.bias,
        "name": zone.name,
    }
    if zone.standard:
        made_up["standardOffset"] = _switch_over_object(zone.standard)
    if zone.daylight:
        made_up["daylightOffset"] = {
            "daylightBias": zone.daylight.bias,
            **_switch_over_object(zone.daylight),
        }
    return made_up


def _switch_over_object(change: SwitchOver) -> Shown:
    return {
        "time": _shown_time(change.at),
        "dayOccurrence": change.occurrence,
        "dayOfWeek": change.weekday,
        "month": change.month,
        "year": change.year,
    }


def _hours_object(hours: WorkingHours) -> Shown:
    return {
        "daysOfWeek": hours.days,
        "startTime": _shown_time(hours.start),
        "endTime": _shown_time(hours.end),
        "timeZone": _zone_object(hours.zone),
    }


def settings_object(call: Call, wants: Preferences) -> Shown:
    """All settings in Graph's order; what a mailbox is for is an enumeration in v1.0, an object in beta."""
    settings = wants.settings
    return {
        "archiveFolder": public(Kind.FOLDER, mailboxes.well_known_id(call.mailbox, "archive")),
        "automaticRepliesSetting": replies_object(settings.replies, call.engine.clock.now()),
        "timeZone": settings.time_zone,
        "language": zones.language(settings.locale),
        "workingHours": _hours_object(settings.working_hours),
        "userPurpose": {"value": "user"} if call.beta else "user",
        "dateFormat": settings.date_format,
        "timeFormat": settings.time_format,
        "delegateMeetingMessageDeliveryOptions": settings.meeting_messages,
    }


# --- Handlers --------------------------------------------------------------------------------------


def _path(call: Call, below: str = "") -> str:
    return f"{call.owner_path}/mailboxSettings{below}"


def _all(call: Call) -> Shown:
    return settings_object(call, call.engine.mailbox(call.mailbox).preferences)


async def get(call: Call) -> Response:
    """GET U/mailboxSettings."""
    return call.json(entity(context(call, _path(call)), chosen(call, _all(call))))


async def get_one(call: Call) -> Response:
    """GET U/mailboxSettings/{setting}: an object as it is, anything else as a value."""
    known = {name.lower(): (name, value) for name, value in _all(call).items()}
    asked = call.keys["setting"]
    if asked.lower() not in known:
        raise errors.unknown_segment(asked)
    name, value = known[asked.lower()]
    if name == "userPurpose":
        value = "user"
    shown = value if isinstance(value, dict) else {"value": value}
    return call.json(entity(f"{call.root}/$metadata#{_path(call, f'/{name}')}", shown))


async def update(call: Call) -> Response:
    """PATCH U/mailboxSettings: the answer has the settings that were named."""
    said = read(WireSettings, await call.body())
    ask, on = ChangeSettings(_settings(said)), call.on()
    after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    named = {to_camel(name) for name in said.model_fields_set}
    shown = settings_object(call, after.preferences)
    changed = {name: value for name, value in shown.items() if name in named}
    return call.json(entity(context(call, _path(call)), changed))


_LANGUAGES = Findable(of="localeInfo", properties=dict.fromkeys(("locale", "displayName"), str))
_ZONES = Findable(of="timeZoneInformation", properties=dict.fromkeys(("alias", "displayName"), str))


async def supported_languages(call: Call) -> Response:
    """GET U/outlook/supportedLanguages."""
    known = await run_in_threadpool(zones.languages)
    return several(call, "Collection(microsoft.graph.localeInfo)", known, _LANGUAGES)


async def supported_zones(call: Call) -> Response:
    """GET U/outlook/supportedTimeZones: those of Windows."""
    return _zones(call, zones.windows_zones())


_STANDARD = re.compile(
    r"TimeZoneStandard=(?:microsoft\.graph\.timeZoneStandard)?'(windows|iana)'", re.IGNORECASE
)


async def supported_zones_of(call: Call) -> Response:
    """GET U/outlook/supportedTimeZones(TimeZoneStandard=…): those of Windows or of IANA."""
    asked = _STANDARD.fullmatch(call.keys["standard"])
    if asked is None:
        raise errors.unknown_segment(call.keys["standard"])
    return _zones(call, zones.iana_zones() if asked[1].lower() == "iana" else zones.windows_zones())


def _zones(call: Call, known: list[dict[str, str]]) -> Response:
    return several(call, "Collection(microsoft.graph.timeZoneInformation)", known, _ZONES)
