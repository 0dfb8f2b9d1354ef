"""Earlier lists are closed while somebody asks them: who asks is answered, and nobody after that."""

import threading
from pathlib import Path
from sqlite3 import Connection
from uuid import UUID

import pytest

from letterbook import StoreClosed, open_book
from letterbook.adapters.views import past_tables
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application.ports import Head
from tests.contracts.rows import HOME


@pytest.mark.parametrize("place", ["in a file", "in memory"])
def test_nothing_is_answered_or_learned_afterwards(tmp_path: Path, place: str) -> None:
    lists = SqlitePastLists(tmp_path / "past" if place == "in a file" else None)
    lists.learn(HOME, 0, Head(1, b"seal"), ())
    assert lists.reached(HOME).seq == 1

    lists.close()

    with pytest.raises(StoreClosed):
        lists.reached(HOME)
    with pytest.raises(StoreClosed):
        lists.learn(HOME, 1, Head(2, b"seal"), ())


def test_a_question_that_is_being_answered_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite crashes if a connection is closed under the hands of whoever uses it."""
    lists = SqlitePastLists(tmp_path / "past")
    lists.learn(HOME, 0, Head(7, b"seal"), ())
    asked, closed, answers = threading.Event(), threading.Event(), list[int]()
    reached = past_tables.reached

    def slowly(connection: Connection, mailbox: UUID) -> Head:
        asked.set()
        assert closed.wait(10)
        return reached(connection, mailbox)

    monkeypatch.setattr(past_tables, "reached", slowly)
    thread = threading.Thread(target=lambda: answers.append(lists.reached(HOME).seq))
    thread.start()
    assert asked.wait(10)

    lists.close()
    closed.set()
    thread.join()

    assert answers == [7]
    assert not lists._idle


def test_a_book_is_closed_while_threads_look_back(tmp_path: Path) -> None:
    book = open_book(tmp_path / "mail.db", deliver=False)
    alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
    alex.create_draft(subject="Lunch")
    ends, looking = list[BaseException](), threading.Barrier(5)

    def look_back() -> None:
        alex.at(2).drafts()
        looking.wait(10)
        try:
            while True:
                alex.at(2).drafts()
        except BaseException as end:
            ends.append(end)

    threads = [threading.Thread(target=look_back) for _ in range(4)]
    for thread in threads:
        thread.start()
    looking.wait(10)
    book.close()
    for thread in threads:
        thread.join()

    assert [type(end) for end in ends] == [StoreClosed] * 4
