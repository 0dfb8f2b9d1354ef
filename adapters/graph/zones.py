"""Time zones and languages as Graph names them, by what CLDR knows (through Babel)."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.windows_zones import WINDOWS_ZONES


@cache
def _by_name() -> dict[str, tuple[str, str]]:
    """Every zone by its name in lower case: how it is written, and its name at IANA."""
    windows = get_global("windows_zone_mapping")
    known = {name.lower(): (name, windows[name]) for name in WINDOWS_ZONES}
    return {name.lower(): (name, name) for name in available_timezones()} | known


def invalid_zone() -> errors.GraphError:
    """Not a zone of Windows or IANA (*Update mailbox settings*, errors)."""
    return errors.GraphError(400, "InvalidTimeZone", "Time Zone settings provided are invalid.")


def spelled_zone(name: str) -> str:
    """A zone as it is written; refuses what is none."""
    try:
        return _by_name()[name.strip().lower()][0]
    except KeyError:
        raise invalid_zone() from None


def is_zone(name: str) -> bool:
    """Whether this is the name of a zone of Windows or IANA."""
    return name.strip().lower() in _by_name()


def zone(name: str) -> tzinfo:
    """The zone behind a name of Windows or IANA; refuses what is none."""
    return ZoneInfo(_by_name()[spelled_zone(name).lower()][1])


def zone_or_utc(name: str) -> tzinfo:
    """The zone behind a name of Windows or IANA; UTC for what is none, where nothing is to be refused."""
    _, iana = _by_name().get(name.strip().lower(), ("UTC", "UTC"))
    return ZoneInfo(iana)


def moment_of(wall_clock: str, name: str) -> datetime:
    """The moment at which clocks in a zone show a time; a time that says its own offset needs no zone."""
    try:
        read = datetime.fromisoformat(wall_clock)
        return (read if read.tzinfo else read.replace(tzinfo=zone(name))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise errors.body_unread(
            f"Cannot convert the literal '{wall_clock[:40]}' to the expected type 'Edm.DateTime'."
        ) from None


def shown_moment(moment: datetime) -> dict[str, str]:
    """A moment as a dateTimeTimeZone in UTC, with Graph's seven digits."""
    plain = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return {"dateTime": f"{plain}0", "timeZone": "UTC"}


def windows_zones() -> list[dict[str, str]]:
    """The zones of Windows, from west to east."""
    return [{"alias": name, "displayName": shown} for name, shown in WINDOWS_ZONES.items()]


def iana_zones() -> list[dict[str, str]]:
    """The zones of IANA, by name."""
    return [{"alias": name, "displayName": name} for name in sorted(available_timezones())]


_LANGUAGES = (
    "af-ZA am-ET ar-AE ar-BH ar-DZ ar-EG ar-IQ ar-JO ar-KW ar-LB ar-LY ar-MA ar-OM ar-QA ar-SA ar-SY ar-TN "
    "ar-YE bg-BG bn-BD bn-IN ca-ES cs-CZ cy-GB da-DK de-AT de-CH de-DE de-LI de-LU el-GR en-AU en-BZ en-CA "
    "en-GB en-IE en-IN en-JM en-MY en-NZ en-PH en-SG en-TT en-US en-ZA en-ZW es-AR es-BO es-CL es-CO es-CR "
    "es-DO es-EC es-ES es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-PY es-SV es-US es-UY es-VE et-EE eu-ES "
    "fa-IR fi-FI fil-PH fr-BE fr-CA fr-CH fr-FR fr-LU fr-MC ga-IE gl-ES gu-IN he-IL hi-IN hr-BA hr-HR hu-HU "
    "hy-AM id-ID is-IS it-CH it-IT ja-JP ka-GE kk-KZ km-KH kn-IN ko-KR lo-LA lt-LT lv-LV mk-MK ml-IN mr-IN "
    "ms-BN ms-MY nb-NO ne-NP nl-BE nl-NL nn-NO or-IN pa-IN pl-PL ps-AF pt-BR pt-PT ro-MD ro-RO ru-MD ru-RU "
    "si-LK sk-SK sl-SI sq-AL sr-Cyrl-RS sr-Latn-RS sv-FI sv-SE sw-KE ta-IN te-IN th-TH tr-TR uk-UA ur-PK "
    "uz-UZ vi-VN zh-CN zh-HK zh-MO zh-SG zh-TW zu-ZA"
).split()
"""The languages that a mailbox can be in; like Exchange, those of Windows that name a country."""
_LANGUAGE_BY_NAME = {tag.lower(): tag for tag in _LANGUAGES}


def spelled_language(tag: str) -> str:
    """A language as it is written; refuses one that no mailbox can be in."""
    try:
        return _LANGUAGE_BY_NAME[tag.strip().lower()]
    except KeyError:
        raise errors.unknown_word(tag) from None


@cache
def language(tag: str) -> dict[str, str]:
    """A language with what it calls itself: ``Deutsch (Schweiz)`` for ``de-CH``."""
    return {"locale": tag, "displayName": str(Locale.parse(tag, sep="-").get_display_name())}


def languages() -> list[dict[str, str]]:
    """The languages that a mailbox can be in, by tag. The first time takes as long as reading 150 files."""
    return [language(tag) for tag in _LANGUAGES]
