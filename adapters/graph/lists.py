"""Answers made of small objects: one, or a list of which a request may choose a part."""

from typing import Any

from starlette.responses import Response

from letterbook.adapters.graph.answers import collection, entity
from letterbook.adapters.graph.call import Call

Shown = dict[str, Any]


def context(call: Call, path: str, *, single: bool = False) -> str:
    """The context of an answer: what it is, and which properties were chosen."""
    chosen = f"({','.join(call.options.select)})" if call.options.select else ""
    return f"{call.root}/$metadata#{path}{chosen}{'/$entity' if single else ''}"


def chosen(call: Call, whole: Shown, *always: str) -> Shown:
    """The properties that a request selects, and those that always come."""
    if not call.options.select:
        return whole
    wanted = {*always, *call.options.select}
    return {name: value for name, value in whole.items() if name in wanted}


def one(call: Call, path: str, shown: Shown, status: int = 200, **headers: str) -> Response:
    """One object as a whole answer."""
    return call.json(entity(context(call, path, single=True), chosen(call, shown, "id")), status, **headers)


def several(call: Call, path: str, shown: list[Shown]) -> Response:
    """A list as a whole answer: all of it, unless the request asks for a page."""
    options = call.options
    end = options.skip + options.top if "$top" in options.given else len(shown)
    more: Shown = {"@odata.count": len(shown)} if options.count else {}
    if end < len(shown):
        more["@odata.nextLink"] = call.link(options.link(skip=str(end)))
    page = [chosen(call, each, "id") for each in shown[options.skip : end]]
    return call.json(collection(context(call, path), page, **more))
