"""The focused inbox: overrides for letters of single senders."""

from typing import Annotated, ClassVar
from uuid import UUID

from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.lists import Shown, one, several
from letterbook.adapters.graph.wire import Wire, WireAddress, any_case, read
from letterbook.application import jobs
from letterbook.domain import overrides, refusals
from letterbook.domain.letter import Inference
from letterbook.domain.overrides import Override, Reclassify, RemoveOverride, SetOverride
from letterbook.domain.people import EmailAddress


class WireOverride(Wire):
    """inferenceClassificationOverride."""

    graph_type: ClassVar[str] = "inferenceClassificationOverride"

    classify_as: Annotated[Inference, any_case(*Inference)] | None = None
    sender_email_address: WireAddress | None = None
    id: str | None = None


def _path(call: Call) -> str:
    return f"{call.owner_path}/inferenceClassification/overrides"


def _shown(override: Override) -> Shown:
    return {
        "classifyAs": override.classify_as,
        "senderEmailAddress": {"name": override.sender.name, "address": override.sender.address},
        "id": str(override.id),
    }


def _id(call: Call) -> UUID:
    try:
        return UUID(call.keys["override"])
    except ValueError:
        raise refusals.IdMalformed from None


def _known(call: Call) -> overrides.Overrides:
    return call.engine.mailbox(call.mailbox).preferences.overrides


async def list_(call: Call) -> Response:
    """GET U/inferenceClassification/overrides."""
    return several(call, _path(call), [_shown(each) for each in _known(call).values()])


async def get(call: Call) -> Response:
    """GET U/inferenceClassification/overrides/{id}."""
    return one(call, _path(call), _shown(overrides.one_of(_known(call), _id(call))))


async def create(call: Call) -> Response:
    """POST U/inferenceClassification/overrides; for a sender who has one, it is changed."""
    said = read(WireOverride, await call.body())
    if said.classify_as is None or said.sender_email_address is None:
        raise errors.body_unread("The properties 'classifyAs' and 'senderEmailAddress' are required.")
    given = said.sender_email_address
    sender = EmailAddress(name=given.name or "", address=given.address or "")
    new_id, classify_as, on = call.engine.ids.new(), said.classify_as, call.on()
    after = await call.engine.run_async(
        lambda work: jobs.set_override(work, call.mailbox, SetOverride(new_id, sender, classify_as), on)
    )
    return one(call, _path(call), _shown(after), 201)


async def update(call: Call) -> Response:
    """PATCH U/inferenceClassification/overrides/{id}: only ``classifyAs`` can be changed."""
    said = read(WireOverride, await call.body())
    if said.sender_email_address is not None or said.id not in (None, call.keys["override"]):
        raise errors.read_only()
    name, on = _id(call), call.on()
    if said.classify_as is None:
        return await get(call)
    ask = Reclassify(name, said.classify_as)
    after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return one(call, _path(call), _shown(overrides.one_of(after.preferences.overrides, name)))


async def remove(call: Call) -> Response:
    """DELETE U/inferenceClassification/overrides/{id}."""
    ask, on = RemoveOverride(_id(call)), call.on()
    await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return gone()
