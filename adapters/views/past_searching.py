"""Searching the earlier lists: who still says what they said then, and who said it and says it no more.

The first are found by the index of now, and the lists tell of each where it was and how; the others by the
index of what is said no more. Nothing is looked at that was sent after all that the list held (ADR 67);
what pretends to be from later is looked for by itself.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from letterbook.adapters.views import past_words, search
from letterbook.adapters.views.conditions import condition
from letterbook.adapters.views.past_asking import LAST, SINCE, Asked, Sql
from letterbook.adapters.views.past_tables import ALL, Place
from letterbook.application import past_search
from letterbook.application.moments import moment
from letterbook.application.past_lists import Found, NotReached, Present
from letterbook.application.past_search import Batch, Parted
from letterbook.application.querying import Among, Compare, Field, Is, Key
from letterbook.application.searching import Both, Hit, HitQuery, SearchQuery, about_text, whole_groups

_AT_ONCE = 512
"""Messages that are asked for by name in one statement."""
_MARKS = 30_000
"""Values that are bound to one statement: SQLite takes 32,766 where nobody built it for more."""
_AT_LEAST = 32
"""So many, or a multiple: statements of few sizes are prepared once."""
_VERSION = f"past_versions AS v ON v.home=? AND v.message=l.name AND v.since={SINCE}"
_WORDED = (
    "(SELECT y.worded FROM past_versions AS y WHERE y.home=? AND y.message=l.name "
    "ORDER BY y.since DESC LIMIT 1)"
)
_STILL_SAID = (
    f"WITH l(name) AS (VALUES {{}}) SELECT l.name, v.since, {LAST}, v.sent_at "
    f"FROM l CROSS JOIN {_VERSION} WHERE v.worded={_WORDED} AND "
)
_SAID_THEN = (
    f"SELECT l.name, v.sent_at, l.key, v.since, {LAST} FROM past_words "
    f"CROSS JOIN past_sayings AS l ON l.key=past_words.rowid CROSS JOIN {_VERSION} "
    "WHERE past_words MATCH ? AND past_words.rowid BETWEEN ? AND ? AND v.sent_at<=? AND "
)
_POSTDATED = (
    "SELECT DISTINCT sent / 1000000 FROM past_postdated "
    "WHERE list=? AND sent>? AND sent<=? AND since<=? AND until>? "
    "ORDER BY 1 DESC LIMIT ?"
)
_EVERYBODY = 2**31


def page(
    connection: sqlite3.Connection, mailbox: UUID, at: int, query: SearchQuery, now: Present
) -> list[Found]:
    """A page of what a search found. Raises :class:`NotReached` if the lists do not know enough."""
    asked = Asked.of(connection, mailbox, query.folder, at)
    if asked.place is None:
        return []
    if asked.reached < now.position or past_words.is_due(connection, asked.place.home, at):
        raise NotReached
    return _Search(asked, asked.place, mailbox, query, now).page()


@dataclass(frozen=True)
class _Search:
    """One search of one list, at one position."""

    asked: Asked
    place: Place
    mailbox: UUID
    query: SearchQuery
    now: Present
    lasts: dict[bytes, int] = field(default_factory=dict)
    """Since when messages are shown as they are now."""

    @cached_property
    def parted(self) -> Parted:
        """What is looked for."""
        return Parted.of(self.query.sought)

    @property
    def home(self) -> int:
        """The number of the mailbox."""
        return self.place.home

    def page(self) -> list[Found]:
        """Those of all kinds, in order; only of those that are shown is told what has changed since."""
        found = past_search.page((self._still_said, self._postdated, self._said_then), self.query)
        return [self._whole(each) for each in found]

    def _whole(self, found: Found) -> Found:
        return self.asked.found(
            self.now.position, found.name, found.since, self.lasts[found.name], *found.place
        )

    # -- what is still said --

    def _still_said(self, until: int, limit: int) -> Batch:
        until = min(until, self.place.standing.last_sent)
        held = self.place.standing.courses[ALL].held
        if held <= _AT_ONCE and limit > 4 * held:  # whoever was elsewhere is passed over by the index
            here = Among(Key.MESSAGE, tuple(self.asked.names(None)))
            return Batch(
                self._then(self._hits(Both((*self.parted.spoken.of, here)), until, _EVERYBODY)), None
            )
        hits, rest = whole_groups(self._hits(self.parted.spoken, until, limit), limit)
        return Batch(self._then(hits), rest)

    def _postdated(self, until: int, limit: int) -> Batch:
        """Those that were there and pretend to be from later, second by second; there are few."""
        last_sent, at = self.place.standing.last_sent, self.asked.at
        values = (self.place.number, last_sent, until, at, at, limit + 1)
        seconds = [second for (second,) in self.asked.connection.execute(_POSTDATED, values)]
        found: list[Found] = []
        for second in seconds[:limit]:
            then = Compare(Field.SENT, Is.EQUAL, moment(second * 1_000_000))
            spoken = Both((*self.parted.spoken.of, then))
            hits = self._hits(spoken, min(until, second * 1_000_000 + 999_999), _EVERYBODY)
            found += self._then([hit for hit in hits if hit.sent_at > last_sent])
        return Batch(found, seconds[limit] * 1_000_000 + 999_999 if len(seconds) > limit else None)

    def _hits(self, spoken: Both, until: int, limit: int) -> list[Hit]:
        wanted = HitQuery(sought=spoken, until=until, limit=limit, besides=self.parted.besides)
        return self.now.views.hits(self.mailbox, wanted)

    def _then(self, hits: list[Hit]) -> list[Found]:
        """Those that said the same then, were there, and are what is looked for besides words."""
        size = max(
            _AT_LEAST, min(_AT_ONCE, _MARKS // (1 + len(self.parted.besides)) // _AT_LEAST * _AT_LEAST)
        )
        chunks = (hits[start : start + size] for start in range(0, len(hits), size))
        return [found for some in chunks for found in self._some_then(some)]

    def _some_then(self, hits: list[Hit]) -> Iterator[Found]:
        true_of = [[hit.name for hit in hits if hit.truths[at]] for at in range(len(self.parted.besides))]
        text, values = self._there([condition(self.parted.where(true_of))])
        names = [hit.name for hit in hits]
        names += [b""] * (-len(names) % _AT_LEAST)
        statement = _STILL_SAID.format(",".join(["(?)"] * len(names))) + text
        home = self.home
        values = [*names, home, home, home, self.asked.at, home, *values]
        for name, since, last, sent_at in self.asked.connection.execute(statement, values):
            yield self._found(name, since, last, sent_at)

    # -- what is said no more --

    def _said_then(self, until: int, limit: int) -> Batch:
        connection, at = self.asked.connection, self.asked.at
        everything = past_words.everything_at(self.home, at)
        words = Both(tuple(part for part in self.parted.spoken.of if about_text(part)))
        high = search.highest_key(connection, until, past_words.KEYS)
        low, high = search.stretch(self.parted.spoken.of, high)
        rest = [search.condition_of(past_words.INDEX, everything, part) for part in self.parted.rest]
        text, values = self._there(rest)
        match = search.expression(everything, words)
        rows = connection.execute(
            f"{_SAID_THEN}{text} ORDER BY past_words.rowid DESC LIMIT ?",
            (self.home, self.home, self.home, at, match, low, high, until, *values, limit),
        ).fetchall()
        shown = {name: (since, last) for name, _, _, since, last in rows}
        hits, left = whole_groups(search.grouped(row[:3] for row in rows), limit)
        return Batch([self._found(hit.name, *shown[hit.name], hit.sent_at) for hit in hits], left)

    def _found(self, name: bytes, since: int, last: int, sent_at: int) -> Found:
        self.lasts[name] = last
        return Found(name, since, since == last, (sent_at,))

    def _there(self, more: Iterable[Sql]) -> Sql:
        """In the list that is searched, and whatever else must be true of it."""
        folder = self.query.folder
        where: Sql = ("v.folder=?", [folder.bytes]) if folder else ("v.in_mailbox=1", [])
        parts = [where, *more]
        return " AND ".join(text for text, _ in parts), [value for _, some in parts for value in some]
