"""What hangs on messages, in SQLite: a JSON array in one column, which is empty for most of them.

Messages on which something hangs are in indexes of their own, so a question about it never looks at the
others, and writing the others costs nothing more.
"""

from collections.abc import Iterable

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from letterbook.application.marks import read_as
from letterbook.application.querying import Cast, Is, Marked, Probe
from letterbook.application.rows import Mark, MarkKind
from letterbook.domain.letter import ExtendedProperty

Sql = tuple[str, list[str | int | float | bytes]]
"""A piece of SQL, and the values of its marks."""

INDEXES = tuple(
    f"CREATE INDEX view_messages_marked{name} ON view_messages (mailbox, {place}, received_at, message) "
    "WHERE marks <> ''"
    for name, place in (("", "folder"), ("_anywhere", "in_mailbox"))
)
FUNCTIONS = {"read_as": (2, read_as)}
"""What a connection has to know: name, how many arguments, function."""

_PROPERTIES: TypeAdapter[tuple[ExtendedProperty, ...]] = TypeAdapter(tuple[ExtendedProperty, ...])
_KIND, _NAME, _VALUE = (f"json_extract(mark.value, '$[{place}]')" for place in range(3))
_SIGNS = {
    Is.EQUAL: "{} = ?",
    Is.BELOW: "{} < ?",
    Is.AT_MOST: "{} <= ?",
    Is.ABOVE: "{} > ?",
    Is.AT_LEAST: "{} >= ?",
    Is.STARTING_WITH: "starts({}, ?)",
    Is.ENDING_WITH: "ends({}, ?)",
    Is.CONTAINING: "instr({}, ?) > 0",
}


def kept(marks: Iterable[Mark]) -> str:
    """What the column holds."""
    each = [list(mark) for mark in marks]
    return to_json(each).decode() if each else ""


def read_kept(text: str) -> tuple[Mark, ...]:
    """What a column holds."""
    if not text:
        return ()
    return tuple(Mark(MarkKind(kind), name, value) for kind, name, value in from_json(text))


def kept_properties(properties: tuple[ExtendedProperty, ...]) -> str:
    """What the column of a folder holds."""
    return _PROPERTIES.dump_json(properties).decode() if properties else ""


def read_properties(text: str) -> tuple[ExtendedProperty, ...]:
    """What the column of a folder holds."""
    return _PROPERTIES.validate_json(text) if text else ()


def marked(where: Marked) -> Sql:
    """Whether something hangs on a message; the first part chooses the index.

    Inside a JSON text no quote stands bare, so what begins a mark, or a whole one, is found as it is.
    """
    each = [_one(where.kind, name, where.tests) for name in where.names]
    parts, values = " OR ".join(text for text, _ in each), [value for _, values in each for value in values]
    return f"(marks <> '' AND ({parts}))", values


def _one(kind: MarkKind, name: str, tests: tuple[Probe, ...]) -> Sql:
    match tests:
        case (Probe(Is.EQUAL, str(value), Cast.TEXT, False),):
            return "instr(marks, ?) > 0", [to_json([kind, name, value]).decode()]
        case _:
            begun = to_json([kind, name]).decode()[:-1] + ","
            text, values = _examined(kind, name, tests)
            return f"(instr(marks, ?) > 0{text})", [begun, *values]


def _examined(kind: MarkKind, name: str, tests: tuple[Probe, ...]) -> Sql:
    """One and the same mark passes all tests."""
    if not tests:
        return "", []
    parts, values = [f"{_KIND} = ?", f"{_NAME} = ?"], [kind.value, name]
    each = [_tested(test) for test in tests]
    inside = " AND ".join([*parts, *(text for text, _ in each)])
    wanted = [value for _, values in each for value in values]
    return f" AND EXISTS (SELECT 1 FROM json_each(marks) AS mark WHERE {inside})", [*values, *wanted]


def _tested(test: Probe) -> Sql:
    """A test, true or false also of what cannot be read as the type asked for."""
    here = _VALUE if test.cast is Cast.TEXT else f"read_as('{test.cast.value}', {_VALUE})"
    unequal = test.how is Is.UNEQUAL
    sign = _SIGNS[Is.EQUAL if unequal else test.how].format(here)
    opposite = "NOT " if unequal != test.denied else ""
    return f"{opposite}coalesce({sign}, 0)", [test.value]
