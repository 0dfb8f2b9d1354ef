"""What a request prefers and on what condition it is to be done, as its headers say."""

import re

from starlette.datastructures import Headers

from letterbook.adapters.graph import errors

IMMUTABLE = 'IdType="ImmutableId"'
"""How the preference for immutable ids is written (Graph: *Obtain immutable identifiers*)."""

_ID_TYPE = re.compile(r'\bIdType\s*=\s*(?:"ImmutableId"|ImmutableId\b)', re.IGNORECASE)
_TAG = r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_TAGS = re.compile(rf"[ \t]*+(?:,[ \t]*+)*+{_TAG}[ \t]*+(?:,[ \t]*+(?:{_TAG}[ \t]*+)?+)*+")
"""Some tags with commas between them; where a list may be empty in places (RFC 9110 section 5.6.1)."""
_ONE_TAG = re.compile(_TAG)


def wants_immutable_ids(preferred: str) -> bool:
    """Whether the ids of the answer are to be those that do not change."""
    return _ID_TYPE.search(preferred) is not None


def change_keys(headers: Headers) -> frozenset[str] | None:
    """The change keys in the ETags of ``If-Match``; ``None`` if any will do.

    The header is a star or a list of tags (RFC 9110 section 13.1.1). Graph's tags are weak ones and match all
    the same. What is neither is refused; the code is that of Exchange (EWS: *ResponseCode*).
    """
    given = ", ".join(headers.getlist("if-match")).strip()
    if "if-match" not in headers or given == "*":
        return None
    if not _TAGS.fullmatch(given):
        raise errors.GraphError(400, "ErrorInvalidChangeKey", "The change key is invalid.")
    return frozenset(_ONE_TAG.findall(given))
