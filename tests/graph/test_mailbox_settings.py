"""mailboxSettings: what a new mailbox has, what can be changed, and what is refused; zones and languages."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from babel.core import get_global

from letterbook.adapters.graph import zones
from letterbook.adapters.graph.windows_zones import WINDOWS_ZONES
from tests.graph.client import ALEX, BASE, Graph

SETTINGS = "/me/mailboxSettings"
REUNION = "<html>\n<body>\n<p>I'm at our company's worldwide reunion.<br>\n</p></body>\n</html>\n"
SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("settings_samples.json").read_text("utf-8"))


@pytest.fixture
def owner(alex: Graph) -> Graph:
    """Alex, who may read and write settings."""
    return alex.holding(alex.book.token(ALEX, "MailboxSettings.ReadWrite"))


def utc(moment: datetime) -> dict[str, str]:
    """A moment as Graph writes it."""
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def without_context(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, beside what it is about."""
    return {name: value for name, value in answer.items() if name != "@odata.context"}


# --- Reading ---------------------------------------------------------------------------------------


def test_a_new_mailbox_has_the_settings_of_graphs_sample(owner: Graph) -> None:
    shown = owner.read(SETTINGS)
    assert list(shown) == [
        *("@odata.context", "archiveFolder", "automaticRepliesSetting", "timeZone", "language"),
        *("workingHours", "userPurpose", "dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions"),
    ]
    assert shown["@odata.context"].endswith("/mailboxSettings")
    for name in ("timeZone", "language", "workingHours", "dateFormat", "timeFormat"):
        assert shown[name] == SAMPLES["all"][name], name
    assert shown["userPurpose"] == "user"
    assert owner.beta.read(SETTINGS)["userPurpose"] == SAMPLES["all"]["userPurpose"]
    assert shown["automaticRepliesSetting"].keys() == SAMPLES["all"]["automaticRepliesSetting"].keys()
    assert shown["automaticRepliesSetting"]["status"] == "disabled"
    archive = owner.holding(owner.book.token(ALEX)).read("/me/mailFolders/archive")["id"]
    assert shown["archiveFolder"] == archive


def test_replies_never_scheduled_begin_this_hour_and_last_a_day(owner: Graph) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    shown = owner.read(f"{SETTINGS}/automaticRepliesSetting")
    starts, ends = (
        datetime.fromisoformat(shown[f"scheduled{n}DateTime"]["dateTime"]) for n in ("Start", "End")
    )
    assert ends - starts == timedelta(days=1)
    assert timedelta(0) <= before - starts < timedelta(hours=1, minutes=1)


def test_some_settings_can_be_selected(owner: Graph) -> None:
    shown = owner.read(f"{SETTINGS}?$select=timeZone,language")
    assert list(without_context(shown)) == ["timeZone", "language"]
    assert shown["@odata.context"].endswith("/mailboxSettings(timeZone,language)")
    owner.refused("GET", f"{SETTINGS}?$select=height", 400, "RequestBroker--ParseUri")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeZone", "UTC"),
        ("dateFormat", "MM/dd/yyyy"),
        ("timeFormat", "hh:mm tt"),
        ("delegateMeetingMessageDeliveryOptions", "sendToDelegateOnly"),
        ("userPurpose", "user"),
    ],
)
def test_a_single_word_is_read_as_a_value(owner: Graph, name: str, value: str) -> None:
    for graph in (owner, owner.beta):
        shown = graph.read(f"{SETTINGS}/{name.upper()}")
        assert without_context(shown) == {"value": value}
        assert shown["@odata.context"].endswith(f"/mailboxSettings/{name}")


@pytest.mark.parametrize("name", ["automaticRepliesSetting", "language", "workingHours"])
def test_an_object_is_read_as_it_is(owner: Graph, name: str) -> None:
    assert without_context(owner.read(f"{SETTINGS}/{name}")) == owner.read(SETTINGS)[name]


def test_an_unknown_setting_leads_nowhere(owner: Graph) -> None:
    owner.refused("GET", f"{SETTINGS}/height", 400, "RequestBroker--ParseUri")


# --- Changing --------------------------------------------------------------------------------------


def test_the_first_example_of_graphs_page_schedules_replies(owner: Graph) -> None:
    now = owner.book.engine.clock.now()
    said = json.loads(json.dumps(SAMPLES["schedule"]))
    setting = said["automaticRepliesSetting"]
    setting["scheduledStartDateTime"], setting["scheduledEndDateTime"] = (
        utc(now + timedelta(days=days)) for days in (1, 8)
    )
    changed = without_context(owner.changed(SETTINGS, said))
    assert list(changed) == ["automaticRepliesSetting"]
    assert changed["automaticRepliesSetting"] == {
        "status": "scheduled",
        "externalAudience": "all",
        "internalReplyMessage": "",
        "externalReplyMessage": "",
        "scheduledStartDateTime": utc(now + timedelta(days=1)),
        "scheduledEndDateTime": utc(now + timedelta(days=8)),
    }


def test_the_second_example_of_graphs_page_makes_up_a_zone(owner: Graph) -> None:
    changed = owner.changed(SETTINGS, SAMPLES["own zone"])["workingHours"]
    said = SAMPLES["own zone"]["workingHours"]
    assert changed["daysOfWeek"] == [day.lower() for day in said["daysOfWeek"]]
    assert (changed["startTime"], changed["endTime"]) == ("08:00:00.0000000", "18:30:00.0000000")
    zone = said["timeZone"]
    for change in ("standardOffset", "daylightOffset"):
        zone[change]["dayOfWeek"] = zone[change]["dayOfWeek"].lower()
    assert changed["timeZone"] == zone
    assert owner.read(f"{SETTINGS}/workingHours")["timeZone"] == zone


def test_what_is_not_named_keeps_its_value(owner: Graph) -> None:
    owner.changed(SETTINGS, {"automaticRepliesSetting": {"internalReplyMessage": REUNION}})
    owner.changed(SETTINGS, {"automaticRepliesSetting": {"status": "AlwaysEnabled"}})
    changed = owner.changed(SETTINGS, {"automaticRepliesSetting": {"externalAudience": "ContactsOnly"}})
    replies = changed["automaticRepliesSetting"]
    assert (replies["status"], replies["externalAudience"]) == ("alwaysEnabled", "contactsOnly")
    assert replies["internalReplyMessage"] == REUNION
    assert owner.read(f"{SETTINGS}/timeZone")["value"] == "UTC"


def test_settings_are_answered_in_their_one_spelling(owner: Graph) -> None:
    said = {
        "timeZone": "pacific standard time",
        "language": {"locale": "FR-fr", "displayName": "whatever"},
        "dateFormat": "dd/MM/yyyy",
        "timeFormat": "HH:mm",
        "delegateMeetingMessageDeliveryOptions": "SendToDelegateAndPrincipal",
        "workingHours": {"daysOfWeek": ["MONDAY"], "startTime": "09:15", "endTime": "18:30:30.5"},
    }
    changed = owner.changed(SETTINGS, said)
    assert changed["timeZone"] == "Pacific Standard Time"
    assert changed["language"] == {"locale": "fr-FR", "displayName": "français (France)"}
    assert changed["workingHours"]["daysOfWeek"] == ["monday"]
    assert changed["workingHours"]["startTime"] == "09:15:00.0000000"
    assert changed["workingHours"]["endTime"] == "18:30:30.5000000"
    assert changed["delegateMeetingMessageDeliveryOptions"] == "sendToDelegateAndPrincipal"
    assert without_context(changed).keys() == said.keys()
    assert owner.read(f"{SETTINGS}/timeFormat")["value"] == "HH:mm"


@pytest.mark.parametrize("zone", ["America/New_York", "europe/berlin", "W. Europe Standard Time", "UTC"])
def test_a_zone_may_be_one_of_windows_or_of_iana(owner: Graph, zone: str) -> None:
    assert owner.changed(SETTINGS, {"timeZone": zone})["timeZone"].lower() == zone.lower()


def test_moments_in_other_zones_are_answered_in_utc(owner: Graph) -> None:
    year = owner.book.engine.clock.now().year + 1
    said = {
        "status": "scheduled",
        "scheduledStartDateTime": {"dateTime": f"{year}-01-10T08:00:00", "timeZone": "Pacific Standard Time"},
        "scheduledEndDateTime": {"dateTime": f"{year}-01-20T08:00:00+02:00", "timeZone": "UTC"},
    }
    replies = owner.changed(SETTINGS, {"automaticRepliesSetting": said})["automaticRepliesSetting"]
    assert replies["scheduledStartDateTime"]["dateTime"] == f"{year}-01-10T16:00:00.0000000"
    assert replies["scheduledEndDateTime"]["dateTime"] == f"{year}-01-20T06:00:00.0000000"


def test_a_change_is_one_fact_and_no_change_is_none(owner: Graph) -> None:
    def seq() -> int:
        with owner.book.engine.store.reading() as session:
            return session.history.head(owner.book.mailbox(ALEX).id).seq

    before = seq()
    owner.changed(SETTINGS, {"timeZone": "Romance Standard Time", "dateFormat": "dd.MM.yyyy"})
    assert seq() == before + 1
    owner.changed(SETTINGS, {"timeZone": "romance standard time"})
    owner.changed(SETTINGS, {})
    assert seq() == before + 1


# --- Refusing --------------------------------------------------------------------------------------


def hours(**said: Any) -> dict[str, Any]:
    """Settings that change working hours."""
    return {"workingHours": said}


def replies(**said: Any) -> dict[str, Any]:
    """Settings that change automatic replies."""
    return {"automaticRepliesSetting": said}


PAST = {"dateTime": "2016-03-20T18:00:00.0000000", "timeZone": "UTC"}
CUSTOM = {"@odata.type": "#microsoft.graph.customTimeZone"}
CHANGE = {"time": "02:00:00", "dayOccurrence": 2, "dayOfWeek": "sunday", "month": 10}
WRONG: list[tuple[dict[str, Any], str]] = [
    (hours(startTime="08"), "RequestBodyRead"),
    (hours(endTime="25:00:00"), "RequestBodyRead"),
    (hours(startTime=8), "RequestBodyRead"),
    (hours(startTime="18:00:00"), "ErrorInvalidTimeSettings"),
    (hours(startTime="08:00:00", endTime="08:00:00"), "ErrorInvalidTimeSettings"),
    (hours(daysOfWeek=["RandomDay"]), "InvalidArguments"),
    (hours(timeZone={"name": "Nowhere Standard Time"}), "InvalidTimeZone"),
    (hours(timeZone={}), "InvalidTimeZone"),
    (hours(timeZone=CUSTOM), "InvalidTimeZone"),
    (hours(timeZone=CUSTOM | {"bias": 5000}), "InvalidTimeZone"),
    (hours(timeZone=CUSTOM | {"bias": 60, "standardOffset": CHANGE | {"month": 13}}), "InvalidTimeZone"),
    (
        hours(timeZone=CUSTOM | {"bias": 60, "standardOffset": CHANGE | {"dayOfWeek": "x"}}),
        "InvalidArguments",
    ),
    (hours(timeZone=CUSTOM | {"bias": 60, "standardOffset": CHANGE | {"time": "2"}}), "RequestBodyRead"),
    ({"timeZone": "Nowhere"}, "InvalidTimeZone"),
    ({"timeZone": "../etc/passwd"}, "InvalidTimeZone"),
    ({"timeZone": ""}, "InvalidTimeZone"),
    ({"timeZone": 7}, "RequestBodyRead"),
    ({"language": {"locale": "xx-XX"}}, "InvalidArguments"),
    ({"language": {"displayName": "français"}}, "RequestBodyRead"),
    ({"dateFormat": "yesterday"}, "InvalidArguments"),
    ({"dateFormat": ""}, "InvalidArguments"),
    ({"dateFormat": "d" * 41}, "InvalidArguments"),
    ({"timeFormat": "noon"}, "InvalidArguments"),
    ({"delegateMeetingMessageDeliveryOptions": "sendToNobody"}, "InvalidArguments"),
    (replies(status="sometimes"), "InvalidArguments"),
    (replies(externalAudience="some"), "InvalidArguments"),
    (replies(internalReplyMessage="x" * (128 * 1024 + 1)), "ErrorInvalidArgument"),
    (replies(scheduledStartDateTime={"dateTime": "soon", "timeZone": "UTC"}), "RequestBodyRead"),
    (replies(scheduledStartDateTime={"dateTime": "9999-12-31T23:59:59-12:00"}), "RequestBodyRead"),
    (replies(scheduledStartDateTime=PAST | {"timeZone": "Nowhere"}), "InvalidTimeZone"),
    (
        replies(status="scheduled", scheduledStartDateTime=PAST, scheduledEndDateTime=PAST),
        "ErrorInvalidScheduledOofDuration",
    ),
    (replies(status="scheduled", scheduledEndDateTime=PAST), "ErrorInvalidScheduledOofDuration"),
    ({"userPurpose": "room"}, "ErrorInvalidPropertySet"),
    ({"archiveFolder": "AAMk"}, "ErrorInvalidPropertySet"),
    ({"height": 180}, "RequestBodyRead"),
]


@pytest.mark.parametrize(("said", "code"), WRONG, ids=[json.dumps(said)[:50] for said, _ in WRONG])
def test_settings_that_make_no_sense_are_refused(owner: Graph, said: dict[str, Any], code: str) -> None:
    owner.refused("PATCH", SETTINGS, 400, code, json=said)


def test_the_documented_refusals_have_the_documented_words(owner: Graph) -> None:
    for said, message in (
        (hours(startTime="08"), "Cannot convert the literal '08' to the expected type 'Edm.TimeOfDay'."),
        (hours(startTime="18:00:00"), "Start Time should occur before End Time."),
        (hours(daysOfWeek=["RandomDay"]), "Requested value 'RandomDay' was not found."),
        (hours(timeZone={"name": "x"}), "Time Zone settings provided are invalid."),
    ):
        answer = owner.patch(SETTINGS, json=said)
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


def test_the_error_of_an_unknown_setting_names_its_type(owner: Graph) -> None:
    message = owner.refused("PATCH", SETTINGS, 400, "RequestBodyRead", json={"height": 180})
    assert "'height' does not exist on type 'microsoft.graph.mailboxSettings'" in message


def test_an_empty_body_and_no_json_are_refused(owner: Graph) -> None:
    for body in (b"", b"{", b"[]", b'"x"'):
        answer = owner.patch(SETTINGS, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


# --- Zones and languages ---------------------------------------------------------------------------


@pytest.fixture
def reader(alex: Graph) -> Graph:
    """Alex, who may look around."""
    return alex.holding(alex.book.token(ALEX, "User.Read"))


def test_the_zones_of_windows_are_listed(reader: Graph) -> None:
    answer = reader.read("/me/outlook/supportedTimeZones")
    context = f"{BASE}/v1.0/$metadata#Collection(microsoft.graph.timeZoneInformation)"
    assert answer["@odata.context"] == context
    for zone in SAMPLES["windows zones"]:
        assert zone in answer["value"]
    by_name = reader.values(
        "/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Windows')"
    )
    assert by_name == answer["value"]


@pytest.mark.parametrize(
    "asked",
    [
        "(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
        "(TimeZoneStandard=microsoft.graph.timeZoneStandard%27Iana%27)",
        "(TimeZoneStandard='iana')",
    ],
)
def test_the_zones_of_iana_are_listed(reader: Graph, asked: str) -> None:
    listed = reader.values(f"/users/{ALEX}/outlook/supportedTimeZones{asked}")
    assert {zone["alias"] for zone in listed} == available_timezones()
    for zone in SAMPLES["iana zones"]:
        assert zone in listed


@pytest.mark.parametrize("asked", ["(TimeZoneStandard='x')", "(Other='Iana')", "/Iana", "('Iana')"])
def test_other_standards_lead_nowhere(reader: Graph, asked: str) -> None:
    reader.refused("GET", f"/me/outlook/supportedTimeZones{asked}", 400, "RequestBroker--ParseUri")


def test_every_zone_of_windows_is_one_of_iana() -> None:
    assert get_global("windows_zone_mapping").keys() == WINDOWS_ZONES.keys()
    for name in WINDOWS_ZONES:
        assert zones.moment_of("2026-11-21T12:00:00", name).tzinfo is UTC


def test_every_listed_zone_and_language_can_be_set(owner: Graph, reader: Graph) -> None:
    listed = reader.values("/me/outlook/supportedTimeZones")
    for zone in listed[:: len(listed) // 12]:
        assert owner.changed(SETTINGS, {"timeZone": zone["alias"]})["timeZone"] == zone["alias"]
    answer = reader.read("/me/outlook/supportedLanguages")
    assert answer["@odata.context"].endswith("/$metadata#Collection(microsoft.graph.localeInfo)")
    for language in SAMPLES["languages"]:
        assert language in answer["value"]
    for language in answer["value"][:: len(answer["value"]) // 12]:
        said = {"language": {"locale": language["locale"]}}
        assert owner.changed(SETTINGS, said)["language"] == language
