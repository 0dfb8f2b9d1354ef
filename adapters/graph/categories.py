"""The master list of categories."""

from typing import Annotated, ClassVar, get_args
from uuid import UUID

from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.lists import Shown, one, several
from letterbook.adapters.graph.wire import Wire, any_case, read
from letterbook.domain import categories, refusals
from letterbook.domain.categories import Category, Colour, DefineCategory, RecolourCategory, RemoveCategory


class WireCategory(Wire):
    """outlookCategory."""

    graph_type: ClassVar[str] = "outlookCategory"

    display_name: str | None = None
    color: Annotated[Colour, any_case(*get_args(Colour))] | None = None
    id: str | None = None


def _path(call: Call) -> str:
    return f"{call.owner_path}/outlook/masterCategories"


def _shown(category: Category) -> Shown:
    return {"id": str(category.id), "displayName": category.name, "color": category.colour}


def _id(call: Call) -> UUID:
    try:
        return UUID(call.keys["category"])
    except ValueError:
        raise refusals.IdMalformed from None


def _known(call: Call) -> categories.Categories:
    return call.engine.mailbox(call.mailbox).preferences.categories


async def list_(call: Call) -> Response:
    """GET U/outlook/masterCategories."""
    return several(call, _path(call), [_shown(each) for each in _known(call).values()])


async def get(call: Call) -> Response:
    """GET U/outlook/masterCategories/{id}."""
    return one(call, _path(call), _shown(categories.one_of(_known(call), _id(call))))


async def create(call: Call) -> Response:
    """POST U/outlook/masterCategories."""
    said = read(WireCategory, await call.body())
    category = Category(id=call.engine.ids.new(), name=said.display_name or "", colour=said.color or "none")
    ask, on = DefineCategory(category), call.on()
    await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return one(call, _path(call), _shown(category), 201)


async def update(call: Call) -> Response:
    """PATCH U/outlook/masterCategories/{id}: a category never changes its name."""
    said, name, on = read(WireCategory, await call.body()), _id(call), call.on()
    known = categories.one_of(_known(call), name)
    if said.display_name not in (None, known.name) or said.id not in (None, str(known.id)):
        raise errors.read_only()
    ask = RecolourCategory(name, said.color or known.colour)
    after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return one(call, _path(call), _shown(categories.one_of(after.preferences.categories, name)))


async def remove(call: Call) -> Response:
    """DELETE U/outlook/masterCategories/{id}."""
    ask, on = RemoveCategory(_id(call)), call.on()
    await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return gone()
