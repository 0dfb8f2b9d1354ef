"""The types that bodies name by ``@odata.type``: with or without ``#``, in any case."""

from letterbook.adapters.graph import errors

_NAMESPACES = frozenset(("microsoft.graph", "microsoft.outlookservices"))
"""The second one is what older pages of Graph's documentation print."""

FILE, ITEM, REFERENCE = "fileattachment", "itemattachment", "referenceattachment"
ATTACHMENTS = frozenset((FILE, ITEM, REFERENCE))
MESSAGES = frozenset(
    ("message", "eventmessage", "eventmessagerequest", "eventmessageresponse", "calendarsharingmessage")
)
"""A message, and what is derived from it (schema): SDKs repeat the type that they were answered."""


def kind_of(said: str | None, usual: str, known: frozenset[str]) -> str:
    """The type that is named, in lower case; the usual one if there is none. Refuses all but those known."""
    if said is None:
        return usual
    namespace, _, kind = said.removeprefix("#").lower().rpartition(".")
    if namespace not in _NAMESPACES or kind not in known:
        raise errors.invalid_type(said)
    return kind
