"""The keys of validation tokens, where the identity platform keeps its own: to be looked at by anybody.

Subscribers check the tokens that come along with notifications with the keys of
``https://login.microsoftonline.com/common/.well-known/openid-configuration``; here the same paths answer.
"""

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.tenant import TENANT
from letterbook.application.heralding import Seals

_KEYS = ("/common/discovery/keys", "/common/discovery/v2.0/keys")
_CONFIGURATIONS = (
    "/common/.well-known/openid-configuration",
    "/common/v2.0/.well-known/openid-configuration",
)


async def keys_asked(request: Asked, seals: Seals, base: str) -> Response | None:
    """The keys, or where they are, if that is what is asked for."""
    path = request.path.lower()
    if not path.startswith("/common/") or request.method != "GET":
        return None
    if path in _CONFIGURATIONS:
        issuer = f"https://sts.windows.net/{TENANT}/"
        return JSONResponse({"issuer": issuer, "jwks_uri": f"{base}{_KEYS[1]}"})
    return JSONResponse(await run_in_threadpool(seals.keys)) if path in _KEYS else None
