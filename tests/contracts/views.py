"""What all views promise; each adapter runs it with its own ``store``."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from letterbook.application.ports import Store, Views
from letterbook.application.querying import Compare, Field, Is, Order, PageQuery
from letterbook.application.rows import (
    ClearMailbox,
    Count,
    DropFolder,
    DropMessage,
    NoteOwn,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.domain.folders import FolderSearch
from tests.contracts.finding import FindingContract
from tests.contracts.marking import MarkingContract
from tests.contracts.rows import AWAY, DRAFTS, HOME, INBOX, ask, folder, keep, keep_and_fail, page, put, row
from tests.contracts.searching import SearchContract
from tests.fakes import MONDAY


def _person(who: str, views: Views) -> PersonRow | None:
    return views.person(who)


def _position(mailbox: UUID, views: Views) -> int:
    return views.position(mailbox)


def _fingerprint(mailbox: UUID, views: Views) -> str:
    return views.fingerprint(mailbox)


class ViewsContract(FindingContract, MarkingContract, SearchContract):
    """What the folders show: rows, found and sorted."""

    # -- keeping --

    def test_a_message_is_shown_as_it_was_put(self, store: Store) -> None:
        """Every value, to the microsecond and the byte."""
        shown = row(
            7,
            subject="Kick-off 会議 🎉 'quoted' \"twice\" %_\\ \0 end",
            received_at=MONDAY + timedelta(microseconds=1),
            sent_at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            created_at=datetime(1, 1, 1, tzinfo=UTC),
            modified_at=datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            is_draft=True,
            mentions_owner=True,
            body=bytes(range(256)),
            tail=bytes(range(256)),
        )
        put(store, [shown])
        assert ask(store, lambda views: views.message(HOME, shown.message)) == shown

    def test_putting_again_replaces(self, store: Store) -> None:
        """One row for each message, as it is now."""
        put(store, [row(1, subject="Draft")])
        keep(store, PutMessage(row(1, subject="Final", folder=DRAFTS)))
        assert page(store) == []
        final = row(1, subject="Final", folder=DRAFTS)
        assert ask(store, lambda views: views.message(HOME, final.message)) == final
        (leaf,) = ask(store, lambda views: views.page(HOME, PageQuery(folder=DRAFTS)))
        assert (leaf.message, leaf.ready) == (final.message, final.ready)

    def test_a_dropped_message_is_gone(self, store: Store) -> None:
        """And dropping what is not there is no trouble."""
        put(store, [row(1), row(2)])
        keep(store, DropMessage(UUID(int=1)), DropMessage(UUID(int=99)))
        assert page(store) == [2]
        assert ask(store, lambda views: views.message(HOME, UUID(int=1))) is None

    def test_where_the_mailbox_itself_changed_last_is_known(self, store: Store) -> None:
        """With its first event, as every mailbox begins, until something else is noted."""
        assert ask(store, lambda views: views.ends(HOME)) == (0, 0)
        keep(store, PutFolder(folder()))
        assert ask(store, lambda views: views.ends(HOME)) == (1, 1)
        keep(store, NoteOwn(3), NoteOwn(4), position=5)
        keep(store, PutMessage(row(1)), position=6)
        assert ask(store, lambda views: views.ends(HOME)) == (6, 4)
        keep(store, ClearMailbox(), NoteOwn(7), position=7)
        assert ask(store, lambda views: views.ends(HOME)) == (7, 7)
        assert ask(store, lambda views: views.ends(AWAY)) == (0, 0)

    def test_the_head_of_an_answer_is_had_alone(self, store: Store) -> None:
        put(store, [row(1)])
        assert ask(store, lambda views: views.head(HOME, UUID(int=1))) == row(1).head
        assert ask(store, lambda views: views.head(HOME, UUID(int=2))) is None

    def test_every_message_id_is_told(self, store: Store) -> None:
        """Those of one mailbox, as often as there are messages, wherever they are."""
        put(store, [row(1, internet_message_id="<a@b>"), row(2, internet_message_id="<c@d>", folder=DRAFTS)])
        put(store, [row(3, internet_message_id="<a@b>", in_mailbox=False)])
        told = ask(store, lambda views: sorted(views.message_ids(HOME)))
        assert told == ["<a@b>", "<a@b>", "<c@d>"]
        assert ask(store, lambda views: list(views.message_ids(AWAY))) == []

    def test_changes_happen_in_their_order(self, store: Store) -> None:
        """Put and dropped is gone; dropped and put is there; counted before it is dropped is forgotten."""
        keep(store, PutMessage(row(1)), DropMessage(UUID(int=1)), PutMessage(row(2)))
        keep(store, DropMessage(UUID(int=2)), PutMessage(row(2, subject="Back")))
        keep(store, PutFolder(folder()), Count(INBOX, 5, 5), DropFolder(INBOX), PutFolder(folder()))
        assert page(store) == [2]
        assert [each.total for each in ask(store, lambda views: views.folders(HOME))] == [0]

    def test_mailboxes_do_not_see_each_other(self, store: Store) -> None:
        """The same names may be in both."""
        put(store, [row(1, subject="Home")])
        keep(store, PutFolder(folder(shown="Away")), PutMessage(row(1)), PutMessage(row(2)), mailbox=AWAY)
        assert (page(store), page(store, AWAY, order=(Order(Field.SUBJECT),))) == ([1], [1, 2])
        keep(store, DropMessage(UUID(int=1)), DropFolder(INBOX), mailbox=AWAY)
        assert page(store) == [1]
        assert len(ask(store, lambda views: views.folders(HOME))) == 2

    def test_every_mailbox_is_known_that_has_a_row(self, store: Store) -> None:
        """A message, a folder, an owner, or a position alone."""
        alone = [UUID(int=number) for number in (3, 2, 4, 1)]
        person = PutPerson(PersonRow(alone[2], "alexw@contoso.com", "Alex Wilber"))
        changes: list[list[ViewChange]] = [[PutMessage(row(1))], [PutFolder(folder())], [person], []]
        assert ask(store, lambda views: views.mailboxes()) == []
        for mailbox, some in zip(alone, changes, strict=True):
            keep(store, *some, mailbox=mailbox)
        assert ask(store, lambda views: views.mailboxes()) == sorted(alone)
        with store.writing() as session:
            session.views.clear(alone[0])
        assert ask(store, lambda views: views.mailboxes()) == sorted(alone[1:])

    def test_a_transaction_that_fails_changes_nothing(self, store: Store) -> None:
        """Rows, counts, folders, people and position stay as they were."""
        put(store, [row(1)])
        before = ask(store, lambda views: views.fingerprint(HOME))
        alex = PutPerson(PersonRow(HOME, "alexw@contoso.com", "Alex Wilber"))
        with pytest.raises(ZeroDivisionError):
            keep_and_fail(store, PutMessage(row(2)), Count(INBOX, 1, 1), DropFolder(DRAFTS), alex)
        assert ask(store, lambda views: views.fingerprint(HOME)) == before
        assert ask(store, lambda views: views.position(HOME)) == 1
        assert ask(store, lambda views: views.people()) == []

    # -- folders and counts --

    def test_folders_come_in_the_order_they_were_made(self, store: Store) -> None:
        """Renaming one does not move it."""
        keep(store, PutFolder(folder(INBOX, "Zebra")), PutFolder(folder(DRAFTS, "Alpha", parent=INBOX)))
        keep(store, PutFolder(folder(INBOX, "Inbox", well_known="inbox", hidden=True)))
        assert ask(store, lambda views: views.folders(HOME)) == [
            folder(INBOX, "Inbox", well_known="inbox", hidden=True),
            folder(DRAFTS, "Alpha", parent=INBOX),
        ]

    def test_counts_add_up_and_stay_when_a_folder_is_renamed(self, store: Store) -> None:
        """Up and down, and nothing for a folder that is not there."""
        keep(store, PutFolder(folder()), Count(INBOX, 3, 2), Count(INBOX, -1, 0), Count(DRAFTS, 1, 1))
        keep(store, PutFolder(folder(INBOX, "Eingang")))
        assert ask(store, lambda views: views.folders(HOME)) == [folder(INBOX, "Eingang", total=2, unread=2)]

    def test_a_search_folder_keeps_what_it_looks_for(self, store: Store) -> None:
        """And then something else; a rebuilt row is the same to the byte."""
        search = FolderSearch(sources=(INBOX, DRAFTS), nested=True, condition="subject eq 'Été \0 💌'")
        other = FolderSearch(sources=(DRAFTS,), nested=False, condition="isRead eq false")
        for each in (search, other):
            keep(store, PutFolder(folder(search=each)))
            assert ask(store, lambda views: views.folders(HOME)) == [folder(search=each)]
        before = ask(store, lambda views: views.fingerprint(HOME))
        keep(store, PutFolder(folder(search=search)))
        assert ask(store, lambda views: views.fingerprint(HOME)) != before
        keep(store, PutFolder(folder(search=other)))
        assert ask(store, lambda views: views.fingerprint(HOME)) == before

    def test_a_dropped_folder_is_gone(self, store: Store) -> None:
        """The others stay."""
        keep(store, PutFolder(folder()), PutFolder(folder(DRAFTS, "Drafts")), DropFolder(INBOX))
        assert ask(store, lambda views: views.folders(HOME)) == [folder(DRAFTS, "Drafts")]

    def test_counting_a_folder_or_the_mailbox(self, store: Store) -> None:
        """The mailbox leaves out what is beyond Deleted Items; so does its page."""
        put(store, [row(1), row(2, folder=DRAFTS), row(3, folder=DRAFTS, in_mailbox=False)])
        with store.reading() as session:
            counts = [session.views.count(HOME, where, None) for where in (INBOX, DRAFTS, None)]
        assert counts == [1, 2, 2]
        assert ask(store, lambda views: views.count(HOME, UUID(int=99), None)) == 0
        assert sorted(page(store, folder=None)) == [1, 2]
        assert ask(store, lambda views: views.count(HOME, None, Compare(Field.IS_READ, Is.EQUAL, False))) == 2

    # -- people --

    def test_a_person_is_found_by_address_in_any_case_and_by_id(self, store: Store) -> None:
        """And nobody else is."""
        elias = PersonRow(HOME, "Éliás@Contoso.com", "Éliás")
        keep(store, PutPerson(elias))
        for who in (
            "Éliás@Contoso.com",
            "éliás@contoso.com",
            "ÉLIÁS@CONTOSO.COM",
            str(HOME),
            str(HOME).upper(),
        ):
            assert ask(store, partial(_person, who)) == elias
        for who in ("elias@contoso.com", str(AWAY), "", "%", "' OR 1=1 --"):
            assert ask(store, partial(_person, who)) is None

    def test_people_are_listed_by_address(self, store: Store) -> None:
        """Without regard to case; a new name replaces the old one."""
        keep(store, PutPerson(PersonRow(HOME, "MeganB@contoso.com", "Megan")))
        keep(store, PutPerson(PersonRow(AWAY, "alexw@contoso.com", "Alex Wilber")), mailbox=AWAY)
        keep(store, PutPerson(PersonRow(HOME, "meganb@contoso.com", "Megan Bowen")))
        assert ask(store, lambda views: views.people()) == [
            PersonRow(AWAY, "alexw@contoso.com", "Alex Wilber"),
            PersonRow(HOME, "meganb@contoso.com", "Megan Bowen"),
        ]

    # -- position, clear, fingerprint --

    def test_each_mailbox_knows_the_position_it_holds(self, store: Store) -> None:
        """Nothing at first; also when nothing changed."""
        assert ask(store, lambda views: views.position(HOME)) == 0
        keep(store, position=7)
        keep(store, mailbox=AWAY, position=3)
        assert [ask(store, partial(_position, home)) for home in (HOME, AWAY)] == [7, 3]

    def test_clearing_forgets_one_mailbox(self, store: Store) -> None:
        """Messages, folders, people and position; the other mailbox keeps its own."""
        megan = PersonRow(AWAY, "meganb@contoso.com", "Megan Bowen")
        put(store, [row(1)])
        keep(store, PutPerson(PersonRow(HOME, "alexw@contoso.com", "Alex Wilber")))
        keep(store, PutFolder(folder()), PutMessage(row(1)), PutPerson(megan), mailbox=AWAY, position=5)
        with store.writing() as session:
            session.views.clear(HOME)
        assert page(store) == []
        assert ask(store, lambda views: (views.folders(HOME), views.position(HOME))) == ([], 0)
        assert ask(store, lambda views: (views.people(), views.position(AWAY))) == ([megan], 5)
        assert page(store, AWAY) == [1]

    def test_equal_rows_have_equal_fingerprints(self, store: Store) -> None:
        """Whatever way they came about."""
        put(store, [row(1), row(2)])
        before = ask(store, lambda views: views.fingerprint(HOME))
        with store.writing() as session:
            session.views.clear(HOME)
        assert ask(store, lambda views: views.fingerprint(HOME)) != before
        put(store, [row(2, subject="Other"), row(1), row(2)])
        keep(store, Count(INBOX, -1, -1), position=9)
        assert ask(store, lambda views: views.fingerprint(HOME)) == before

    @pytest.mark.parametrize(
        "change",
        [
            *(
                PutMessage(row(1, **{name: value}))
                for name, value in (("subject", "offsite"), ("is_read", True))
            ),
            PutMessage(row(1, received_at=MONDAY + timedelta(microseconds=1))),
            *(PutMessage(row(1, **{name: b"{}"})) for name in ("head", "beta", "body", "tail")),
            PutMessage(row(1, in_mailbox=False)),
            PutMessage(row(3)),
            DropMessage(UUID(int=2)),
            Count(INBOX, 1, 0),
            Count(INBOX, 0, 1),
            PutFolder(folder(INBOX, "Posteingang")),
            DropFolder(DRAFTS),
            PutPerson(PersonRow(HOME, "alexw@contoso.com", "Alex")),
        ],
        ids=str,
    )
    def test_every_difference_shows_in_the_fingerprint(self, store: Store, change: ViewChange) -> None:
        """Of this mailbox, and of no other."""
        alex = PutPerson(PersonRow(HOME, "alexw@contoso.com", "Alex Wilber"))
        put(store, [row(1), row(2)])
        keep(store, alex)
        keep(store, PutMessage(row(1)), mailbox=AWAY)
        before = [ask(store, partial(_fingerprint, home)) for home in (HOME, AWAY)]
        keep(store, change)
        after = [ask(store, partial(_fingerprint, home)) for home in (HOME, AWAY)]
        assert after[0] != before[0]
        assert after[1] == before[1]
