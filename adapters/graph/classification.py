"""The focused inbox: overrides for letters of single senders."""

from operator import attrgetter
from typing import Annotated, ClassVar

from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.expanding import FINDABLE
from letterbook.adapters.graph.lists import Kept, Shown
from letterbook.adapters.graph.wire import Wire, WireAddress, any_case, read
from letterbook.application import jobs
from letterbook.domain.letter import Inference
from letterbook.domain.overrides import Override, Reclassify, RemoveOverride, SetOverride
from letterbook.domain.people import EmailAddress


class WireOverride(Wire):
    """inferenceClassificationOverride."""

    graph_type: ClassVar[str] = "inferenceClassificationOverride"

    classify_as: Annotated[Inference, any_case(*Inference)] | None = None
    sender_email_address: WireAddress | None = None
    id: str | None = None


def _shown(override: Override) -> Shown:
    return {
        "classifyAs": override.classify_as,
        "senderEmailAddress": {"name": override.sender.name, "address": override.sender.address},
        "id": str(override.id),
    }


_OVERRIDES = Kept(
    "inferenceClassification/overrides", "override", attrgetter("overrides"), _shown, FINDABLE["overrides"]
)


async def list_(call: Call) -> Response:
    """GET U/inferenceClassification/overrides."""
    return _OVERRIDES.list(call)


async def count(call: Call) -> Response:
    """GET U/inferenceClassification/overrides/$count."""
    return _OVERRIDES.count(call)


async def whole(call: Call) -> Response:
    """GET U/inferenceClassification, with its overrides if they are expanded."""
    return _OVERRIDES.around(call)


async def get(call: Call) -> Response:
    """GET U/inferenceClassification/overrides/{id}."""
    return _OVERRIDES.one(call, _OVERRIDES.find(call))


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
    return _OVERRIDES.one(call, after, 201)


async def update(call: Call) -> Response:
    """PATCH U/inferenceClassification/overrides/{id}: only ``classifyAs`` can be changed."""
    said = read(WireOverride, await call.body())
    if "sender_email_address" in said.model_fields_set or said.id not in (None, call.keys["override"]):
        raise errors.read_only()
    said.check_not_null("classify_as", "id")
    name = _OVERRIDES.name(call)
    if said.classify_as is None:
        return await get(call)
    after = await _OVERRIDES.change(call, Reclassify(name, said.classify_as))
    return _OVERRIDES.one(call, after[name])


async def remove(call: Call) -> Response:
    """DELETE U/inferenceClassification/overrides/{id}."""
    return await _OVERRIDES.remove(call, RemoveOverride(_OVERRIDES.name(call)))
