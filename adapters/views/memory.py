"""Views in memory: the same promises on plain dictionaries."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self
from uuid import UUID

from pydantic_core import to_json

from letterbook.application.matching import finds, holds
from letterbook.application.moments import microseconds
from letterbook.application.ports import FreshRow
from letterbook.application.querying import (
    Field,
    Order,
    PageQuery,
    Where,
    sort_value,
)
from letterbook.application.rows import (
    ClearMailbox,
    Count,
    DropFolder,
    DropMessage,
    FolderRow,
    Leaf,
    MessageRow,
    NoteOwn,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.searching import (
    Backlog,
    Hit,
    HitQuery,
    SearchQuery,
    Worded,
    wording,
)

_LAST_SENT_FIRST = (Order(Field.SENT, descending=True),)


@dataclass(slots=True)
class Rows:
    """Everything that is kept; copied at the start of a transaction, so that it can be undone."""

    messages: dict[UUID, dict[UUID, MessageRow]] = field(default_factory=dict)
    folders: dict[UUID, dict[UUID, FolderRow]] = field(default_factory=dict)
    people: dict[str, PersonRow] = field(default_factory=dict)
    positions: dict[UUID, int] = field(default_factory=dict)
    owns: dict[UUID, int] = field(default_factory=dict)
    fresh: "Rows | None" = None
    """Those that are made anew, and not live yet."""

    def copy(self) -> Self:
        """A copy that can be changed without changing this one."""
        messages = {key: dict(rows) for key, rows in self.messages.items()}
        folders = {key: dict(rows) for key, rows in self.folders.items()}
        fresh = self.fresh and self.fresh.copy()
        positions, owns = dict(self.positions), dict(self.owns)
        return type(self)(messages, folders, dict(self.people), positions, owns, fresh)


class MemoryViews:
    """The views inside one transaction."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def apply(self, mailbox: UUID, position: int, changes: Iterable[ViewChange]) -> None:
        """Keep what changed."""
        messages = self._rows.messages.setdefault(mailbox, {})
        folders = self._rows.folders.setdefault(mailbox, {})
        for change in changes:
            match change:
                case PutMessage(row):
                    messages[row.message] = row
                case DropMessage(message):
                    messages.pop(message, None)
                case Count(folder, total, unread):
                    if known := folders.get(folder):
                        folders[folder] = replace(
                            known, total=known.total + total, unread=known.unread + unread
                        )
                case PutFolder(row):
                    known = folders.get(row.folder, row)
                    folders[row.folder] = replace(row, total=known.total, unread=known.unread)
                case DropFolder(folder):
                    folders.pop(folder, None)
                case PutPerson(person):
                    self._rows.people[person.address.casefold()] = person
                case NoteOwn(at):
                    self._rows.owns[mailbox] = at
                case ClearMailbox():
                    self.clear(mailbox)
                    messages = self._rows.messages.setdefault(mailbox, {})
                    folders = self._rows.folders.setdefault(mailbox, {})
        self._rows.positions[mailbox] = position

    def position(self, mailbox: UUID) -> int:
        """The position of the history that the rows hold."""
        return self._rows.positions.get(mailbox, 0)

    def ends(self, mailbox: UUID) -> tuple[int, int]:
        """The positions of the newest facts."""
        position = self.position(mailbox)
        return position, self._rows.owns.get(mailbox, int(position > 0))

    def head(self, mailbox: UUID, message: UUID) -> bytes | None:
        """The head of its ready answer."""
        row = self.message(mailbox, message)
        return row.head if row else None

    def message(self, mailbox: UUID, message: UUID) -> MessageRow | None:
        """One message."""
        return self._rows.messages.get(mailbox, {}).get(message)

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages that a query asks for."""
        found = self._found(mailbox, query.folder, query.where)
        found.sort(key=lambda row: row.message.bytes, reverse=query.order[0].descending)
        for order in reversed(query.order):
            found.sort(key=partial(sort_value, by=order.by), reverse=order.descending)
        if query.after:
            place = (*query.after.values, query.after.message.bytes)
            found = [row for row in found if _behind(row, query.order, place)]
        chosen = found[query.skip : query.skip + query.top]
        leaves = [_leaf(row, query.order) for row in chosen]
        return leaves if query.bodies else [leaf._replace(body=b"") for leaf in leaves]

    def leaves(self, mailbox: UUID, names: Sequence[bytes], bodies: bool) -> list[Leaf]:
        """Some messages."""
        rows = self._rows.messages.get(mailbox, {})
        wanted = [UUID(bytes=name) for name in dict.fromkeys(names)]
        found = [_leaf(rows[name], ()) for name in wanted if name in rows]
        return found if bodies else [leaf._replace(body=b"") for leaf in found]

    def count(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query finds."""
        return len(self._found(mailbox, folder, where))

    def names(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query finds."""
        return [row.message for row in self._found(mailbox, folder, where)]

    def message_ids(self, mailbox: UUID) -> Iterator[str]:
        """The Message-ID of every message."""
        for row in self._rows.messages.get(mailbox, {}).values():
            yield row.internet_message_id

    def search(self, mailbox: UUID, query: SearchQuery) -> list[Leaf]:
        """What a search finds, by looking at every message."""
        found = self._found(mailbox, query.folder, None)
        found = [row for row in found if finds(row, wording(row), query.sought)]
        found.sort(key=lambda row: (row.sent_at, row.message.bytes), reverse=True)
        if query.after:
            place = (*query.after.values, query.after.message.bytes)
            found = [row for row in found if _behind(row, _LAST_SENT_FIRST, place)]
        return [_leaf(row, _LAST_SENT_FIRST) for row in found[query.skip : query.skip + query.top]]

    def hits(self, mailbox: UUID, asked: HitQuery) -> list[Hit]:
        """Who says something, by looking at every message."""
        said = [(row, wording(row)) for row in self._rows.messages.get(mailbox, {}).values()]
        hits = [
            Hit(row.message.bytes, sent_at, sent_at, tuple(finds(row, says, each) for each in asked.besides))
            for row, says in said
            if (sent_at := microseconds(row.sent_at)) <= asked.until and finds(row, says, asked.sought)
        ]
        hits.sort(key=lambda hit: hit.group, reverse=True)
        return hits[: asked.limit]

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Nothing: there is no index."""
        return Backlog((), is_all=True)

    def index(self, ready: Iterable[Worded]) -> None:
        """Nothing to keep."""

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder of a mailbox."""
        return list(self._rows.folders.get(mailbox, {}).values())

    def person(self, who: str) -> PersonRow | None:
        """The owner of a mailbox, by address or id."""
        known = self._rows.people.get(who.casefold())
        return known or next((p for p in self._rows.people.values() if str(p.mailbox) == who.lower()), None)

    def people(self) -> list[PersonRow]:
        """The owners of all mailboxes."""
        return [self._rows.people[key] for key in sorted(self._rows.people)]

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that has a row."""
        rows = self._rows
        owned = {person.mailbox for person in rows.people.values()}
        filled = {name for kept in (rows.messages, rows.folders) for name, of_it in kept.items() if of_it}
        return sorted(owned | filled | rows.positions.keys())

    def clear(self, mailbox: UUID) -> None:
        """Forget all rows of a mailbox."""
        self._rows.messages.pop(mailbox, None)
        self._rows.folders.pop(mailbox, None)
        self._rows.positions.pop(mailbox, None)
        self._rows.owns.pop(mailbox, None)
        kept = {key: person for key, person in self._rows.people.items() if person.mailbox != mailbox}
        self._rows.people = kept

    def fingerprint(self, mailbox: UUID) -> str:
        """SHA-256 over every row, in the order of the keys."""
        digest = hashlib.sha256()
        messages, folders = (kept.get(mailbox, {}) for kept in (self._rows.messages, self._rows.folders))
        rows: list[object] = [row for _, row in sorted(messages.items())]
        rows += [row for _, row in sorted(folders.items())]
        rows += [person for person in self.people() if person.mailbox == mailbox]
        for row in rows:
            digest.update(to_json(row, bytes_mode="base64"))
        return digest.hexdigest()

    def _found(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> list[MessageRow]:
        return [
            row
            for row in self._rows.messages.get(mailbox, {}).values()
            if (row.in_mailbox if folder is None else row.folder == folder)
            and (where is None or holds(row, where))
        ]


class MemoryFreshViews:
    """Rows beside the live ones."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @property
    def views(self) -> MemoryViews:
        """The same views of other rows."""
        assert self._rows.fresh is not None, "a rebuild has begun"
        return MemoryViews(self._rows.fresh)

    def begin(self) -> None:
        """Empty ones."""
        self._rows.fresh = Rows()

    def fill(self, mailbox: UUID, position: int, rows: Iterable[FreshRow]) -> None:
        """Add messages; their words are made when somebody searches."""
        self.views.apply(mailbox, position, (PutMessage(row) for row, _ in rows))

    def make_index(self) -> bool:
        """Dictionaries are their own."""
        return False

    def different(self, mailbox: UUID) -> Iterator[UUID]:
        """By comparing."""
        assert self._rows.fresh is not None, "a rebuild has begun"
        live, fresh = (rows.messages.get(mailbox, {}) for rows in (self._rows, self._rows.fresh))
        yield from (name for name in live.keys() | fresh.keys() if live.get(name) != fresh.get(name))

    def take_over(self) -> None:
        """Nothing is left of the others."""
        fresh = self._rows.fresh
        assert fresh is not None, "a rebuild has begun"
        rows = self._rows
        rows.messages, rows.folders, rows.people = fresh.messages, fresh.folders, fresh.people
        rows.positions, rows.owns, rows.fresh = fresh.positions, fresh.owns, None

    def leftovers(self) -> bool:
        """What was begun."""
        return self._rows.fresh is not None

    def sweep(self) -> None:
        """At one blow."""
        self._rows.fresh = None


def _leaf(row: MessageRow, order: tuple[Order, ...]) -> Leaf:
    place = tuple(sort_value(row, each.by) for each in order)
    return Leaf(row.message.bytes, row.head, row.beta, row.body, row.tail, place)


def _behind(row: MessageRow, order: tuple[Order, ...], place: tuple[object, ...]) -> bool:
    here = (*(sort_value(row, each.by) for each in order), row.message.bytes)
    return here < place if order[0].descending else here > place
