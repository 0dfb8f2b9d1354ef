"""From bytes back to what they stood for: transfer encodings and charsets. Nothing here ever raises."""

import base64
import binascii
from encodings import normalize_encoding
from encodings.aliases import aliases

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))

_NOT_TEXT = frozenset(
    "base64_codec bz2_codec hex_codec mbcs quopri_codec rot_13 uu_codec zlib_codec tactis".split()
)
_WITHOUT_ALIAS = frozenset("cp874 koi8_u utf_8_sig".split())
_CODECS = (frozenset(aliases.values()) | _WITHOUT_ALIAS) - _NOT_TEXT
"""The charsets that are read. Python has others that are no charset of mail, and slow (punycode)."""

_OTHER_NAMES = {"windows_874": "cp874", "x_sjis": "cp932", "x_gbk": "gb18030", "unicode_1_1_utf_7": "utf_7"}
_WIDER = {
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso2022_jp": "iso2022_jp_ext",
}
"""What mail means by a charset where it uses letters the charset does not have (WHATWG Encoding, 4.2)."""


def unbase64(data: bytes) -> bytes:
    """Bytes from base64: what is not base64 is skipped, an end that is cut off is left out."""
    try:
        return base64.b64decode(data + b"==")
    except binascii.Error:
        digits = data.translate(None, _NOT_BASE64)
        return base64.b64decode(digits[: len(digits) - (len(digits) % 4 == 1)] + b"==")


def untransferred(data: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding (RFC 2045 section 6); one that is unknown changes nothing."""
    match encoding:
        case "base64":
            return unbase64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case _:
            return data


def _codec(charset: str) -> str | None:
    """Python's name of a charset, if it is one of mail's."""
    name = normalize_encoding(charset[:40]).lower()
    codec = aliases.get(name) or _OTHER_NAMES.get(name, name)
    return _WIDER.get(codec, codec) if codec in _CODECS else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def decoded(data: bytes, charset: str | None) -> str:
    """The text of bytes: as the charset says, else as UTF-8, else as near as it gets."""
    codec = _codec(charset or "ascii") or "ascii"
    text = _strictly(data, codec)
    if text is None:
        text = _strictly(data, "utf-8")
    if text is None:
        text = data.decode("cp1252" if codec == "ascii" else codec, "replace")
    if codec == "utf_7":  # the only one that can spell half a character
        text = text.encode("utf-8", "replace").decode()
    return text.removeprefix("\ufeff")
