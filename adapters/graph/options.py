"""The query options of a request: ``$select $top $skip $count $orderby $filter $search $expand``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from odata_query import ast

from letterbook.adapters.graph import errors, filters, odata
from letterbook.adapters.graph.events import MEMBERS
from letterbook.adapters.graph.item_types import CONTACT, CONTACT_OF_BETA, CONTACT_OF_V1
from letterbook.adapters.graph.wire import WireAttachment, WireMessage
from letterbook.application.meetings import MEETING_MEMBERS
from letterbook.application.querying import NEWEST_FIRST, Order, Where

LARGEST_PAGE = 1000
DEFAULT_PAGE = 10
LONGEST = 8192
"""Characters of one query option."""

_KNOWN = ("select", "top", "skip", "count", "orderby", "filter", "expand", "search", "format", "skiptoken")
_PROPERTIES = {
    "message": (
        *(info.alias or name for name, info in WireMessage.model_fields.items()),
        *(f"microsoft.graph.{kind}/{name}" for kind, names in MEETING_MEMBERS.items() for name in names),
    ),
    "attachment": tuple(info.alias or name for name, info in WireAttachment.model_fields.items()),
    "mailFolder": (
        *("id", "displayName", "parentFolderId", "childFolderCount", "unreadItemCount"),
        *("totalItemCount", "isHidden", "wellKnownName"),
        *(
            f"microsoft.graph.mailSearchFolder/{name}"
            for name in ("isSupported", "includeNestedFolders", "sourceFolderIds", "filterQuery")
        ),
    ),
    "mention": (
        *("id", "mentioned", "mentionText", "clientReference", "createdBy", "createdDateTime"),
        *("serverCreatedDateTime", "deepLink", "application"),
    ),
    "event": MEMBERS,
    "singleValueLegacyExtendedProperty": ("id", "value"),
    "multiValueLegacyExtendedProperty": ("id", "value"),
    "mailboxSettings": (
        *("archiveFolder", "automaticRepliesSetting", "timeZone", "language", "workingHours"),
        *("userPurpose", "dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions"),
    ),
    "timelineEntry": ("position", "version", "fact", "when", "recorded", "who", "why", "changes"),
    "difference": ("what", "id", "name", "how", "changes"),
    "outlookCategory": ("id", "displayName", "color"),
    "override": ("id", "classifyAs", "senderEmailAddress"),
    "messageRule": (
        *("id", "displayName", "sequence", "isEnabled", "hasError", "isReadOnly"),
        *("conditions", "exceptions", "actions"),
    ),
    "subscription": (
        *("id", "resource", "applicationId", "changeType", "clientState", "notificationUrl"),
        *("lifecycleNotificationUrl", "expirationDateTime", "creatorId", "latestSupportedTlsVersion"),
        *("encryptionCertificate", "encryptionCertificateId", "includeResourceData"),
        "notificationContentType",
    ),
    "user": (
        *("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
        *("preferredLanguage", "surname", "userPrincipalName", "id", "accountEnabled", "mailNickname"),
        *("otherMails", "proxyAddresses", "userType", "mailboxSettings"),
    ),
}
"""What ``$select`` can name, by the type that is answered."""
_PROPERTIES["outlookItem"] = (
    *_PROPERTIES["message"],
    *MEMBERS,
    *(CONTACT | CONTACT_OF_V1 | CONTACT_OF_BETA),
)
_BETA = {
    "message": frozenset({"mentions", "mentionsPreview", "unsubscribeData", "unsubscribeEnabled"}),
    "attachment": frozenset(
        {"sourceUrl", "providerType", "permission", "isFolder", "thumbnailUrl", "previewUrl"}
    ),
    "mailFolder": frozenset({"wellKnownName"}),
    "event": frozenset({"uid"}),
    "outlookItem": frozenset({"mentions", "mentionsPreview", "uid", *CONTACT_OF_BETA}),
}
"""What of it v1.0 does not have (schemas of both)."""
_TRACKED = {
    "message": frozenset({"$select", "$top", "$expand", "$filter", "$orderby", "changeType"}),
    "mailFolder": frozenset({"$select"}),
}
"""What can be asked of changes (Graph: *message: delta*, *mailFolder: delta*)."""
_COLLECTIONS = {"message": "Messages", "mailFolder": "MailFolders"}
_SPELLED = {of: {name.lower(): name for name in names} for of, names in _PROPERTIES.items()}
ITEM = "microsoft.graph.itemattachment/item"
EVENT = "microsoft.graph.eventMessage/event"
_NAVIGATIONS = {
    ITEM: ITEM,
    EVENT.lower(): EVENT,
} | {
    name.lower(): name
    for name in (
        "attachments",
        "mentions",
        "extensions",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    )
}


@dataclass(frozen=True, slots=True)
class Expand:
    """One navigation to be shown inline.

    ``only`` are the ids that its filter asks for, ``members`` the members of each that are wanted, in lower
    case; ``None``: all. Of attachments ``item`` tells what of the items in them is to be shown; of such an
    item ``inside`` tells what of its own attachments is.
    """

    name: str
    only: tuple[str, ...] | None = None
    members: frozenset[str] | None = None
    item: "Expand | None" = None
    inside: "Expand | None" = None

    @property
    def deeper(self) -> "Expand | None":
        """What of the items inside an item is to be shown: all, unless something else was asked for."""
        if self.inside is None or (self.inside.item is None and self.inside.members is None):
            return Expand(ITEM)
        return self.inside.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a request asks for beside its path. ``given`` is what it literally said, for links."""

    given: dict[str, str]
    select: tuple[str, ...] = ()
    top: int = DEFAULT_PAGE
    skip: int = 0
    count: bool = False
    order: tuple[Order, ...] = NEWEST_FIRST
    where: Where | None = None
    expand: tuple[Expand, ...] = ()
    skiptoken: str | None = None
    deltatoken: str | None = None
    search: str | None = None

    @property
    def opens(self) -> Expand | None:
        """What of the item in an item attachment is to be shown."""
        return next((each for each in self.expand if each.name == ITEM), None)

    @property
    def opens_events(self) -> bool:
        """Whether events are to be shown, each told from all messages about it."""
        return any(each.name == EVENT for each in self.expand)

    @property
    def shows_bodies(self) -> bool:
        """Whether the bodies of messages are asked for."""
        return not self.select or not {"body", "uniqueBody"}.isdisjoint(self.select)

    def link(self, **changes: str) -> str:
        """The query of a link to another page: what was given, with changes."""
        merged = {**self.given, **{f"${name}": value for name, value in changes.items()}}
        return "&".join(
            f"{quote(name, safe='$')}={quote(value, safe='$,()/:')}"
            for name, value in merged.items()
            if value
        )


NO_OPTIONS = Options(given={})


def read_options(query: bytes, *, beta: bool, of: str = "message", tracks: bool = False) -> Options:
    """The options of a query string. Raises :class:`letterbook.adapters.graph.errors.GraphError`.

    ``of`` is the type of what is answered; ``tracks`` tells whether it is what changed.
    """
    if not query:
        return NO_OPTIONS
    given = _named(parse_qsl(query.decode("latin-1"), keep_blank_values=True), tracks=tracks)
    if tracks:
        _check_tracked(given, of)
    where, order = _chosen(given, of, beta=beta)
    return Options(
        given=given,
        select=_select(given.get("$select", ""), of, beta=beta),
        top=_number(given, "$top", DEFAULT_PAGE, 1, LARGEST_PAGE),
        skip=_number(given, "$skip", 0, 0, 2**31 - 1),
        count=_flag(given, "$count"),
        order=order,
        where=where,
        expand=() if of == "mailFolder" else expanded(given.get("$expand", ""), of, beta=beta),
        skiptoken=given.get("$skiptoken"),
        deltatoken=given.get("$deltatoken"),
        search=given.get("$search") if of == "message" else None,
    )


def _chosen(given: dict[str, str], of: str, *, beta: bool) -> tuple[Where | None, tuple[Order, ...]]:
    """Filter and order: of messages; of attachments and mentions they are passed over, as Graph does."""
    if of == "mailFolder" and "$search" in given:
        raise errors.bad_request("The query parameter '$search' is not supported.")
    if of != "message":
        return None, NEWEST_FIRST
    if "$search" in given:
        _check_search(given)
    where = filters.parse_filter(given["$filter"], beta=beta) if "$filter" in given else None
    order = filters.parse_order(given["$orderby"], beta=beta) if "$orderby" in given else NEWEST_FIRST
    if where is not None and "$orderby" in given:
        filters.check_together(where, order)
    return where, order


def _check_search(given: dict[str, str]) -> None:
    """A search sorts by itself and chooses by itself (observed: the answer to ``$orderby``)."""
    for name, code in (("$orderBy", "SearchWithOrderBy"), ("$filter", "SearchWithFilter")):
        if name.lower() in given:
            message = f"The query parameter '{name}' is not supported with '$search'."
            raise errors.GraphError(400, code, message)


def _check_tracked(given: dict[str, str], of: str) -> None:
    """Much of what a list understands is not there for changes (observed: the answer for calendar views)."""
    for name in list(given):
        for spelled in ("changeType", "includeHiddenFolders"):
            if name.lower() == spelled.lower():
                given[spelled] = given.pop(name)
    known = {"changeType", *(f"${name}" for name in _KNOWN)} - {"$format", "$skiptoken"}
    if wrong := [name for name in given if name in known - _TRACKED[of]]:
        raise errors.not_tracked(_COLLECTIONS[of], wrong)


def _named(pairs: list[tuple[str, str]], *, tracks: bool = False) -> dict[str, str]:
    """Options by their full name; the ``$`` may be left out, the case does not matter."""
    named: dict[str, str] = {}
    options = (*_KNOWN, "deltatoken") if tracks else _KNOWN
    for name, value in pairs:
        plain = name.removeprefix("$").lower()
        if plain in options and len(value) > LONGEST:
            raise errors.bad_request(f"The query option '${plain}' is too long.")
        if plain in options:
            if f"${plain}" in named:
                raise errors.bad_request(f"Query option '{name}' was specified more than once.")
            named[f"${plain}"] = value
        elif name.startswith("$"):
            raise errors.bad_request(f"The query parameter '{name}' is not supported.")
        else:
            named[name] = value
    return named


def _number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    if name not in given:
        return default
    text = given[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or not least <= int(text) <= most:
        raise errors.bad_request(
            f"Invalid value '{given[name][:40]}' for {name} query option found. The {name} query option "
            f"requires a number from {least} to {most}."
        )
    return int(text)


def _flag(given: dict[str, str], name: str) -> bool:
    value = given.get(name, "false").lower()
    if value not in ("true", "false"):
        raise errors.bad_request(f"Invalid value '{given[name][:40]}' for {name} query option found.")
    return value == "true"


def _select(text: str, of: str, *, beta: bool) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if "*" in names:
        return ()
    chosen = tuple(_SPELLED[of].get(name.lower(), "") for name in names)
    for name, spelled in zip(names, chosen, strict=True):
        if not spelled or (spelled in _BETA.get(of, ()) and not beta):
            raise errors.unknown_property(name, of)
    return chosen


_EXPANDED = re.compile(r"\s*+([A-Za-z.]++(?:/[A-Za-z]++)?)\s*+(?:\((.*)\))?\s*+", re.DOTALL)
_FILTER = re.compile(r"\$?filter\s*+=(.*)", re.IGNORECASE | re.DOTALL)
_MEMBERS = re.compile(r"\$?select\s*+=\s*+([\w., /*]++)$", re.IGNORECASE)
_CAST = re.compile(r"microsoft\.graph\.(?:message|event|contact)/", re.IGNORECASE)
_EXTENDED = {
    "singleValueExtendedProperties": "singleValueLegacyExtendedProperty",
    "multiValueExtendedProperties": "multiValueLegacyExtendedProperty",
}
_TYPES = _EXTENDED | {"mentions": "mention", EVENT: "event"}
"""The types of what is expanded, as far as their members are known; open extensions have any."""


def expanded(text: str, of: str, *, beta: bool) -> tuple[Expand, ...]:
    """What is to be shown inside something of a type."""
    found: list[Expand] = []
    for clause in parted(text, ",") if text else ():
        part = _EXPANDED.fullmatch(clause)
        if part is None:
            raise errors.bad_request(f"Invalid expand clause: '{text[:200]}'.")
        found.append(_expanded(part[1], part[2], of, beta=beta))
    return tuple(found)


def parted(text: str, mark: str) -> list[str]:
    """The parts between marks that are neither in parentheses nor in quotes."""
    parts, depth, quoted, begun = [], 0, False, 0
    for at, char in enumerate(text):
        quoted ^= char == "'"
        depth += 0 if quoted else (char == "(") - (char == ")")
        if char == mark and not (depth or quoted):
            parts.append(text[begun:at])
            begun = at + 1
        if depth < 0:
            break
    if depth or quoted:
        raise errors.bad_request(f"Invalid expand clause: '{text[:200]}'.")
    return [*parts, text[begun:]]


def _expanded(name: str, inner: str | None, of: str, *, beta: bool) -> Expand:
    known = _NAVIGATIONS.get(name.lower())
    not_there = (known == "mentions" and not beta) or (of == "mailFolder" and known not in _EXTENDED)
    if known is None or not_there or (known == ITEM) != (of == "attachment"):
        raise errors.not_expandable(name)
    if known in ("attachments", ITEM):
        return _expanded_attachments(known, inner or "", beta=beta)
    found = _chosen_of(known, inner or "", beta=beta)
    if known in _EXTENDED and found.only is None:
        raise errors.bad_request(f"$expand of {known} requires a $filter on id.")
    return found


def _chosen_of(name: str, inner: str, *, beta: bool) -> Expand:
    """Which of them are wanted, and what of each."""
    only, members = None, None
    for option in (part.strip() for part in parted(inner, ";") if part.strip()):
        if chosen := _MEMBERS.fullmatch(option):
            members = _members_of(name, chosen[1], beta=beta)
        elif name not in ("mentions", EVENT) and (wanted := _FILTER.fullmatch(option)):
            only = tuple(_ids(odata.parsed(wanted[1]), 0))
        else:
            raise errors.not_yet(f"This option of $expand={name}")
    return Expand(name, only, members)


def _members_of(name: str, text: str, *, beta: bool) -> frozenset[str] | None:
    of = _TYPES.get(name)
    names = _select(text, of, beta=beta) if of else [each.strip() for each in text.split(",")]
    return frozenset(each.lower() for each in names if each) or None


def _ids(node: Any, depth: int) -> Iterator[str]:
    """The ids in a filter such as ``id eq 'a' or id eq 'b'``; nothing else chooses what is shown inside."""
    match node:
        case ast.BoolOp(op=ast.Or(), left=left, right=right) if depth < _MOST_IDS:
            yield from _ids(left, depth + 1)
            yield from _ids(right, depth + 1)
        case ast.Compare(ast.Eq(), ast.Identifier(name=name), ast.String(val=text)) if name.lower() == "id":
            yield str(text)
        case _:
            raise errors.bad_filter("only ids can be compared here.")


_MOST_IDS = 100


_ITEM = re.compile(
    r"\$?expand\s*+=\s*+microsoft\.graph\.itemattachment/item\s*+(?:\((.*)\))?+", re.IGNORECASE
)
_INSIDE = re.compile(
    r"\$?expand\s*+=\s*+(?:microsoft\.graph\.message/)?attachments\s*+(?:\((.*)\))?+", re.IGNORECASE
)


def _expanded_attachments(name: str, inner: str, *, beta: bool) -> Expand:
    """What is asked of attachments, or of the item in one: which members, and what of what is inside."""
    members, opened = None, None
    for option in (part.strip() for part in parted(inner, ";") if part.strip()):
        if chosen := _MEMBERS.fullmatch(option):
            of = "outlookItem" if name == ITEM else "attachment"
            names = _select(_CAST.sub("", chosen[1]), of, beta=beta)
            members = frozenset(each.lower() for each in names) or None
        elif asked := (_INSIDE if name == ITEM else _ITEM).fullmatch(option):
            below = "attachments" if name == ITEM else ITEM
            opened = _expanded_attachments(below, asked[1] or "", beta=beta)
        else:
            raise errors.not_yet(f"This option of $expand={name}")
    if name == ITEM:
        return Expand(name, members=members, inside=opened)
    return Expand(name, members=members, item=opened)
