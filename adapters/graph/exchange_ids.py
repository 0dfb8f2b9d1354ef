"""translateExchangeIds: the same item under the ids that different programs give it.

An id is read from one format and written in the other. Between the default and the immutable formats a
message has to be looked for. Folders have one id for both; attachments are found by their message only, so
theirs are not translated. The binary formats are base64 made safe for URLs, with the number of padding
characters at the end instead of the padding itself.
"""

import base64
import binascii
from typing import Annotated, Literal, get_args

from pydantic import AliasChoices, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import collection
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.lists import Shown
from letterbook.adapters.graph.wire import Wire, any_case, read
from letterbook.application.public_ids import Kind, Meant, meant, meant_by
from letterbook.application.showing import default_id
from letterbook.domain import refusals

MOST = 1000
"""Ids of one request (Graph: *translateExchangeIds*)."""

Format = Literal["entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId"]
_BINARY = frozenset({"entryId", "immutableEntryId"})
_IMMUTABLE = frozenset({"immutableEntryId", "restImmutableEntryId"})


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
    shown = await run_in_threadpool(lambda: [_translated(call, each, said) for each in said.input_ids])
    return call.json(collection(f"{call.root}/$metadata#Collection(microsoft.graph.convertIdResult)", shown))


def _translated(call: Call, given: str, said: WireTranslation) -> Shown:
    try:
        found = _in_form(call, _read(given, said.source), said.target in _IMMUTABLE)
        return {"sourceId": given, "targetId": _written(found.raw, said.target)}
    except (refusals.IdMalformed, refusals.NotFound) as no:
        known = errors.refused(no)
        return {"sourceId": given, "errorDetails": {"code": known.code, "message": known.message}}


def _in_form(call: Call, given: Meant, immutable: bool) -> Meant:
    """The same thing by its immutable or its default id; refuses a message that is not there under its id."""
    if not given.kind.is_of_an_item or (given.moves is None) is immutable:
        return given
    if given.kind is not Kind.MESSAGE:
        raise refusals.IdMalformed
    now = meant(Kind.MESSAGE, default_id(call.engine.row(call.mailbox, given.name).head))
    if immutable and given != now:
        raise refusals.NotFound
    return given._replace(moves=None) if immutable else now


def _read(given: str, kind: Format) -> Meant:
    """What an id says; refuses what is no id of this kind, written as it was given out."""
    try:
        raw = base64.b64decode(_padded(given) if kind in _BINARY else given, _altchars(kind), validate=True)
    except (binascii.Error, ValueError):
        raise refusals.IdMalformed from None
    if _written(raw, kind) != given:
        raise refusals.IdMalformed
    found = meant_by(raw)
    if found.kind.is_of_an_item and (found.moves is None) is not (kind in _IMMUTABLE):
        raise refusals.IdMalformed
    return found


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
