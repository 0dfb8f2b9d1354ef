"""What the id of an extended property can say, and which values go with it (Graph: *Extended properties*)."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_GUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_CLSID = re.compile(rf"{_GUID}|\{{{_GUID}\}}", re.IGNORECASE)
_NO_SPACE = str.maketrans("", "", " \t\r\n")
_NUMERIC_ID = r"(?:0x[0-9a-f]{1,8}|[0-9]{1,10})"
_ID = re.compile(
    rf"(?P<type>[a-z]+) +(?:\{{{_GUID}\}} +(?:name .+|id +{_NUMERIC_ID})"
    r"|(?P<tag>0x[0-9a-f]{1,4}|0x[0-9a-f]{8}|[0-9]{1,5}))",
    re.IGNORECASE | re.DOTALL,
)
"""A name or a number in a namespace, or a MAPI property tag, with its type (MS-OXCDATA, 2.9) or without."""
_ARRAY = "array"


def _whole(bits: int) -> Callable[[str], bool]:
    """Whether a text is a whole number of so many bits."""

    def fits(text: str) -> bool:
        return bool(_INTEGER.fullmatch(text)) and -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1)

    return fits


def _number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _real(text: str) -> bool:
    """A number, or what floating point has besides (XML Schema part 2, section 3.2.5)."""
    return text in ("NaN", "INF", "-INF") or _number(text)


def _truth(text: str) -> bool:
    return text.lower() in ("true", "false", "1", "0")


def _moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _clsid(text: str) -> bool:
    return _CLSID.fullmatch(text) is not None


def _bytes(text: str) -> bool:
    """Base64, which many programs write in lines."""
    try:
        base64.b64decode(text.translate(_NO_SPACE), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _anything(_text: str) -> bool:
    return True


_TYPES: dict[str, Callable[[str], bool]] = {
    "applicationtime": _number,
    "binary": _bytes,
    "boolean": _truth,
    "clsid": _clsid,
    "currency": _number,
    "double": _real,
    "float": _real,
    "integer": _whole(32),
    "long": _whole(64),
    "short": _whole(16),
    "string": _anything,
    "systemtime": _moment,
}
"""The types of single values (EWS: *MapiPropertyTypeType*); of each but Booleans there are arrays, too."""


def is_property_id(text: str, *, many: bool) -> bool:
    """Whether an id names a property of one value, or of ``many``: in one of the three forms Graph has."""
    said = _ID.fullmatch(text.strip())
    if said is None or (said["tag"] and not 0 < _read(said["tag"]) < 0xFFFF):
        return False
    kind = said["type"].lower()
    single = kind.removesuffix(_ARRAY)
    return single in _TYPES and (kind != single) is many and not (many and single == "boolean")


def _read(tag: str) -> int:
    """The number of the property alone."""
    if tag[:2].lower() != "0x":
        return int(tag)
    return int(tag[2:6], 16)


def is_property_value(property_id: str, value: str) -> bool:
    """Whether a value is one of the type that an id names, which is known to be one."""
    kind = property_id.strip().partition(" ")[0].lower()
    return _TYPES[kind.removesuffix(_ARRAY)](value.strip())
