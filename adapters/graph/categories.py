"""The master list of categories."""

from operator import attrgetter
from typing import Annotated, ClassVar, get_args

from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.expanding import FINDABLE
from letterbook.adapters.graph.lists import Kept, Shown
from letterbook.adapters.graph.wire import Wire, any_case, read
from letterbook.domain.categories import Category, Colour, DefineCategory, RecolourCategory, RemoveCategory


class WireCategory(Wire):
    """outlookCategory."""

    graph_type: ClassVar[str] = "outlookCategory"

    display_name: str | None = None
    color: Annotated[Colour, any_case(*get_args(Colour))] | None = None
    id: str | None = None


def _shown(category: Category) -> Shown:
    return {"id": str(category.id), "displayName": category.name, "color": category.colour}


_CATEGORIES = Kept(
    "outlook/masterCategories", "category", attrgetter("categories"), _shown, FINDABLE["masterCategories"]
)


async def list_(call: Call) -> Response:
    """GET U/outlook/masterCategories."""
    return _CATEGORIES.list(call)


async def count(call: Call) -> Response:
    """GET U/outlook/masterCategories/$count."""
    return _CATEGORIES.count(call)


async def outlook(call: Call) -> Response:
    """GET U/outlook, with its categories if they are expanded."""
    return _CATEGORIES.around(call)


async def get(call: Call) -> Response:
    """GET U/outlook/masterCategories/{id}."""
    return _CATEGORIES.one(call, _CATEGORIES.find(call))


async def create(call: Call) -> Response:
    """POST U/outlook/masterCategories."""
    said = read(WireCategory, await call.body())
    category = Category(id=call.engine.ids.new(), name=said.display_name or "", colour=said.color or "none")
    await _CATEGORIES.change(call, DefineCategory(category))
    return _CATEGORIES.one(call, category, 201)


async def update(call: Call) -> Response:
    """PATCH U/outlook/masterCategories/{id}: a category never changes its name."""
    said, known = read(WireCategory, await call.body()), _CATEGORIES.find(call)
    fixed = {"display_name": known.name, "id": str(known.id)}
    if any(getattr(said, name) != fixed[name] for name in said.model_fields_set & fixed.keys()):
        raise errors.read_only()
    colour = said.color or ("none" if said.nulled("color") else known.colour)
    after = await _CATEGORIES.change(call, RecolourCategory(known.id, colour))
    return _CATEGORIES.one(call, after[known.id])


async def remove(call: Call) -> Response:
    """DELETE U/outlook/masterCategories/{id}."""
    return await _CATEGORIES.remove(call, RemoveCategory(_CATEGORIES.name(call)))
