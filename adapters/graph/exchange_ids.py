"""translateExchangeIds: the same item under the ids that different programs give it.

An id is read from one format and written in the other, if there is a message or a folder of that id. Folders
have one id for default and immutable formats; attachments are found by their message only, so whether theirs
are good is not known, and they stay in their form. The binary formats are base64 made safe for URLs, with the
number of padding characters at the end instead of the padding itself.
"""

import base64
import binascii
from functools import cached_property
from typing import Annotated, Literal, get_args
from uuid import UUID

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
    translating = _Translating(call, said)
    shown = await run_in_threadpool(lambda: [translating.translated(each) for each in said.input_ids])
    return call.json(collection(f"{call.root}/$metadata#Collection(microsoft.graph.convertIdResult)", shown))


class _Translating:
    """One request to translate ids of a mailbox."""

    def __init__(self, call: Call, said: WireTranslation) -> None:
        self._engine, self._mailbox, self._said = call.engine, call.mailbox, said
        self._immutable = said.target in _IMMUTABLE

    def translated(self, given: str) -> Shown:
        """What one id is in the other format, or what is wrong with it."""
        try:
            found = self._in_form(_read(given, self._said.source))
            return {"sourceId": given, "targetId": _written(found.raw, self._said.target)}
        except (refusals.IdMalformed, refusals.NotFound) as no:
            known = errors.refused(no)
            return {"sourceId": given, "errorDetails": {"code": known.code, "message": known.message}}

    def _in_form(self, given: Meant) -> Meant:
        """The same thing by its immutable or its default id; refuses what is not there under this one."""
        if given.kind is Kind.MESSAGE:
            return self._message(given)
        if given.kind is Kind.ATTACHMENT and (given.moves is None) is not self._immutable:
            raise refusals.IdMalformed
        if given.kind is Kind.FOLDER and given.name not in self._folders:
            raise refusals.NotFound
        return given

    def _message(self, given: Meant) -> Meant:
        now = meant(Kind.MESSAGE, default_id(self._engine.row(self._mailbox, given.name).head))
        if given.moves not in (None, now.moves):
            raise refusals.NotFound
        return now._replace(moves=None) if self._immutable else now

    @cached_property
    def _folders(self) -> frozenset[UUID]:
        return frozenset(row.folder for row in self._engine.folders(self._mailbox))


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
