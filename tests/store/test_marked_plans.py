"""Questions about what hangs on messages look at those only, whatever else is in the mailbox."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import UUID

import pytest

from letterbook.adapters.graph.filters import parse_filter
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application.marks import ANSWERS, INVITES, about_meeting
from letterbook.application.querying import PageQuery
from letterbook.application.rows import Mark, MarkKind, PutMessage
from tests.contracts.rows import HOME, INBOX, row

RED = "categories/any(c:c eq 'Red category')"
GREEN = "singleValueExtendedProperties/any(p:p/id eq 'String {1} Name Color' and p/value eq 'Green')"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A mailbox in SQLite: one message of fifty is in a category."""
    red = (Mark(MarkKind.CATEGORY, "", "red category"),)
    rows = [row(n, marks=red if n % 50 == 0 else ()) for n in range(1, 501)]
    with closing(sqlite3.connect(":memory:")) as connection:
        SqliteViews.prepare(connection)
        SqliteViews.create(connection)
        SqliteViews(connection).apply(HOME, 1, map(PutMessage, rows))
        yield connection


def plan_of(connection: sqlite3.Connection, ask: Callable[[SqliteViews], object]) -> list[str]:
    """How SQLite goes about a question."""
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    ask(SqliteViews(connection))
    connection.set_trace_callback(None)
    return [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]


@pytest.mark.parametrize("text", [RED, GREEN, f"{RED} and isRead eq false", f"subject eq 'x' and {GREEN}"])
@pytest.mark.parametrize(
    ("folder", "index"), [(INBOX, "view_messages_marked"), (None, "view_messages_marked_anywhere")]
)
def test_only_messages_on_which_something_hangs_are_looked_at(
    connection: sqlite3.Connection, text: str, folder: UUID | None, index: str
) -> None:
    """In the order in which they are shown, so that nothing has to be sorted."""
    query = PageQuery(folder=folder, where=parse_filter(text))
    plan = plan_of(connection, lambda views: views.page(HOME, query))
    place = "folder" if folder else "in_mailbox"
    assert f"SEARCH view_messages USING INDEX {index} (mailbox=? AND {place}=?)" in plan
    assert not any("TEMP B-TREE" in line for line in plan)


def test_letters_about_a_meeting_are_found_among_those(connection: sqlite3.Connection) -> None:
    where = about_meeting("1", INVITES, ANSWERS)
    plan = plan_of(connection, lambda views: views.names(HOME, None, where))
    index = "view_messages_marked_anywhere"
    assert plan == [f"SEARCH view_messages USING INDEX {index} (mailbox=? AND in_mailbox=?)"]


def test_the_indexes_hold_no_other_messages(connection: sqlite3.Connection) -> None:
    """So writing those costs nothing more."""
    asked = "SELECT sql FROM sqlite_master WHERE type='index' AND name LIKE '%marked%'"
    found = [sql for (sql,) in connection.execute(asked)]
    assert [sql.endswith("WHERE marks <> ''") for sql in found] == [True, True]
    (marked,) = connection.execute("SELECT count(*) FROM view_messages WHERE marks <> ''").fetchone()
    assert marked == 10
