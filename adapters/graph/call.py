"""One request, as its handler sees it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import pairwise
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response
from starlette.types import ASGIApp

from letterbook.adapters.graph import errors, search_folders, zones
from letterbook.adapters.graph.answers import MessageAnswers, odata_id
from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.attached import AttachmentAnswers
from letterbook.adapters.graph.codings import body_of
from letterbook.adapters.graph.events import ShownEvents
from letterbook.adapters.graph.expanding import Expand
from letterbook.adapters.graph.hanging import shown_extensions
from letterbook.adapters.graph.inlays import Inlays
from letterbook.adapters.graph.option_values import AS_OF
from letterbook.adapters.graph.options import Options
from letterbook.adapters.graph.preferences import IMMUTABLE, change_keys, wants_immutable_ids
from letterbook.adapters.graph.reply import JSON, Page, Reply
from letterbook.application import expiring
from letterbook.application.beliefs import Belief, check_place
from letterbook.application.engine import Engine
from letterbook.application.ports import Visitor
from letterbook.application.public_ids import Kind, meant, private, public
from letterbook.application.rows import Leaf, MessageRow, PersonRow
from letterbook.application.showing import default_id
from letterbook.application.subscribing import Subscribing
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from letterbook.domain.message import Message

T = TypeVar("T")

REQUEST_LIMIT = 4 * 1024 * 1024
"""Bytes of one request (observed: "The maximum request length supported is 4MB.")."""

_WELL_KNOWN = frozenset(name for name, *_ in WELL_KNOWN)
SAFE_IN_PATH = "/:@!$&'()*+,;=~"
"""What stands in the path of a link as it is (RFC 3986, section 3.3)."""
_BODY_TYPE = re.compile(r'outlook\.body-content-type\s*=\s*"?(text|html)"?', re.IGNORECASE)
_PAGE_SIZE = re.compile(r'\bodata\.maxpagesize\s*=\s*"?([1-9][0-9]{0,8})\b', re.IGNORECASE)
_MINIMAL = re.compile(r'(?:^|[,;\s])return\s*=\s*"?minimal"?\s*(?:$|[,;])', re.IGNORECASE)
_TIME_ZONE = re.compile(r'outlook\.timezone\s*=\s*"?([^",;]+)', re.IGNORECASE)


@dataclass(slots=True)
class Call:
    """Who asks what of which mailbox."""

    engine: Engine
    request: Asked
    visitor: Visitor
    person: PersonRow
    keys: dict[str, str]
    options: Options
    beta: bool
    base: str
    request_id: str
    delivery_due: Callable[[], None]
    """Tells the post office that there is something to deliver."""
    subscribing: Subscribing
    """Who is notified."""
    face: ASGIApp
    """The whole Graph face, for requests that hold others."""
    basic: bool = False
    """The token shows only the basic properties of messages."""
    as_of: str | None = None
    """The earlier point that the asker preferred, as they wrote it."""
    inlays: Inlays | None = None
    """The files inside the answer."""
    events: ShownEvents | None = None
    """The events of the mailbox, as far as they were asked for."""
    zone: str = ""
    """The zone in which times of the answer are told that are not those of mail."""

    # -- the mailbox and what is in it --

    @property
    def mailbox(self) -> UUID:
        """The mailbox that is asked."""
        return self.person.mailbox

    @property
    def root(self) -> str:
        """Where this version begins: ``https://graph.microsoft.com/v1.0``."""
        return f"{self.base}/{'beta' if self.beta else 'v1.0'}"

    @property
    def owner_path(self) -> str:
        """The mailbox in contexts and links."""
        return f"users('{self.mailbox}')"

    def message_id(self) -> UUID:
        """The name of the message of the path, which has to be there, under the id that the path has."""
        return self.row().message

    def row(self) -> MessageRow:
        """The message of the path as its folder shows it."""
        said = meant(Kind.MESSAGE, self.keys["message"])
        row = self.engine.row(self.mailbox, said.name)
        if said.moves is not None and default_id(row.head) != self.keys["message"]:
            raise refusals.NotFound
        self._check_shown(said.name, row.folder)
        return row

    def message(self) -> Message:
        """The message of the path in full."""
        said = meant(Kind.MESSAGE, self.keys["message"])
        message = self.engine.message(self.mailbox, said.name)
        check_place(message, said.moves)
        self._check_shown(said.name, message.folder)
        return message

    def meant(self) -> UUID:
        """The name of the message of the path, for jobs: :meth:`change` looks whether it is there."""
        name = private(Kind.MESSAGE, self.keys["message"])
        if "folder" in self.keys:
            self._check_shown(name, self.engine.row(self.mailbox, name).folder)
        return name

    async def change(self, job: Callable[[Work], T]) -> T:
        """Do a job on the message of the path, if it is what the request believes when its turn comes.

        A default id is one of a message in its place; ``If-Match`` names the version that was seen.
        """
        said = meant(Kind.MESSAGE, self.keys["message"])
        keys = change_keys(self.request.headers) if self.request.has(b"if-match") else None
        belief = Belief(said.moves, keys)

        def checked(work: Work) -> T:
            belief.check(work, self.mailbox, said.name)
            return job(work)

        return await self.engine.run_async(checked)

    def _check_shown(self, name: UUID, where: UUID | None) -> None:
        """In a folder's path a message has to be in that folder."""
        if "folder" in self.keys and not self._is_shown_in(self.folder_id(), name, where):
            raise refusals.NotFound

    def _is_shown_in(self, folder: UUID, name: UUID, where: UUID | None) -> bool:
        if where == folder:
            return True
        return not self.names_well_known_folder() and search_folders.shows(
            self.engine, self.mailbox, folder, name
        )

    def folder_id(self) -> UUID:
        """The folder of the path, by id or by well-known name in any case.

        Where a path leads through folders, each has to be below the one before.
        """
        folder = self.folder_named(self.keys["folder"])
        if "above" in self.keys:
            self._check_below([self.folder_named(key) for key in self.keys["above"].split("/")], folder)
        return folder

    def _check_below(self, path: list[UUID], folder: UUID) -> None:
        parents = {row.folder: row.parent for row in self.engine.folders(self.mailbox)}
        for above, below in pairwise([*path, folder]):
            if parents.get(below) != above:
                raise refusals.NotFound

    def names_well_known_folder(self) -> bool:
        """Whether the path names its folder by a well-known name."""
        return self.keys["folder"].lower() in _WELL_KNOWN

    def folder_named(self, key: str) -> UUID:
        """A folder by id or by well-known name."""
        if key.lower() in _WELL_KNOWN:
            return well_known_id(self.mailbox, key.lower())
        return private(Kind.FOLDER, key)

    def use(self, folder: UUID) -> None:
        """A search folder is looked into: it lasts, unless it is at an earlier moment that is looked at."""
        if AS_OF not in self.options.given:
            expiring.use(self.engine, self.mailbox, folder)

    def on(self) -> Occasion:
        """Who, when and why, for the facts that follow from this request."""
        return self.engine.occasion(self.visitor.actor, self.request_id)

    # -- the request --

    async def body(self) -> bytes:
        """The whole body, unpacked, as far as one request can carry."""
        announced = self.request.header(b"content-length")
        if announced.isascii() and announced.isdigit() and int(announced[:18]) > REQUEST_LIMIT:
            raise errors.too_large()
        body = await body_of(self.request, REQUEST_LIMIT)
        if len(body) > REQUEST_LIMIT:
            raise errors.too_large()
        return body

    def is_mime(self) -> bool:
        """Whether the body is MIME as text; refuses a body that is neither that nor JSON."""
        kind = self._content_type()
        if kind not in ("application/json", "text/plain"):
            raise errors.wrong_media_type(kind)
        return kind == "text/plain"

    def says_mime(self) -> bool:
        """Whether the body is announced as text, which is MIME."""
        return self._content_type() == "text/plain"

    def _content_type(self) -> str:
        return self.request.header(b"content-type").partition(";")[0].strip().lower()

    def body_type(self) -> str | None:
        """The format of bodies that the asker prefers."""
        wanted = _BODY_TYPE.search(self.request.preferred)
        return wanted[1].lower() if wanted else None

    def time_zone(self) -> tzinfo:
        """The time zone in which the asker prefers times to be told; UTC if they name none."""
        wanted = _TIME_ZONE.search(self.request.preferred)
        return zones.zone_or_utc(wanted[1]) if wanted else UTC

    def zone_name(self) -> str:
        """The name of that zone as they wrote it; empty if they name none that is known."""
        wanted = _TIME_ZONE.search(self.request.preferred)
        return wanted[1].strip() if wanted and zones.is_zone(wanted[1]) else ""

    def page_size(self) -> int | None:
        """How many things a page may hold at most, where the asker prefers to say so."""
        wanted = _PAGE_SIZE.search(self.request.preferred)
        return int(wanted[1]) if wanted else None

    # -- the answer --

    def messages(self) -> MessageAnswers:
        """How this request wants its messages."""
        return MessageAnswers(
            root=self.root,
            owner=self.mailbox,
            beta=self.beta,
            options=self.options,
            body_type=self.body_type(),
            basic=self.basic,
            read_message=lambda name: self.engine.message(self.mailbox, name),
            read_event=self.event,
            read_earlier=lambda name: self.engine.meeting(self.mailbox, name),
            attachments=self.attachments,
            immutable=self.has_immutable_ids,
        )

    def event(
        self, name: UUID, message: Message, where: str, inside: tuple[Expand, ...] = ()
    ) -> dict[str, Any] | None:
        """The event that a message is about, as it is shown; ``where`` it is described, with this inside."""
        if self.events is None:
            self.events = ShownEvents(self.engine, self.mailbox, beta=self.beta, zone=self.zone_name())
        found = self.events.about(name, message)
        if found is None:
            return None
        self.zone = self.zone_name()
        request, shown = found
        for each in inside:
            shown |= self._hanging_on(request, each, f"{where}/{each.name}")
        return shown

    def _hanging_on(self, request: Callable[[], Message], each: Expand, where: str) -> dict[str, Any]:
        """What hangs on an event: the files of the request that tells it; nobody gives it anything else."""
        match each.name:
            case "attachments":
                said = request()
                files = [one for one in said.attachments if one.content_type != "text/calendar"]
                moves = None if self.has_immutable_ids else said.moves
                return self.attachments().several(files, where, moves=moves, wanted=each)
            case "extensions":
                return shown_extensions((), each, where)
            case _:
                return {}

    def attachments(self) -> AttachmentAnswers:
        """How this request wants its attachments."""
        self.inlays = self.inlays or Inlays(self.engine.store.blobs)
        return AttachmentAnswers(self.engine, self.inlays, self.beta)

    def link(self, query: str) -> str:
        """The same path with another query, as a URL that can be followed as it is."""
        return f"{self.base}{quote(self.request.path, safe=SAFE_IN_PATH)}?{query}"

    @property
    def has_immutable_ids(self) -> bool:
        """Whether the ids of the answer are those that do not change."""
        return wants_immutable_ids(self.request.preferred)

    def item_id(self, kind: Kind, name: UUID, moves: int) -> str:
        """The preferred id of a message that moved so often, or of one of its attachments."""
        return public(kind, name, None if self.has_immutable_ids else moves)

    def id_of(self, row: MessageRow | Leaf) -> str:
        """The id of a message in the form that the asker prefers."""
        return public(Kind.MESSAGE, row.message) if self.has_immutable_ids else default_id(row.head)

    def message_url(self, public_id: str) -> str:
        """Where a message can be asked for."""
        return f"{self.root}/{self.owner_path}/messages('{public_id}')"

    def odata_id(self, public_id: str) -> str:
        """The same as an annotation says it."""
        return odata_id(self.root, self.mailbox, public_id)

    def json(self, body: bytes, status: int = 200, **headers: str) -> Response:
        """A JSON answer."""
        if self.inlays and self.inlays.are_to_come:
            return self.inlays.response(body, status, headers | self._applied(), JSON)
        return Reply(body, status, headers | self._applied())

    def changed(self, body: bytes, **headers: str) -> Response:
        """What a change answers: the thing as it is now, or nothing if so preferred (*Best practices*)."""
        if _MINIMAL.search(self.request.preferred):
            return Reply(b"", 204, headers | {"Preference-Applied": "return=minimal"})
        return self.json(body, 200, **headers)

    def page(self, body: bytes, *preferences: str) -> Response:
        """A page of a collection as JSON. ``preferences`` were applied besides the usual ones."""
        applied = self._applied(*preferences)
        if self.inlays and self.inlays.are_to_come:
            return self.inlays.response(body, 200, applied, JSON)
        return Page(body, applied)

    def _applied(self, *preferences: str) -> dict[str, str]:
        if not (self.request.preferred or preferences):
            return {}
        wanted = self.body_type()
        applied = [f'outlook.body-content-type="{wanted}"'] if wanted else []
        applied += [f'outlook.timezone="{self.zone}"'] if self.zone else []
        applied += [IMMUTABLE] if self.has_immutable_ids else []
        applied += [f'letterbook.as-of="{self.as_of}"'] if self.as_of else []
        applied += preferences
        return {"Preference-Applied": ", ".join(applied)} if applied else {}


def accepted() -> Response:
    """202 with nothing in it."""
    return Reply(b"", 202)


def gone() -> Response:
    """204 with nothing in it."""
    return Reply(b"", 204)
