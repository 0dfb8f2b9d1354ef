"""translateExchangeIds: the same item under the ids that different programs give it.

An id says one thing in every format, so it is read from one and written in the other. The binary formats are
base64 made safe for URLs, with the number of padding characters at the end instead of the padding itself.
"""

import base64
import binascii
from typing import Annotated, Literal, get_args

from pydantic import AliasChoices, Field
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import collection
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.lists import Shown
from letterbook.adapters.graph.wire import Wire, any_case, read
from letterbook.application.public_ids import is_public
from letterbook.domain import refusals

MOST = 1000
"""Ids of one request (Graph: *translateExchangeIds*)."""

Format = Literal["entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId"]
_BINARY = frozenset({"entryId", "immutableEntryId"})


class WireTranslation(Wire):
    """The parameters of *translateExchangeIds*."""

    input_ids: list[str] = Field(validation_alias=AliasChoices("inputIds", "InputIds"))
    source: Annotated[Format, any_case(*get_args(Format))] = Field(
        validation_alias=AliasChoices("sourceIdType", "SourceIdType")
    )
    target: Annotated[Format, any_case(*get_args(Format))] = Field(
        validation_alias=AliasChoices("targetIdType", "TargetIdType")
    )


async def translate(call: Call) -> Response:
    """POST U/translateExchangeIds; an id that cannot be read is answered by what is wrong with it."""
    said = read(WireTranslation, await call.body())
    if len(said.input_ids) > MOST:
        raise errors.GraphError(400, "ErrorInvalidArgument", f"At most {MOST} ids can be translated at once.")
    shown = [_translated(each, said) for each in said.input_ids]
    return call.json(collection(f"{call.root}/$metadata#Collection(microsoft.graph.convertIdResult)", shown))


def _translated(given: str, said: WireTranslation) -> Shown:
    try:
        return {"sourceId": given, "targetId": _written(_read(given, said.source), said.target)}
    except refusals.IdMalformed as no:
        details = {"code": "ErrorInvalidIdMalformed", "message": str(no)}
        return {"sourceId": given, "errorDetails": details}


def _read(given: str, kind: Format) -> bytes:
    """The bytes of an id; refuses what is no id of this kind, written as it was given out."""
    try:
        raw = base64.b64decode(_padded(given) if kind in _BINARY else given, _altchars(kind), validate=True)
    except (binascii.Error, ValueError):
        raise refusals.IdMalformed from None
    if _written(raw, kind) != given or not is_public(raw):
        raise refusals.IdMalformed
    return raw


def _padded(given: str) -> str:
    if given[-1:] not in ("0", "1", "2"):
        raise refusals.IdMalformed
    return given[:-1] + "=" * int(given[-1])


def _altchars(kind: Format) -> bytes:
    return b"+/" if kind == "ewsId" else b"-_"


def _written(raw: bytes, kind: Format) -> str:
    text = base64.b64encode(raw, _altchars(kind)).decode()
    bare = text.rstrip("=")
    return f"{bare}{len(text) - len(bare)}" if kind in _BINARY else text
