"""What a subscription's ``resource`` names: the messages of a mailbox or of a folder, with query options.

``me/messages``, ``users/{id}/mailFolders('inbox')/messages?$filter=isRead eq false`` and the like, with or
without a leading slash, words in any case. Nothing else of a mailbox can be subscribed to, as in Graph.
"""

from urllib.parse import quote
from uuid import UUID

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.options import Options, read_options
from letterbook.adapters.graph.owners import ME, owner_asked
from letterbook.adapters.graph.routing import segments_of
from letterbook.adapters.graph.tenant import TENANT
from letterbook.application.engine import Engine
from letterbook.application.ports import Visitor
from letterbook.application.public_ids import Kind, private
from letterbook.application.subscribing import Watched
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from letterbook.domain.refusals import MailboxUnknown, Refused

_WELL_KNOWN = frozenset(name for name, *_ in WELL_KNOWN)
_FOLDERS = ("mailfolders", "childfolders")
_OPTIONS = frozenset({"$select", "$filter", "$expand"})
_EXPANDED = frozenset({"singleValueExtendedProperties", "multiValueExtendedProperties"})


def watched(engine: Engine, visitor: Visitor, resource: str, *, beta: bool) -> Watched:
    """Read a resource; refuses one that cannot be subscribed to, or not by this visitor."""
    path, _, query = resource.removeprefix("/").partition("?")
    parts = segments_of(path)
    whose, rest = _whose(parts)
    if not rest or rest[-1].lower() != "messages" or not _leads_through_folders(rest[:-1]):
        raise invalid(resource)
    try:
        mailbox = owner_asked(engine, visitor, whose).mailbox
    except MailboxUnknown:
        raise errors.extension(
            "NotFound", f"The requested user '{(whose or '')[:200]}' is invalid."
        ) from None
    folder = _folder(engine, mailbox, resource, rest[-2]) if len(rest) > 1 else None
    options = _options(query, beta=beta)
    return Watched(
        mailbox=mailbox,
        folder=folder,
        resource=resource,
        condition=options.given.get("$filter"),
        select=options.select,
        expand=options.given.get("$expand", ""),
        beta=beta,
    )


def watched_by_the_book(engine: Engine, resource: str) -> Watched:
    """The same for a program that holds the book. Raises ValueError if it cannot be subscribed to."""
    try:
        return watched(engine, Visitor("letterbook", frozenset(), is_app=True), resource, beta=True)
    except errors.GraphError as error:
        raise ValueError(error.message) from None


def invalid(resource: str) -> errors.GraphError:
    """The resource is none that can be subscribed to (observed)."""
    return errors.extension("BadRequest", f"The value '{resource[:300]}' of parameter 'Resource' is invalid.")


def _whose(parts: list[str]) -> tuple[str | None, list[str]]:
    """The user that a path names, ``None`` for the caller, and what follows."""
    if parts[0].lower() == "me":
        return None, parts[1:]
    if parts[0].lower() == "users" and len(parts) > 1:
        return None if parts[1].lower() in ME else parts[1].removesuffix(f"@{TENANT}"), parts[2:]
    return None, []


def _leads_through_folders(parts: list[str]) -> bool:
    """Whether a path has a folder, or folders below one another, or none at all."""
    words = [part.lower() for part in parts[::2]]
    return len(parts) % 2 == 0 and words == [*_FOLDERS[:1], *_FOLDERS[1:] * len(words)][: len(words)]


def _folder(engine: Engine, mailbox: UUID, resource: str, key: str) -> UUID:
    try:
        named = well_known_id(mailbox, key.lower()) if key.lower() in _WELL_KNOWN else None
        folder = engine.folder(mailbox, named or private(Kind.FOLDER, key))
    except Refused:
        raise invalid(resource) from None
    if folder.search is not None:
        raise invalid(resource)
    return folder.folder


def _options(query: str, *, beta: bool) -> Options:
    options = read_options(quote(query, safe="=&$%+,'()/:;").encode("latin-1"), beta=beta)
    if wrong := [name for name in options.given if name not in _OPTIONS]:
        raise errors.bad_request(f"The query option '{wrong[0][:60]}' cannot be used in a subscription.")
    if wrong := [each.name for each in options.expand if each.name not in _EXPANDED]:
        raise errors.bad_request(f"'{wrong[0]}' cannot be expanded in a subscription.")
    return options
