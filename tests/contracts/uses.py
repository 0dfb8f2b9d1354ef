"""What every store promises about uses of search folders; each adapter runs it with its own ``store``."""

from datetime import timedelta
from uuid import UUID

import pytest

from letterbook.application.ports import Store
from tests.fakes import MONDAY

HOME, AWAY = UUID(int=1), UUID(int=2)
FOUND, OTHER = UUID(int=3), UUID(int=4)
SOON = timedelta(microseconds=1)


class UsesContract:
    """When search folders were used last."""

    def test_nobody_knows_of_any_use_at_first(self, store: Store) -> None:
        with store.reading() as session:
            assert session.uses.last(HOME, FOUND) is None
            assert session.uses.before(MONDAY) == []

    def test_the_last_use_counts(self, store: Store) -> None:
        for moment in (MONDAY, MONDAY + SOON):
            with store.writing() as session:
                session.uses.note(HOME, FOUND, moment)
        with store.reading() as session:
            assert session.uses.last(HOME, FOUND) == MONDAY + SOON
            assert session.uses.last(AWAY, FOUND) is None
            assert session.uses.last(HOME, OTHER) is None

    def test_those_before_a_moment_are_found(self, store: Store) -> None:
        with store.writing() as session:
            session.uses.note(AWAY, FOUND, MONDAY)
            session.uses.note(HOME, OTHER, MONDAY)
            session.uses.note(HOME, FOUND, MONDAY + SOON)
        with store.reading() as session:
            assert session.uses.before(MONDAY) == []
            assert session.uses.before(MONDAY + SOON) == [(HOME, OTHER), (AWAY, FOUND)]

    def test_a_forgotten_one_is_gone(self, store: Store) -> None:
        with store.writing() as session:
            session.uses.note(HOME, FOUND, MONDAY)
        for _ in range(2):
            with store.writing() as session:
                session.uses.drop(HOME, FOUND)
        with store.reading() as session:
            assert session.uses.last(HOME, FOUND) is None

    def test_what_is_given_up_was_never_noted(self, store: Store) -> None:
        class GivenUp(Exception):
            """The transaction ends here."""

        def fail() -> None:
            with store.writing() as session:
                session.uses.note(HOME, FOUND, MONDAY)
                raise GivenUp

        with pytest.raises(GivenUp):
            fail()
        with store.reading() as session:
            assert session.uses.last(HOME, FOUND) is None
