"""Questions put to the earlier lists: which entries are looked at, from where to where, and by what else."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any as AnyValue
from uuid import UUID

from letterbook.adapters.views import past_tables
from letterbook.adapters.views.conditions import column_of, condition, ordering, place_condition
from letterbook.adapters.views.past_tables import ALL, MARKED, UNREAD, Standing, entries_of
from letterbook.application.past_lists import Found, NotReached, Then
from letterbook.application.querying import (
    All,
    Any,
    Compare,
    Field,
    Is,
    Marked,
    PageQuery,
    Place,
    Where,
    flat,
    seconds_found,
)

Sql = tuple[str, list[AnyValue]]
"""A piece of SQL, and the values of its marks."""

LAST = "(SELECT max(y.since) FROM past_versions AS y WHERE y.home=? AND y.message=l.name)"
SINCE = "(SELECT max(x.since) FROM past_versions AS x WHERE x.home=? AND x.message=l.name AND x.since<=?)"
_ENTRIES = "FROM past_lists AS l"
_SHOWN = f"{_ENTRIES} CROSS JOIN past_versions AS v ON v.home=? AND v.message=l.name AND v.since={SINCE}"
"""Entries with what was shown of each message."""
_THEN = "WHERE l.list=? AND l.epoch=? AND l.since<=? AND l.until>?"
_ONE = (
    "SELECT m.seq, v.since, v.folder, "
    "(SELECT max(y.since) FROM past_versions AS y WHERE y.home=m.home AND y.message=?2) "
    "FROM past_mailboxes AS m LEFT JOIN past_versions AS v ON v.home=m.home AND v.message=?2 AND v.since="
    "(SELECT max(x.since) FROM past_versions AS x WHERE x.home=m.home AND x.message=?2 AND x.since<=?3) "
    "WHERE m.mailbox=?1"
)
_ONLY_MOVED = (
    "SELECT v.revision, v.moves, v.modified_at, v.folder, v.is_read FROM past_versions AS v "
    "CROSS JOIN past_versions AS y ON y.home=v.home AND y.message=v.message AND y.since=? "
    "WHERE v.home=? AND v.message=? AND v.since=? AND y.said<=v.since"
)
"""A version of a message, if the newest says the same, but for its folder and whether it was read."""
_BEGINNING, _END = -(2**62), 2**62
"""Microseconds before and after which nothing was ever received."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a condition chooses: entries of one kind, received from when to when, and what else is true."""

    kind: int
    low: int
    high: int
    """Microseconds, both included."""
    rest: tuple[Where, ...]

    @property
    def is_all(self) -> bool:
        """Whether every entry of this kind is chosen."""
        return not self.rest and (self.low, self.high) == (_BEGINNING, _END)


def _choose(where: Where | None, standing: Standing) -> _Chosen:
    """The fewest entries among which is all that a condition finds."""
    parts = _parts(where)
    ways = [UNREAD] if any(map(_says_unread, parts)) else []
    ways += [MARKED] if any(map(_says_marked, parts)) else []
    kind = min([*ways, ALL], key=lambda way: standing.courses[way].held)
    low, high, rest = _BEGINNING, _END, list[Where]()
    for part in parts:
        if stretch := _stretch(part):
            low, high = max(low, stretch[0]), min(high, stretch[1])
        elif kind != UNREAD or not _says_unread(part):
            rest.append(part)
    return _Chosen(kind, low, high, tuple(rest))


def _parts(where: Where | None) -> tuple[Where, ...]:
    """What has to be true, all of it."""
    if where is None:
        return ()
    where = flat(where)
    return where.of if isinstance(where, All) else (where,)


def _says_unread(where: Where) -> bool:
    return where in (Compare(Field.IS_READ, Is.EQUAL, False), Compare(Field.IS_READ, Is.UNEQUAL, True))


def _says_marked(where: Where) -> bool:
    """Whether it can only be true of a message on which something hangs."""
    match where:
        case Marked():
            return True
        case All(parts):
            return any(map(_says_marked, parts))
        case Any(parts):
            return bool(parts) and all(map(_says_marked, parts))
        case _:
            return False


def _stretch(where: Where) -> tuple[int, int] | None:
    """The microseconds in which whatever fits was received, if that is all that is said."""
    match where:
        case Compare(Field.RECEIVED, how, datetime() as value) if how is not Is.UNEQUAL:
            begin, end = seconds_found(how, value)
            low = _BEGINNING if begin is None else begin * 1_000_000
            return low, _END if end is None else end * 1_000_000 - 1
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Asked:
    """A list at a position, to which questions are put in one transaction; an empty one has no ``place``."""

    connection: sqlite3.Connection
    at: int
    reached: int
    place: past_tables.Place | None

    @staticmethod
    def of(connection: sqlite3.Connection, mailbox: UUID, folder: UUID | None, at: int) -> "Asked":
        """A folder, or the whole mailbox. Raises :class:`NotReached` if the lists are not there."""
        place, reached = past_tables.place(connection, mailbox, (folder or mailbox).bytes, at)
        return Asked(connection, at, reached, place)

    def page(self, query: PageQuery, now: int) -> list[Found]:
        """The messages that a query asked for; only lists that have come to ``now`` know what lasts."""
        if self.place is None:
            return []
        order, chosen = query.order, _choose(query.where, self.place.standing)
        by_entry = [each.by for each in order] == [Field.RECEIVED]
        if by_entry:
            way = "DESC" if order[0].descending else "ASC"
            places, ordered = "l.received", f"l.received {way}, l.name {way}"
            conditions = [self._between(chosen, query.after, descending=order[0].descending)]
        else:
            places, ordered = ", ".join(column_of(each.by) for each in order), ordering(order)
            conditions = [
                self._between(chosen),
                *([place_condition(order, query.after)] if query.after else []),
            ]
        rows = self._rows(
            (f"l.name, {SINCE}, {LAST}, {places}", [self.place.home, self.at, self.place.home]),
            chosen,
            conditions,
            (f"ORDER BY {ordered} LIMIT ? OFFSET ?", [query.top, query.skip]),
            shown=not by_entry,
        )
        return [self.found(now, *row) for row in rows]

    def found(self, now: int, name: bytes, since: int, last: int, *place: str | int) -> Found:
        if self.reached < now:
            return Found(name, since, False, place)
        return Found(
            name, since, since == last, place, None if since == last else self._then(name, since, last)
        )

    def _then(self, name: bytes, since: int, last: int) -> Then | None:
        """What was different of a message that has changed since, if little was."""
        assert self.place is not None, "only of lists that ever held something"
        found = self.connection.execute(_ONLY_MOVED, (last, self.place.home, name, since)).fetchone()
        return Then(*found) if found else None

    def count(self, where: Where | None) -> int:
        """How many messages a query found."""
        if self.place is None:
            return 0
        chosen = _choose(where, self.place.standing)
        if chosen.is_all:
            return self.place.standing.courses[chosen.kind].held
        return int(self._rows(("count(*)", []), chosen, [self._between(chosen)])[0][0])

    def names(self, where: Where | None) -> list[UUID]:
        """The messages that a query found."""
        if self.place is None:
            return []
        chosen = _choose(where, self.place.standing)
        rows = self._rows(("l.name", []), chosen, [self._between(chosen)])
        return [UUID(bytes=name) for (name,) in rows]

    def _between(self, chosen: _Chosen, after: Place | None = None, *, descending: bool = True) -> Sql:
        """From where to where entries are looked at. No list is looked at above its newest message."""
        assert self.place is not None, "only of lists that ever held something"
        high = min(chosen.high, self.place.standing.newest)
        below: Sql = ("l.received<=?", [high])
        above: Sql = ("l.received>=?", [chosen.low])
        if after:
            received = int(after.values[0])
            if descending and received <= high:
                below = ("(l.received, l.name)<(?,?)", [received, after.message.bytes])
            elif not descending and received >= chosen.low:
                above = ("(l.received, l.name)>(?,?)", [received, after.message.bytes])
        return f"{below[0]} AND {above[0]}", below[1] + above[1]

    def _rows(
        self, what: Sql, chosen: _Chosen, conditions: list[Sql], end: Sql = ("", []), *, shown: bool = False
    ) -> list[AnyValue]:
        """What is asked of the entries that are chosen; ``shown``: something of the messages themselves."""
        assert self.place is not None, "only of lists that ever held something"
        home, course = self.place.home, self.place.standing.courses[chosen.kind]
        entries = entries_of(self.place.number, chosen.kind)
        looked_at: Sql = (_SHOWN, [home, home, self.at]) if shown or chosen.rest else (_ENTRIES, [])
        then: Sql = (_THEN, [entries, course.epoch, self.at, self.at])
        true = [*conditions, *map(condition, chosen.rest)]
        parts = [("SELECT", []), what, looked_at, then, *((f"AND {text}", part) for text, part in true), end]
        values = [value for _, part in parts for value in part]
        return self.connection.execute(" ".join(text for text, _ in parts), values).fetchall()


def one(connection: sqlite3.Connection, mailbox: UUID, message: UUID, at: int, now: int) -> Found | None:
    """A message that some list held. Raises :class:`NotReached` if the lists are not there."""
    found = connection.execute(_ONE, (mailbox.bytes, message.bytes, at)).fetchone()
    if found is None or found[0] < at:
        raise NotReached
    reached, since, folder, last = found
    return Found(message.bytes, since, reached >= now and since == last, ()) if folder else None
