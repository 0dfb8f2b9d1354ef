"""Every request and answer that Graph's documentation on mail prints, as far as it is replayed."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from letterbook.adapters.graph.errors import GraphError
from letterbook.adapters.graph.routes import ROUTES
from letterbook.adapters.graph.routing import Route, Router, segments_of

HERE = Path(__file__).parent

_SERVICE = re.compile(r"^(https://outlook\.office\.com)?/api/v[12]\.0/")
"""Where upload URLs of Graph lead, and what one page writes instead of ``/v1.0``."""


@dataclass(frozen=True, slots=True)
class Example:
    """A request and what the page says of its answer; ``name`` is the page and the example on it."""

    name: str
    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int | None = None
    """``None`` where the page prints a request alone: then any success will do."""
    answer: Any = None
    """Members and types; ``{"is": value}`` where the answer repeats the request."""
    whole: bool = False
    """Whether the printed answer is complete."""
    answer_headers: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The page of Graph's documentation."""
        return self.name.partition(":")[0]

    @property
    def path(self) -> str:
        """The path, as it begins behind Graph's own host."""
        return _SERVICE.sub("/v1.0/", self.url).partition("?")[0]

    @property
    def query(self) -> str:
        """The query options."""
        return self.url.partition("?")[2]

    @property
    def version(self) -> str:
        """``v1.0`` or ``beta``."""
        return self.path.strip("/").partition("/")[0]

    def route(self) -> tuple[Route, dict[str, str]] | None:
        """The line of the table of routes that answers it, and the keys of its path."""
        version, *segments = segments_of(self.path)
        try:
            return _ROUTER.find(self.method, segments, beta=version == "beta")
        except GraphError:
            return None

    def endpoint(self) -> str:
        """What is asked, as the report lists it."""
        found = self.route()
        if not self.method:
            return "no request"
        return f"{self.method} {found[0].path}" if found else f"{self.method} elsewhere"


_ROUTER = Router(ROUTES)


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the pages."""
    kept = json.loads((HERE / "examples.json").read_text("utf-8"))
    return tuple(Example(**said) for said in kept["examples"])


@cache
def refused_on_purpose() -> dict[str, str]:
    """The examples that are not answered as printed, and why."""
    kept = json.loads((HERE / "refused.json").read_text("utf-8"))
    return {name: group["why"] for group in kept["refused"] for name in group["examples"]}
