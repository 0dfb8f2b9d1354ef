"""The full-text index in SQLite (FTS5), and questions to it.

The index is written behind the views: a change of a message leaves a mark, and whoever searches has the marks
of the mailbox worked off first. Words are made in Python, so the tokenizer only has to split at spaces.

The row id of a message in the index is its *key*, made from the moment of sending: reading the index
backwards gives the newest first, and stops as soon as there are enough.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from letterbook.adapters.binding import blob
from letterbook.adapters.views import bulk, positions
from letterbook.adapters.views.conditions import condition
from letterbook.adapters.views.connection import Connection
from letterbook.adapters.views.marks import Sql
from letterbook.application.querying import Among, Compare, Field, Is, Marked, Outside, seconds_found
from letterbook.application.searching import (
    EVER,
    Backlog,
    Both,
    Either,
    Hit,
    HitQuery,
    Noted,
    Part,
    Says,
    SearchQuery,
    Shown,
    Sought,
    Without,
    Worded,
    about_text,
)

_COLUMNS = {part: f"in_{part.value}" for part in Part}
# Positions are needed for phrases; the sizes of columns only for ranking, which nobody asks for.
_INDEX = f"""
CREATE VIRTUAL TABLE view_search
USING fts5 (of_mailbox, {", ".join(_COLUMNS.values())}, tokenize='ascii', columnsize=0)
"""
_KEYS = """
CREATE TABLE view_search_keys (
    key INTEGER PRIMARY KEY,
    owner BLOB NOT NULL,
    name BLOB NOT NULL,
    home BLOB NOT NULL,
    UNIQUE (owner, name)
)
"""
TABLES = ("view_search", "view_search_keys")
SHAPE = {"view_search_keys": {"key", "owner", "name", "home"}}
_WORDS = f"view_search (rowid, of_mailbox, {', '.join(_COLUMNS.values())})"
_ADD = f"INSERT INTO {_WORDS} VALUES (?{', ?' * 8})"
_MESSAGES = (
    "FROM view_search CROSS JOIN view_search_keys ON key=view_search.rowid "
    "CROSS JOIN view_messages ON mailbox=owner AND message=name "
)
_AMONG = "WHERE view_search MATCH ? AND view_search.rowid BETWEEN ? AND ? AND owner=? AND "
_SELECT = (
    f"SELECT message, head, beta, body, tail, key {_MESSAGES}"
    f"CROSS JOIN view_bodies ON view_bodies.place=view_messages.place {_AMONG}"
)

_NOTED = (
    "SELECT marks.mailbox, marks.name, position, "
    "folder, sent_at, subject, from_name, from_address, attachment_names, tail, body "
    f"FROM {positions.TABLE} AS marks "
    "LEFT JOIN view_messages AS shown ON shown.mailbox=marks.mailbox AND shown.message=marks.name "
    f"LEFT JOIN view_bodies USING (place) WHERE marks.{positions.OF_MESSAGES} "
)
UNSOUGHT = (
    "SELECT message FROM view_messages AS shown WHERE mailbox=?1 AND NOT EXISTS "
    f"(SELECT 1 FROM {positions.TABLE} AS marks WHERE marks.mailbox=?1 AND marks.name=shown.message) "
    "AND NOT EXISTS (SELECT 1 FROM view_search_keys JOIN view_search_content ON id=key "
    "WHERE owner=?1 AND name=shown.message AND home=shown.folder)"
)
"""The messages of a mailbox that no search finds: no mark is left, and the index has not their words."""
_LARGE = 8 * 1024
"""Bytes from which a message counts for more than one."""
_GATHERED = 16 * 1024 * 1024
"""Bytes of entries that FTS5 gathers in memory: what it writes at once need not be merged later."""


# --- Keeping ---------------------------------------------------------------------------------------


def create(connection: Connection) -> None:
    """Make the tables."""
    _create_index(connection)
    connection.execute(_KEYS)


def _create_index(connection: Connection) -> None:
    connection.execute(_INDEX)
    setting = "INSERT INTO view_search (view_search, rank) VALUES ('hashsize', ?)"
    connection.execute(setting, (_GATHERED,))


def noted(connection: Connection, mailbox: UUID | None, limit: int) -> Backlog:
    """The oldest marks, of one mailbox or of all, with what is shown of their messages."""
    chosen, values = ("", []) if mailbox is None else ("AND marks.mailbox=? ", [mailbox.bytes])
    found = connection.execute(f"{_NOTED}{chosen}LIMIT ?", (*values, limit))
    notes: list[Noted] = []
    length = 0
    for owner, name, position, *shown in found:
        notes.append(Noted(owner, name, position, Shown(*shown) if shown[0] else None))
        length += len(shown[-1] or b"")
        if length > limit * _LARGE:
            return Backlog(tuple(notes), is_all=False)
    return Backlog(tuple(notes), is_all=len(notes) < limit)


def index(connection: Connection, ready: Iterable[Worded]) -> None:
    """Work off marks. One that somebody else has worked off meanwhile is passed over.

    FTS5 gathers rows in memory as long as their ids rise, so both removing and adding go by key.
    """
    mine = [each for each in ready if positions.is_set(connection, *each.noted[:2])]
    _forget(connection, (each.noted[:2] for each in mine))
    add(connection, mine)
    positions.remove(connection, (each.noted[:3] for each in mine))


def add(connection: Connection, ready: Iterable[Worded]) -> None:
    """Add messages that the index does not hold."""
    rows = sorted((_placed(connection, each) for each in ready if each.noted.shown), key=_KEY)
    connection.executemany(_ADD, rows)


def fill(connection: Connection, ready: Sequence[Worded]) -> None:
    """The same of very many messages, in few statements."""
    keyed = list(zip(_free_keys(connection, ready), ready, strict=True))
    rows = sorted((_row(key, each) for key, each in keyed if key is not None), key=_KEY)
    bulk.insert(connection, "view_search_keys", [_place(key, each) for key, each in keyed if key is not None])
    bulk.insert(connection, _WORDS, rows)
    add(connection, (each for key, each in keyed if key is None))


def _forget(connection: Connection, names: Iterable[tuple[bytes, bytes]]) -> None:
    statement = "DELETE FROM view_search_keys WHERE owner=? AND name=? RETURNING key"
    keys = sorted(key for name in names for key in connection.execute(statement, name).fetchall())
    connection.executemany("DELETE FROM view_search WHERE rowid=?", keys)


def _placed(connection: Connection, ready: Worded) -> tuple[Any, ...]:
    """The row of a message in the index, under a key that is free."""
    key = free_key(connection, _sent_at(ready))
    connection.execute("INSERT INTO view_search_keys VALUES (?, ?, ?, ?)", _place(key, ready))
    return _row(key, ready)


def _place(key: int, ready: Worded) -> tuple[Any, ...]:
    """What a key stands for."""
    noted, shown = ready.noted, ready.noted.shown
    assert shown is not None, "only what is shown is in the index"
    return key, blob(noted.mailbox), blob(noted.message), blob(shown.folder)


def _row(key: int, ready: Worded) -> tuple[Any, ...]:
    return (key, ready.noted.mailbox.hex(), *(ready.wording[part] for part in _COLUMNS))


def _sent_at(ready: Worded) -> int:
    shown = ready.noted.shown
    assert shown is not None, "only what is shown is in the index"
    return shown.sent_at


def clear(connection: Connection, mailbox: UUID) -> None:
    """Forget a mailbox: at one blow if it is the only one."""
    others = "SELECT 1 FROM view_search_keys WHERE owner<>? LIMIT 1"
    if connection.execute(others, (mailbox.bytes,)).fetchone():
        statement = "SELECT key FROM view_search_keys WHERE owner=? ORDER BY key"
        keys = connection.execute(statement, (mailbox.bytes,)).fetchall()
        connection.executemany("DELETE FROM view_search WHERE rowid=?", keys)
    else:
        connection.execute("DROP TABLE view_search")
        _create_index(connection)
    connection.execute("DELETE FROM view_search_keys WHERE owner=?", (mailbox.bytes,))


# --- Keys ------------------------------------------------------------------------------------------

_SECOND, _MICROSECOND = 29, 9
"""Bits of a key below the second and below the microsecond; 34 bits of seconds reach to the year 2514."""
_LAST_SECOND = (1 << 34) - 1
_SPARE = 1_000_000
"""The first of the microseconds that no second has: their keys are for what has found no other."""
_KEY = itemgetter(0)
_TAKEN = (
    "SELECT json_group_array(json_array(first, last)) FROM (SELECT value AS first, "
    f"(SELECT max(key) FROM view_search_keys WHERE key BETWEEN value AND value | {(1 << _MICROSECOND) - 1}) "
    "AS last FROM json_each(?)) WHERE last NOTNULL"
)


def first_key(at: int) -> int:
    """The lowest key of a message that was sent at a microsecond."""
    second, fraction = divmod(at, 1_000_000)
    if not 0 <= second <= _LAST_SECOND:
        return _at_least(second)
    return second << _SECOND | fraction << _MICROSECOND


_HIGHEST = (_LAST_SECOND << _SECOND) | (1 << _SECOND) - 1


def free_key(connection: Connection, at: int, table: str = "view_search_keys") -> int:
    """The next key of a microsecond; behind 512 of them, the next of those that its second has to spare."""
    first = first_key(at)
    for low, high in ((first, _last(first, _MICROSECOND)), _spare(first)):
        statement = f"SELECT max(key) FROM {table} WHERE key BETWEEN ? AND ?"
        (taken,) = connection.execute(statement, (low, high)).fetchone()
        if taken is None or taken < high:
            return low if taken is None else int(taken) + 1
    raise OverflowError("millions of messages were sent in the same second")


def _free_keys(connection: Connection, ready: Sequence[Worded]) -> list[int | None]:
    """Keys that are free, in the microsecond of each message; ``None`` where that has none left.

    All that is taken of these microseconds is asked at once, and told in one row (see ``bulk``).
    """
    wanted = [first_key(_sent_at(each)) for each in ready]
    (said,) = connection.execute(_TAKEN, (to_json(wanted).decode(),)).fetchone()
    taken: dict[int, int] = dict(from_json(said))
    keys: list[int | None] = []
    for first in wanted:
        taken[first] = key = taken.get(first, first - 1) + 1
        keys.append(key if key <= _last(first, _MICROSECOND) else None)
    return keys


def _last(key: int, bits: int) -> int:
    return key | (1 << bits) - 1


def _spare(key: int) -> tuple[int, int]:
    """The first and the last of the keys that the second of a key has to spare."""
    second = key >> _SECOND << _SECOND
    return second | _SPARE << _MICROSECOND, _last(second, _SECOND)


def highest_key(connection: Connection, at: int, table: str = "view_search_keys") -> int:
    """No message that was sent at a microsecond or before has a higher key."""
    if at >= _LAST_SECOND * 1_000_000:
        return _HIGHEST
    first = first_key(at)
    spare = f"SELECT 1 FROM {table} WHERE key BETWEEN ? AND ? LIMIT 1"
    if connection.execute(spare, _spare(first)).fetchone():
        return _spare(first)[1]
    return _last(first, _MICROSECOND)


def grouped(rows: Iterable[tuple[Any, ...]]) -> list[Hit]:
    """Hits in groups, from rows that follow each other by key, downwards: name, moment, key, truths.

    A group is a microsecond, or a whole second, if its spare keys had to be used.
    """
    hits: list[Hit] = []
    dense = -1
    for name, sent_at, key, *truths in rows:
        second, fraction = key >> _SECOND, key >> _MICROSECOND & (1 << _SECOND - _MICROSECOND) - 1
        dense = second if fraction >= _SPARE else dense
        group = second * 1_000_000 + (_SPARE - 1 if second == dense else fraction)
        hits.append(Hit(name, sent_at, group if second < _LAST_SECOND else EVER, tuple(map(bool, truths))))
    return hits


# --- Asking ----------------------------------------------------------------------------------------


def question(mailbox: UUID, query: SearchQuery) -> Sql:
    """A search as SQL: words drive, everything else is looked at where they are found."""
    parts = query.sought.of if isinstance(query.sought, Both) else (query.sought,)
    words = Both(tuple(part for part in parts if about_text(part)))
    below = int(query.after.values[0]) - 1 if query.after else _HIGHEST
    where, more = _whereabouts(query.folder)
    values: list[Any] = [_match(mailbox, words), *stretch(parts, below), mailbox.bytes, *more]
    for part in parts:
        if not about_text(part):
            text, found = _condition(mailbox, part)
            where, values = f"{where} AND {text}", [*values, *found]
    page = "ORDER BY view_search.rowid DESC LIMIT ? OFFSET ?"
    return f"{_SELECT}{where} {page}", [*values, query.top, query.skip]


def hits(connection: Connection, mailbox: UUID, asked: HitQuery) -> list[Hit]:
    """Who says something, wherever they are; conditions are asked of the messages as they are now."""
    parts = asked.sought.of if isinstance(asked.sought, Both) else (asked.sought,)
    words = Both(tuple(part for part in parts if about_text(part)))
    low, high = stretch(parts, highest_key(connection, asked.until))
    truths = [_condition(mailbox, part) for part in asked.besides]
    rest = [_condition(mailbox, part) for part in parts if not about_text(part)]
    select = ", ".join(["SELECT message, sent_at, key", *(text for text, _ in truths)])
    where = " AND ".join(["sent_at<=?", *(text for text, _ in rest)])
    values = [
        *(value for _, each in truths for value in each),
        *(_match(mailbox, words), low, high, mailbox.bytes, asked.until),
        *(value for _, each in rest for value in each),
    ]
    page = "ORDER BY view_search.rowid DESC LIMIT ?"
    return grouped(connection.execute(f"{select} {_MESSAGES}{_AMONG}{where} {page}", (*values, asked.limit)))


def _whereabouts(folder: UUID | None) -> tuple[str, list[bytes]]:
    """The folder is looked up beside the key, without touching the message."""
    if folder is None:
        return "in_mailbox=1", []
    return "home=? AND folder=?", [folder.bytes, folder.bytes]


def stretch(parts: Iterable[Sought], high: int) -> tuple[int, int]:
    """Between which keys to look, none of them above ``high``: by when it has to be sent."""
    low = 0
    for part in parts:
        if isinstance(part, Compare) and part.field is Field.SENT and part.how is not Is.UNEQUAL:
            assert isinstance(part.value, datetime), "a moment is compared with a moment"
            least, most = seconds_found(part.how, part.value)
            low = max(low, _at_least(least))
            high = min(high, _last(_at_least(most - 1), _SECOND)) if most is not None else high
    return low, high


def _at_least(second: int | None) -> int:
    return min(max(second or 0, 0), _LAST_SECOND) << _SECOND


def _condition(mailbox: UUID, sought: Sought) -> Sql:
    return condition_of("view_search", everything_of(mailbox), sought)


def everything_of(mailbox: UUID) -> str:
    """What the index finds all messages of a mailbox by."""
    return f'of_mailbox : "{mailbox.hex}"'


def condition_of(index: str, everything: str, sought: Sought) -> Sql:
    """What words alone cannot tell."""
    if about_text(sought):
        found = f"key IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)"
        return found, [expression(everything, sought)]
    match sought:
        case Both(parts):
            return _joined(" AND ", [condition_of(index, everything, part) for part in parts])
        case Either(parts):
            return _joined(" OR ", [condition_of(index, everything, part) for part in parts])
        case Without(part):
            text, values = condition_of(index, everything, part)
            return f"NOT {text}", values
        case Compare() | Marked() | Among() | Outside():
            return condition(sought)
        case Says():
            raise AssertionError("asked of the index")


def _joined(word: str, each: list[Sql]) -> Sql:
    return f"({word.join(text for text, _ in each)})", [value for _, values in each for value in values]


def _match(mailbox: UUID, sought: Sought) -> str:
    return expression(everything_of(mailbox), sought)


def expression(everything: str, sought: Sought) -> str:
    """Words as FTS5 asks for them; only what is in ``everything`` is found."""
    return f"{everything} AND {_expression(everything, sought)}"


def _expression(everything: str, sought: Sought) -> str:
    """Every word stands in quotes, and no word holds one: nothing a user types is syntax here."""
    match sought:
        case Says(parts, words, begins):
            columns = " ".join(_COLUMNS[part] for part in parts)
            return f'{{{columns}}} : "{" ".join(words)}"{" *" if begins else ""}'
        case Both(parts):
            return f"({' AND '.join(_expression(everything, part) for part in parts) or everything})"
        case Either(()):
            return f"({everything} NOT {everything})"
        case Either(parts):
            return f"({' OR '.join(_expression(everything, part) for part in parts)})"
        case Without(part):
            return f"({everything} NOT {_expression(everything, part)})"
        case Compare() | Marked() | Among() | Outside():
            raise AssertionError("no matter of words")
