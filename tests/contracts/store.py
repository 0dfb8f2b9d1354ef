"""What every store promises beyond its parts; each adapter runs it with its own ``store``."""

import threading

import pytest

from letterbook.application.ports import Addition, Session, Store
from letterbook.application.rows import PutMessage
from tests.contracts import history, outbox, rows
from tests.contracts.history import HOME, LETTER, filed


def change_everything(session: Session, number: int = 1) -> None:
    """One fact, one row, one parcel."""
    session.history.append([Addition(HOME, LETTER, number - 1, filed(f"{number}"))])
    session.views.apply(HOME, number, [PutMessage(rows.row(number))])
    session.outbox.put([outbox.MEGAN])


def seen(session: Session) -> tuple[int, int, int]:
    """How much there is of each."""
    return session.history.head(HOME).seq, session.views.position(HOME), session.outbox.waiting()


def look(store: Store) -> tuple[int, int, int]:
    """How much of each a reader sees."""
    with store.reading() as session:
        return seen(session)


def fail_after_everything(store: Store, error: type[BaseException]) -> None:
    """Change everything, and fail."""
    with store.writing() as session:
        change_everything(session)
        raise error


class StoreContract:
    """History, views and outbox change together or not at all."""

    def test_everything_changes_together(self, store: Store) -> None:
        """At the end of the block, for everyone; inside it, at once."""
        with store.writing() as session:
            change_everything(session)
            assert seen(session) == (1, 1, 1)
            assert look(store) == (0, 0, 0)
        assert look(store) == (1, 1, 1)

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
    def test_nothing_changes_when_the_block_raises(self, store: Store, error: type[BaseException]) -> None:
        """Whatever it raises; and the store goes on working."""
        with pytest.raises(error):
            fail_after_everything(store, error)
        assert look(store) == (0, 0, 0)
        with store.writing() as session:
            change_everything(session)
        assert look(store) == (1, 1, 1)

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        """Whatever is written beside it."""
        with store.reading() as before:
            assert seen(before) == (0, 0, 0)
            with store.writing() as session:
                change_everything(session)
            assert seen(before) == (0, 0, 0)
        assert look(store) == (1, 1, 1)

    def test_writers_wait_for_each_other(self, store: Store) -> None:
        """Every one of them sees what the one before it wrote."""
        start = threading.Barrier(8)

        def write() -> None:
            start.wait()
            with store.writing() as session:
                change_everything(session, session.history.head(HOME).seq + 1)

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert look(store) == (8, 8, 1)
        history.check_chain(store, HOME)

    def test_many_may_read_at_once(self, store: Store) -> None:
        """More than anybody has threads for, none waits for another."""
        with store.writing() as session:
            change_everything(session)
        together, answers = threading.Barrier(24, timeout=30), []

        def read() -> None:
            with store.reading() as session:
                together.wait()
                answers.append(seen(session))

        threads = [threading.Thread(target=read) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [(1, 1, 1)] * 24

    def test_a_store_has_a_secret_of_its_own(self, store: Store) -> None:
        """32 bytes, not the same byte."""
        assert len(store.secret) == 32
        assert len(set(store.secret)) > 8

    def test_nobody_else_has_written(self, store: Store) -> None:
        """A store's own writing, done or undone, is no disturbance."""
        with store.writing() as session:
            before = session.disturbances.count
            change_everything(session)
        with pytest.raises(ZeroDivisionError):
            fail_after_everything_but_history(store)
        with store.writing() as session:
            assert session.disturbances.count == before

    def test_the_pulse_changes_when_somebody_has_written(self, store: Store) -> None:
        """And only then: answers that were read at one pulse are good until the next."""
        before = store.pulse()
        with store.reading() as session:
            seen(session)
        with pytest.raises(ZeroDivisionError):
            fail_after_everything(store, ZeroDivisionError)
        assert store.pulse() == before
        with store.writing() as session:
            change_everything(session)
        assert store.pulse() != before
        assert store.pulse() == store.pulse()

    def test_closing_twice_is_no_trouble(self, store: Store) -> None:
        """A program may close what a ``with`` block closes too."""
        store.close()
        store.close()


def fail_after_everything_but_history(store: Store) -> None:
    """Change the outbox, and fail."""
    with store.writing() as session:
        session.outbox.put([outbox.ADELE])
        raise ZeroDivisionError
