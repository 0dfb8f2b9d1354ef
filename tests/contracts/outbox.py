"""What every outbox promises; each adapter runs it with its own ``store``."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from letterbook.application.ports import Parcel, Store
from tests.fakes import MONDAY

HOME = UUID("11111111-1111-4111-8111-111111111111")
AWAY = UUID("22222222-2222-4222-8222-222222222222")
LETTER = UUID("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
REPLY = UUID("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")

MEGAN = Parcel(HOME, LETTER, "meganb@contoso.com", MONDAY)
ADELE = Parcel(HOME, LETTER, "adelev@contoso.com", MONDAY + timedelta(minutes=1))
REPLIED = Parcel(HOME, REPLY, "meganb@contoso.com", MONDAY + timedelta(minutes=2))


def put(store: Store, *parcels: Parcel) -> None:
    """Put parcels in, in a transaction of their own."""
    with store.writing() as session:
        session.outbox.put(parcels)


def due(store: Store, minutes: float, limit: int = 100) -> list[Parcel]:
    """What is due so many minutes after Monday's beginning."""
    with store.reading() as session:
        return session.outbox.due(MONDAY + timedelta(minutes=minutes), limit)


def waiting(store: Store) -> int:
    """How many parcels there are."""
    with store.reading() as session:
        return session.outbox.waiting()


class OutboxContract:
    """What has been sent and not yet arrived."""

    def test_an_empty_outbox_has_nothing_due(self, store: Store) -> None:
        """And taking out what is not there is no trouble."""
        with store.writing() as session:
            session.outbox.put([])
            session.outbox.done(MEGAN)
            assert not session.outbox.holds(MEGAN)
        assert (due(store, 1e6), waiting(store)) == ([], 0)

    def test_parcels_come_back_as_they_were_the_longest_due_first(self, store: Store) -> None:
        """To the microsecond."""
        odd = Parcel(
            AWAY, LETTER, "Éliás O'Neil%_@contoso.com", MONDAY - timedelta(microseconds=1), attempts=29
        )
        put(store, REPLIED, MEGAN, odd, ADELE)
        assert due(store, 5) == [odd, MEGAN, ADELE, REPLIED]
        assert waiting(store) == 4

    def test_what_is_not_due_waits(self, store: Store) -> None:
        """Until exactly its moment."""
        put(store, ADELE)
        assert due(store, 1 - 1e-7) == []
        assert due(store, 1) == [ADELE]
        assert waiting(store) == 1

    def test_no_more_than_asked_for(self, store: Store) -> None:
        """The longest due of them."""
        put(store, REPLIED, ADELE, MEGAN)
        assert due(store, 5, limit=2) == [MEGAN, ADELE]

    def test_a_known_parcel_replaces_itself(self, store: Store) -> None:
        """One for each recipient of each message of each mailbox, and each moment at which it is due."""
        again = replace(MEGAN, attempts=1)
        put(store, MEGAN, again)
        assert (due(store, 0), waiting(store)) == ([again], 1)

    @pytest.mark.parametrize(
        "other",
        [
            Parcel(AWAY, LETTER, "meganb@contoso.com", MONDAY),
            Parcel(HOME, REPLY, "meganb@contoso.com", MONDAY),
            Parcel(HOME, LETTER, "adelev@contoso.com", MONDAY),
            Parcel(HOME, LETTER, "meganb@contoso.com", MONDAY + timedelta(microseconds=1)),
        ],
    )
    def test_parcels_stay_apart(self, store: Store, other: Parcel) -> None:
        """By mailbox, message, recipient, and when they are due: one that is put off is another one."""
        put(store, MEGAN, other)
        with store.writing() as session:
            session.outbox.done(MEGAN)
            assert (session.outbox.holds(MEGAN), session.outbox.holds(other)) == (False, True)
        assert due(store, 1) == [other]

    def test_holding_does_not_ask_how_often_it_was_tried(self, store: Store) -> None:
        """Nor does taking it out."""
        put(store, replace(MEGAN, attempts=5))
        with store.writing() as session:
            assert session.outbox.holds(MEGAN)
            session.outbox.done(MEGAN)
        assert waiting(store) == 0

    def test_a_transaction_that_fails_changes_nothing(self, store: Store) -> None:
        """Neither what was put in nor what was taken out."""
        put(store, MEGAN)
        with pytest.raises(ZeroDivisionError):
            change_and_fail(store)
        assert due(store, 60) == [MEGAN]

    def test_what_a_message_has_sent_can_be_recalled(self, store: Store) -> None:
        """All of it, and nothing that another message has sent."""
        put(store, MEGAN, ADELE, REPLIED)
        with store.writing() as session:
            session.outbox.recall(HOME, LETTER)
        assert due(store, 5) == [REPLIED]

    def test_what_a_mailbox_has_sent_can_be_recalled(self, store: Store) -> None:
        """All of it, and nothing of another mailbox."""
        away = Parcel(AWAY, LETTER, "meganb@contoso.com", MONDAY)
        put(store, MEGAN, ADELE, REPLIED, away)
        with store.writing() as session:
            session.outbox.recall(HOME, None)
        assert due(store, 5) == [away]


def change_and_fail(store: Store) -> None:
    """Put one in, take one out, and fail."""
    with store.writing() as session:
        session.outbox.put([ADELE])
        session.outbox.done(MEGAN)
        raise ZeroDivisionError
