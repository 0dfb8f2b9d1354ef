"""Where each request comes in: pages in a browser may ask from anywhere; HEAD is GET without the body."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
SHOWN = (
    "Accept-Encoding",
    "Allow",
    "client-request-id",
    "Content-Range",
    "ETag",
    "Location",
    "Preference-Applied",
    "request-id",
    "Retry-After",
    "WWW-Authenticate",
)
"""What a page may read of the headers of an answer, besides the few that it always may."""


class Doorstep:
    """Stands before the Graph face. Whoever sends no ``Origin`` passes it by.

    Any page may ask, as at Graph: what counts is the token, which a browser never adds by itself.
    """

    def __init__(self, face: ASGIApp) -> None:
        self.face = face
        self._for_pages = CORSMiddleware(
            face, allow_origins="*", allow_methods=METHODS, allow_headers="*", expose_headers=SHOWN
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in."""
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                scope, send = {**scope, "method": "GET"}, _without_body(send)
            if b"origin" in dict(scope["headers"]):
                await self._for_pages(scope, receive, send)
                return
        await self.face(scope, receive, send)


def _without_body(send: Send) -> Send:
    """Says what an answer is like, its length included, and nothing of what is in it (RFC 9110, 9.3.2)."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if "body" in message else message)

    return send_head
