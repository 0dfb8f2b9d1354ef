"""What is public, as Graph's own is: $metadata, /openapi.json, and /docs, a page that shows the latter."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.responses import Response

from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.csdl import text_of
from letterbook.adapters.graph.openapi import document_at
from letterbook.adapters.graph.routing import Route

_SCHEMAS = {f"/{version}/$metadata": version for version in ("v1.0", "beta")}
_ONLY_US = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
}
"""The page loads nothing but the document beside it."""


def public_page(request: Asked, routes: tuple[Route, ...], base: str) -> Response | None:
    """The schema, the OpenAPI document or its page, if that is what is asked for."""
    path = request.path
    if request.method != "GET":
        return None
    if path.endswith("$metadata") and (version := _SCHEMAS.get(path.lower())):
        return Response(_schema(version), media_type="application/xml")
    if path == "/openapi.json":
        return Response(document_at(routes, urlsplit(base).path), media_type="application/json")
    if path == "/docs":
        return Response(_page(), headers=_ONLY_US, media_type="text/html")
    return None


@cache
def _schema(version: str) -> bytes:
    return text_of(version)


@cache
def _page() -> bytes:
    return (Path(__file__).parent / "docs.html").read_bytes()
