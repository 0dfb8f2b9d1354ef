"""What views that are made anew promise; each adapter runs it with its own ``store``."""

from uuid import UUID

import pytest

from letterbook.application.ports import Store
from letterbook.application.rows import MessageRow, PersonRow, PutFolder, PutPerson
from letterbook.application.searching import row_wording
from tests.contracts.rows import AWAY, HOME, ask, folder, page, put, row


def build(store: Store, *rows: MessageRow, mailbox: UUID = HOME) -> None:
    """Begin, fill, make indexes."""
    with store.writing() as session:
        session.fresh.begin()
        session.fresh.fill(mailbox, 1, [(each, row_wording(each)) for each in rows])
    left = True
    while left:
        with store.writing() as session:
            left = session.fresh.make_index()


def take_over_and_fail(store: Store) -> None:
    """In one transaction."""
    with store.writing() as session:
        session.fresh.take_over()
        raise ZeroDivisionError


def different(store: Store, mailbox: UUID = HOME) -> set[UUID]:
    """What is shown otherwise."""
    with store.reading() as session:
        return set(session.fresh.different(mailbox))


class FreshViewsContract:
    """Beside the live views, and then in their place."""

    def test_nobody_is_shown_what_is_being_made(self, store: Store) -> None:
        put(store, [row(1)])
        build(store, row(1), row(2))
        assert page(store) == [1]
        assert ask(store, lambda views: views.message(HOME, UUID(int=2))) is None

    def test_what_was_made_takes_over_as_a_whole(self, store: Store) -> None:
        put(store, [row(1), row(3)])
        build(store, row(1, subject="Anew"), row(2))
        with store.writing() as session:
            person = PutPerson(PersonRow(HOME, "alexw@contoso.com", "Alex Wilber"))
            session.fresh.views.apply(HOME, 7, [PutFolder(folder()), person])
            session.fresh.take_over()
        assert sorted(page(store)) == [1, 2]
        shown = row(1, subject="Anew")
        assert ask(store, lambda views: views.message(HOME, shown.message)) == shown
        assert ask(store, lambda views: (views.position(HOME), len(views.folders(HOME)))) == (7, 1)
        assert ask(store, lambda views: [each.name for each in views.people()]) == ["Alex Wilber"]

    def test_taking_over_is_undone_with_its_transaction(self, store: Store) -> None:
        put(store, [row(1)])
        build(store, row(2))
        with pytest.raises(ZeroDivisionError):
            take_over_and_fail(store)
        assert page(store) == [1]
        assert different(store) == {UUID(int=1), UUID(int=2)}

    @pytest.mark.parametrize(
        "said",
        [
            {"subject": "x"},
            {"body": b'"body":{"content":"x"},'},
            {"tail": b'"toRecipients":null}'},
            {"is_read": True},
            {"size": 1},
        ],
    )
    def test_every_value_counts_for_a_difference(self, store: Store, said: dict[str, object]) -> None:
        put(store, [row(1), row(2)])
        build(store, row(1), row(2))
        assert different(store) == set()
        with store.writing() as session:
            session.fresh.sweep()
        build(store, row(1), row(2, **said))
        assert different(store) == {UUID(int=2)}

    def test_what_only_one_of_them_has_is_a_difference(self, store: Store) -> None:
        put(store, [row(1), row(2)])
        build(store, row(2), row(3))
        assert different(store) == {UUID(int=1), UUID(int=3)}
        assert different(store, AWAY) == set()

    def test_what_is_not_live_is_swept_away(self, store: Store) -> None:
        put(store, [row(1)])
        assert not self._left(store)
        build(store, row(2))
        assert self._left(store)
        while self._left(store):
            with store.writing() as session:
                session.fresh.sweep()
        assert page(store) == [1]

    @staticmethod
    def _left(store: Store) -> bool:
        with store.reading() as session:
            return session.fresh.leftovers()
