"""Writing down what changed in the lists of a mailbox: gathered, and then written together."""

import sqlite3
from collections.abc import Iterable
from operator import itemgetter
from typing import Any
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views import past_tables, past_words
from letterbook.adapters.views.past_tables import ALL, KINDS, OF_VERSIONS, OPEN, Course, Standing, entries_of
from letterbook.adapters.views.tables import message_values
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import Turn
from letterbook.application.rows import MessageRow

_SHORTEST = 512
"""Changes of a list that an epoch has at least."""
_PUT_VERSION = (
    f"INSERT INTO past_versions (home, message, since, {', '.join(OF_VERSIONS)}) "
    f"VALUES (?,?,?{',?' * len(OF_VERSIONS)})"
)
_PUT_END = "INSERT INTO past_versions (home, message, since) VALUES (?,?,?)"
_ENTER = "INSERT INTO past_lists VALUES (?,?,?,?,?,?)"
_LEAVE = "UPDATE past_lists SET until=? WHERE list=? AND epoch=? AND received=? AND name=? AND until=?"
_COPY = (
    "INSERT INTO past_lists SELECT list, epoch + 1, received, name, since, until FROM past_lists "
    "WHERE list=? AND epoch=? AND until=?"
)
_PUT_HEAD = f"INSERT OR REPLACE INTO past_heads VALUES (?,?{',?' * len(Standing().values)})"

_Entry = tuple[int, int, int, bytes]
"""Entries of one kind of a list, an epoch of them, where in it, and the message that is there."""


_Spot = tuple[int | None, int | None, int | None, int | None, int | None]
"""Where in a list a message stands, for each kind of entries that it is among; and when it was sent, or
pretends to have been, if that is long after it was received."""
_NOWHERE: _Spot = (None, None, None, None, None)
_SENT, _POSTDATED = 3, 4
_DAY = 24 * 60 * 60 * 1_000_000
"""What is sent later than so many microseconds after it was received is postdated."""
_ENTER_POSTDATED = "INSERT INTO past_postdated VALUES (?,?,?,?,?)"
_LEAVE_POSTDATED = "UPDATE past_postdated SET until=? WHERE list=? AND sent=? AND name=? AND until=?"


class Lesson:
    """Some turns of one mailbox, being written down."""

    def __init__(self, connection: sqlite3.Connection, mailbox: UUID, home: int) -> None:
        self._connection = connection
        self._mailbox = mailbox.bytes
        self._home = home
        self._numbers: dict[bytes, int] = {}
        self._standings: dict[int, Standing] = {}
        self._new_heads: dict[tuple[int, int], Standing] = {}
        self._versions: list[tuple[Any, ...]] = []
        self._ends: list[tuple[int, bytearray, int]] = []
        self._known: dict[UUID, tuple[int | None, int | None]] = {}
        """Since when messages say what they say, and in these words."""
        self._due: list[tuple[int, bytearray, int, int]] = []
        self._open: dict[_Entry, int] = {}
        """Since when what came to a list in this lesson is there."""
        self._entered: list[tuple[_Entry, int, int]] = []
        self._left: list[tuple[Any, ...]] = []

    def learn(self, turns: Iterable[Turn]) -> None:
        """Turn by turn."""
        mailbox = blob(self._mailbox)
        for turn in turns:
            said, worded = self._said(turn)
            if turn.after:
                values = message_values(mailbox, turn.after)
                since = turn.revision, turn.moves, said, worded
                self._versions.append((self._home, values[1], turn.seq, *values[2:-3], *since))
            else:
                self._ends.append((self._home, blob(turn.message.bytes), turn.seq))
            before, after = self._spots(turn.before), self._spots(turn.after)
            for name in before | after:
                old, new = before.get(name, _NOWHERE), after.get(name, _NOWHERE)
                if old != new:
                    self._move(turn, self._number(name), old, new)
        self._write()

    def _said(self, turn: Turn) -> tuple[int, int | None]:
        """Since when a message says what it says, and in these words; what it said before is over then.

        What was not told with it is known of its last version.
        """
        name, is_new = turn.message, turn.before is None
        was = self._known.get(name) or (None, None)
        if was == (None, None) and not (is_new and turn.said is not None):
            was = past_tables.said(self._connection, self._home, name.bytes)
        if turn.before and (turn.reworded or turn.after is None) and was[1] is not None:
            self._due.append((self._home, blob(name.bytes), was[1], turn.seq))
        said = turn.said if turn.said is not None else was[0]
        keeps = turn.before is not None and not turn.reworded
        now = said or turn.seq, (was[1] if keeps else None) or turn.seq
        self._known[name] = now if turn.after else (now[0], None)
        return now

    def _spots(self, row: MessageRow | None) -> dict[bytes, _Spot]:
        """The lists that a message is in, and where."""
        if row is None:
            return {}
        at, folder = microseconds(row.received_at), row.folder.bytes
        sent = at if row.sent_at is row.received_at else microseconds(row.sent_at)
        dates = (sent, None) if sent <= at + _DAY else (None, sent)
        spot = (at, None if row.is_read else at, at if row.marks else None, *dates)
        return {folder: spot, self._mailbox: spot} if row.in_mailbox else {folder: spot}

    def _number(self, name: bytes) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = past_tables.named(self._connection, self._home, name)
            self._standings[number] = past_tables.standing(self._connection, number)
        return number

    def _move(self, turn: Turn, number: int, before: _Spot, after: _Spot) -> None:
        """One list in which a message was, or is now, or both."""
        newest, last_sent, (*courses,) = self._standings[number]
        for kind in KINDS:
            old, new = before[kind], after[kind]
            if old != new:
                entries, course = entries_of(number, kind), courses[kind]
                courses[kind] = self._in_time(entries, self._change(turn, entries, course, old, new, newest))
        if before[_POSTDATED] != after[_POSTDATED]:
            self._postdate(turn, number, before[_POSTDATED], after[_POSTDATED])
        newest, last_sent = _later(newest, after[ALL]), _later(last_sent, after[_SENT])
        self._standings[number] = self._new_heads[number, turn.seq] = Standing(
            newest, last_sent, tuple(courses)
        )

    def _postdate(self, turn: Turn, number: int, old: int | None, new: int | None) -> None:
        """These are few, and written at once."""
        name = turn.message.bytes
        if old is not None:
            self._connection.execute(_LEAVE_POSTDATED, (turn.seq, number, old, name, OPEN))
        if new is not None:
            self._connection.execute(_ENTER_POSTDATED, (number, new, name, turn.seq, OPEN))

    def _change(
        self, turn: Turn, entries: int, course: Course, old: int | None, new: int | None, newest: int
    ) -> Course:
        """One kind of entries of a list: a message leaves it, or comes to it, or changes its place."""
        epoch, held, changes = course
        message = turn.message.bytes
        if old is not None:
            self._leave((entries, epoch, old, message), turn.seq)
            held -= 1
        if new is not None:
            self._open[entries, epoch, new, message] = turn.seq
            held += 1
        is_on_top = new is not None and new > newest
        return Course(epoch, held, changes if is_on_top else changes + 1)

    def _leave(self, entry: _Entry, seq: int) -> None:
        since = self._open.pop(entry, None)
        if since is None:
            entries, epoch, received, message = entry
            self._left.append((seq, entries, epoch, received, blob(message), OPEN))
        else:
            self._entered.append((entry, since, seq))

    def _in_time(self, entries: int, course: Course) -> Course:
        """The same in a new epoch, if half as much has changed as is held.

        Where entries only came, as much has changed then as there was in the beginning.
        """
        if course.changes < max(_SHORTEST, course.held // 2):
            return course
        self._write_lists()
        self._connection.execute(_COPY, (entries, course.epoch, OPEN))
        return Course(course.epoch + 1, course.held)

    def _write(self) -> None:
        """All that was gathered, each table in the order of its keys."""
        many = self._connection.executemany
        many(_PUT_VERSION, sorted(self._versions, key=itemgetter(1, 2)))
        many(_PUT_END, self._ends)
        past_words.note(self._connection, self._due)
        self._write_lists()
        heads = sorted(self._new_heads.items(), key=itemgetter(0))
        many(_PUT_HEAD, ((*key, *standing.values) for key, standing in heads))

    def _write_lists(self) -> None:
        """First who left: none of them came in this lesson."""
        self._connection.executemany(_LEAVE, self._left)
        self._entered += [(entry, since, OPEN) for entry, since in self._open.items()]
        rows = (
            (entries, epoch, received, blob(message), since, until)
            for (entries, epoch, received, message), since, until in sorted(self._entered)
        )
        self._connection.executemany(_ENTER, rows)
        self._left, self._entered, self._open = [], [], {}


def _later(known: int, at: int | None) -> int:
    return known if at is None or at < known else at
