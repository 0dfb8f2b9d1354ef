"""The ASGI application: who asks, what for, and the answer, an error included."""

import logging
from collections.abc import Callable
from functools import cache
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from letterbook.adapters.graph import as_of, errors, uploads
from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.call import SAFE_IN_PATH, Call
from letterbook.adapters.graph.directory import person_asked
from letterbook.adapters.graph.filters import beyond_basic
from letterbook.adapters.graph.keys import keys_asked
from letterbook.adapters.graph.memo import Memo
from letterbook.adapters.graph.metadata import public_page
from letterbook.adapters.graph.options import NO_OPTIONS, read_options
from letterbook.adapters.graph.owners import ME, owner_asked
from letterbook.adapters.graph.reply import Page, Reply
from letterbook.adapters.graph.routes import BASIC, READ, ROUTES
from letterbook.adapters.graph.routing import Route, Router, segments_of
from letterbook.adapters.graph.tenant import TENANT
from letterbook.application.engine import Engine
from letterbook.application.heralding import Seals
from letterbook.application.past import Travel
from letterbook.application.ports import Gatekeeper, NotAdmitted, Visitor
from letterbook.application.rows import PersonRow
from letterbook.application.subscribing import Subscribing
from letterbook.application.troubles import StoreBusy, StoreTrouble
from letterbook.domain.refusals import PastUnchangeable, Refused

log = logging.getLogger("letterbook.graph")

NOBODY = PersonRow(UUID(int=0), "", "")
"""Whose mailbox is asked where the path names none."""

_VERSIONS = {"v1.0": False, "beta": True}
_IS_UPLOAD = "/attachmentsessions"
_WHOEVER = Visitor("upload", frozenset(), client="upload")
"""Holds a URL that opens one upload. The facts that follow name the one who asked for the URL."""


@cache
def _router() -> Router:
    """The routes as a tree, which is the same for every store."""
    return Router(ROUTES)


class GraphFace:
    """Graph's mail endpoints for one store, as an ASGI application."""

    def __init__(
        self,
        engine: Engine,
        gatekeeper: Gatekeeper,
        *,
        travel: Travel,
        delivery_due: Callable[[], None],
        subscribing: Subscribing,
        seals: Seals,
        public_url: str | None = None,
    ) -> None:
        """``public_url`` is the address clients use, path included, where a proxy hides it; else it is what
        the Host header says, and the path at which this face is mounted."""
        self._engine = engine
        self._gatekeeper = gatekeeper
        self._travel = travel
        self._delivery_due = delivery_due
        self._subscribing = subscribing
        self._seals = seals
        self._public_url = _written(public_url) if public_url else None
        self._router = _router()
        self._memo = Memo()
        self.outermost: ASGIApp = self
        """Where the parts of a batch are sent: whatever stands before this face."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] == "websocket":
            await receive()  # whoever wants to be connected is told that nobody listens
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        request, request_id = Asked(scope, receive), str(uuid4())
        try:
            response = await self._answer(request, request_id)
        except ClientDisconnect:
            return
        except Exception as error:
            response = self._excused(request, request_id, error)
            error.__traceback__ = None  # leads to the job, and from there back to the error: a cycle
        _name(response, request, request_id)
        await response(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send, why: errors.GraphError) -> None:
        """Answer one request by an error, whatever it asks."""
        request, request_id = Asked(scope, receive), str(uuid4())
        response = self._excused(request, request_id, why)
        _name(response, request, request_id)
        await response(scope, receive, send)

    def who_asks(self, request: Asked) -> tuple[str, UUID | None] | None:
        """Which application asks which mailbox, or (``None``) about subscriptions.

        ``None`` if it asks about neither, or the answer is an error.
        An upload brings no token: all uploads to a mailbox count as those of one application.
        """
        try:
            route, keys, _ = self._route(request)
            if route.by_url:
                return _WHOEVER.client, uploads.check_key(request, self._engine.store.secret, keys)
            visitor = self._admit(request)
            if route.whose != "mailbox":
                return (visitor.client, None) if route.of == "subscription" else None
            return visitor.client, self._whose(route, visitor, keys.get("user")).mailbox
        except (errors.GraphError, Refused, StoreTrouble):
            return None

    async def _answer(self, request: Asked, request_id: str) -> Response:
        if _IS_UPLOAD in request.path.lower():
            return await self._by_url(request, request_id)
        if request.method != "GET":
            return await self._handle(request, request_id, self._admit(request))
        base = self._base(request)
        if page := public_page(request, ROUTES, base):
            return page
        if keys := await keys_asked(request, self._seals, base):
            return keys
        visitor = self._admit(request)
        pulse, asked = self._engine.store.pulse(), _question(request, visitor)
        if known := self._memo.get(asked, pulse):
            body, headers = known
            return Reply(body, headers=headers)
        response = await self._handle(request, request_id, visitor)
        if isinstance(response, Page):
            self._memo.keep(asked, pulse, bytes(response.body), response.more)
        return response

    async def _handle(self, request: Asked, request_id: str, visitor: Visitor) -> Response:
        route, keys, beta = self._route(request)
        if visitor.scopes.isdisjoint(route.scopes):
            raise errors.forbidden()
        call = Call(
            engine=self._engine,
            request=request,
            visitor=visitor,
            person=self._whose(route, visitor, keys.get("user")),
            keys=keys,
            options=read_options(request.query, beta=beta, of=route.of, tracks=route.tracks),
            beta=beta,
            base=self._base(request),
            request_id=request_id,
            basic=_basic_only(route, visitor),
            delivery_due=self._delivery_due,
            subscribing=self._subscribing,
            face=self.outermost,
        )
        if call.basic and (call.options.expand or beyond_basic(call.options.where)):
            raise errors.forbidden()
        if asked := as_of.asked(request):
            call = await as_of.travelled(call, route, self._travel, asked)
        return await route.handler(call)

    def _route(self, request: Asked) -> tuple[Route, dict[str, str], bool]:
        """The route of a path, its keys, and whether it is in the beta version."""
        version, *segments = segments_of(request.path)
        beta = _VERSIONS.get(version.lower())
        if beta is None:
            raise errors.bad_request(f"Invalid version: {version[:40]}")
        return *self._router.find(request.method, segments, beta=beta), beta

    async def _by_url(self, request: Asked, request_id: str) -> Response:
        """An upload: whoever holds the URL acts for the one who asked for it, whatever token comes along."""
        route, keys, beta = self._route(request)
        if as_of.asked(request):
            raise PastUnchangeable
        if not route.by_url:
            return await self._handle(request, request_id, self._admit(request))
        mailbox = uploads.check_key(request, self._engine.store.secret, keys)
        call = Call(
            engine=self._engine,
            request=request,
            visitor=_WHOEVER,
            person=self._engine.person(str(mailbox)),
            keys=keys,
            options=NO_OPTIONS,
            beta=beta,
            base=self._base(request),
            request_id=request_id,
            delivery_due=self._delivery_due,
            subscribing=self._subscribing,
            face=self,
        )
        return await route.handler(call)

    def _admit(self, request: Asked) -> Visitor:
        scheme, _, token = request.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            token = ""
        try:
            return self._gatekeeper.admit(token.strip())
        except NotAdmitted as no:
            raise errors.unauthorized(str(no)) from None

    def _whose(self, route: Route, visitor: Visitor, user: str | None) -> PersonRow:
        asked = None if user is None or user.lower() in ME else user.removesuffix(f"@{TENANT}")
        match route.whose:
            case "mailbox":
                return owner_asked(self._engine, visitor, asked)
            case "person":
                return person_asked(self._engine, visitor, asked)
            case "nobody":
                return NOBODY

    def _base(self, request: Asked) -> str:
        if self._public_url:
            return self._public_url
        host = request.header(b"host") or "localhost"
        root = quote(request.root, safe=SAFE_IN_PATH) if request.root else ""
        return f"{request.scope['scheme']}://{host}{root}"

    def _excused(self, request: Asked, request_id: str, error: Exception) -> Response:
        """An error as Graph would answer it. What nobody foresaw is logged, and told to nobody."""
        match error:
            case errors.GraphError():
                known = error
            case Refused():
                known = errors.refused(error)
            case StoreTrouble():
                known = errors.troubled(error)
                level = logging.INFO if isinstance(error, StoreBusy) else logging.ERROR
                log.log(level, "request %s: %s: %s", request_id, type(error).__name__, error)
            case _:
                log.exception("request %s failed", request_id, exc_info=error)
                known = errors.GraphError(500, "InternalServerError", "An internal server error occurred.")
        client_request_id = _client_request_id(request, request_id)
        body = errors.error_body(known, request_id, client_request_id, self._engine.clock.now())
        return Reply(body, known.status, known.headers)


def _written(url: str) -> str:
    """An address as links begin with it: what its path may not hold is escaped, unless it is already."""
    split = urlsplit(url)
    return split._replace(path=quote(split.path.rstrip("/"), safe=f"{SAFE_IN_PATH}%")).geturl().rstrip("/")


def _name(response: Response, request: Asked, request_id: str) -> None:
    """The ids that every answer carries; and it is for nobody but the one who asked (observed)."""
    client_request_id = _client_request_id(request, request_id)
    response.raw_headers += (
        (b"cache-control", b"private"),
        (b"request-id", request_id.encode()),
        (b"client-request-id", client_request_id.encode()),
    )


def _question(request: Asked, visitor: Visitor) -> tuple[object, ...]:
    """Everything an answer depends on, beside what the store holds."""
    scheme, host = request.scope["scheme"], request.header(b"host")
    return (visitor, scheme, host, request.root, request.path, request.query, request.preferred)


def _basic_only(route: Route, visitor: Visitor) -> bool:
    """Whether bodies, attachments, extensions and extended properties are to be kept from the visitor."""
    return route.scopes == BASIC and not visitor.scopes & READ


def _client_request_id(request: Asked, request_id: str) -> str:
    """The caller's own id for the request, if it is a GUID as Graph asks for; else ours."""
    given = request.header(b"client-request-id")
    try:
        return str(UUID(given)) if given else request_id
    except ValueError:
        return request_id


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
