"""$metadata: the mail part of Graph's schema, a document kept beside the code. Like Graph's, it is public."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_SCHEMAS = {f"/{version}/$metadata": f"{version}.xml" for version in ("v1.0", "beta")}


def schema_asked(request: Request) -> Response | None:
    """The schema, if that is what is asked for."""
    path: str = request.scope["path"]
    if not path.endswith("$metadata") or request.method != "GET":
        return None
    name = _SCHEMAS.get(path.lower())
    return Response(_schema(name), media_type="application/xml") if name else None


@cache
def _schema(name: str) -> bytes:
    return (Path(__file__).parent / "schema" / name).read_bytes()
