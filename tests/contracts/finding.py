"""What all views promise about finding: orders, pages and conditions."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from letterbook.application.ports import Store
from letterbook.application.querying import (
    All,
    Among,
    Any,
    Compare,
    Field,
    Is,
    Key,
    Not,
    Order,
    Outside,
    PageQuery,
    Place,
    Where,
    sort_value,
)
from letterbook.application.rows import DropMessage
from letterbook.application.showing import USUAL_BETA
from tests.contracts.rows import DRAFTS, HOME, INBOX, ask, found, keep, page, place_of, put, row, various
from tests.fakes import MONDAY


class FindingContract:
    """Sorted, cut into pages, and chosen by conditions."""

    # -- order and pages --

    def test_newest_come_first_unless_told_otherwise(self, store: Store) -> None:
        """Equal moments are sorted by id, newest id first."""
        put(store, [row(n, received_at=MONDAY + timedelta(minutes=n // 2)) for n in range(1, 6)])
        assert page(store) == [5, 4, 3, 2, 1]
        assert page(store, order=(Order(Field.RECEIVED),)) == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize("by", list(Field))
    def test_every_field_sorts_in_both_directions(self, store: Store, by: Field, descending: bool) -> None:
        """By the value views keep, ties by id in the same direction."""
        rows = various()
        put(store, rows)
        wanted = sorted(rows, key=lambda each: (sort_value(each, by), each.message.bytes), reverse=descending)
        assert page(store, order=(Order(by, descending),)) == [each.message.int for each in wanted]
        assert len({sort_value(each, by) for each in rows}) > 1

    def test_text_is_sorted_without_regard_to_case(self, store: Store) -> None:
        """By code point, once case is folded."""
        subjects = ["zebra", "Ähre", "apple", "Banana", "ÄHRE", "äHRE", "Ω", "ω"]
        put(store, [row(number, subject=subject) for number, subject in enumerate(subjects, 1)])
        assert page(store, order=(Order(Field.SUBJECT),)) == [3, 4, 1, 2, 5, 6, 7, 8]

    def test_a_second_order_decides_among_equals(self, store: Store) -> None:
        """Each order in its own direction."""
        put(store, [row(n, is_read=n % 2 == 0, subject="ab"[n % 3 == 0]) for n in range(1, 7)])
        order = (Order(Field.IS_READ), Order(Field.SUBJECT, descending=True))
        assert page(store, order=order) == [3, 1, 5, 6, 2, 4]

    def test_pages_are_cut_by_top_and_skip(self, store: Store) -> None:
        """Behind the end there is nothing."""
        put(store, [row(number) for number in range(1, 6)])
        assert page(store, top=2) == [5, 4]
        assert page(store, top=2, skip=2) == [3, 2]
        assert page(store, skip=9) == []
        assert page(store, top=0) == []

    def test_a_page_holds_ready_answers_and_their_places(self, store: Store) -> None:
        """What is shown, and what it was sorted by."""
        order = (Order(Field.SUBJECT), Order(Field.RECEIVED))
        shown = row(7, subject="ÉTÉ", head=b"h", beta=b"b", body=b"d", tail=b"t")
        put(store, [shown])
        query = PageQuery(folder=INBOX, order=order)
        (leaf,) = ask(store, lambda views: views.page(HOME, query))
        assert (leaf.message, *leaf[1:5]) == (shown.message, b"h", b"b", b"d", b"t")
        assert Place(leaf.place, leaf.message) == place_of(shown, order)

    @pytest.mark.parametrize("beta", [*USUAL_BETA, b'"unsubscribeEnabled":true,'])
    def test_what_only_beta_has_comes_back(self, store: Store, beta: bytes) -> None:
        """However it is kept: in a page, and for one message."""
        put(store, [row(7, beta=beta)])
        (leaf,) = ask(store, lambda views: views.page(HOME, PageQuery(folder=INBOX)))
        assert leaf.beta == beta
        assert ask(store, lambda views: views.message(HOME, UUID(int=7))) == row(7, beta=beta)

    def test_a_page_can_do_without_bodies(self, store: Store) -> None:
        """The rest of the answers is there."""
        put(store, [row(7, head=b"h", body=b"d", tail=b"t")])
        (leaf,) = ask(store, lambda views: views.page(HOME, PageQuery(folder=INBOX, bodies=False)))
        assert (leaf.head, leaf.body, leaf.tail) == (b"h", b"", b"t")

    def test_the_answers_of_some_messages_are_told_whatever_the_folder(self, store: Store) -> None:
        """As far as they are shown, once each; more of them than fit into one statement."""
        said = {"head": b"h", "beta": b"b", "body": b"d", "tail": b"t"}
        put(store, [row(each, folder=(INBOX, DRAFTS)[each % 2], **said) for each in range(700)])
        put(store, [row(700, in_mailbox=False, **said)])
        names = [UUID(int=number).bytes for number in (*range(5, 701), 9999)]
        leaves = ask(store, lambda views: views.leaves(HOME, names, True))
        assert sorted(leaf.message.int for leaf in leaves) == [*range(5, 701)]
        assert {leaf[1:] for leaf in leaves} == {(b"h", b"b", b"d", b"t", ())}
        (bare,) = ask(store, lambda views: views.leaves(HOME, names[:1], False))
        assert (bare.name, bare.head, bare.body) == (names[0], b"h", b"")
        assert ask(store, lambda views: views.leaves(HOME, [], True)) == []

    def test_a_page_can_follow_on_a_place(self, store: Store) -> None:
        """Also when the message there is gone, and with a skip counted from it."""
        put(store, [row(number) for number in range(1, 6)])
        after = place_of(row(4), (Order(Field.RECEIVED, descending=True),))
        keep(store, DropMessage(UUID(int=4)))
        assert page(store, after=after) == [3, 2, 1]
        assert page(store, after=after, skip=1, top=1) == [2]

    # -- conditions --

    @pytest.mark.parametrize(
        ("how", "value", "hits"),
        [
            (Is.EQUAL, "offSITE", {1, 2}),
            (Is.UNEQUAL, "offsite", {3, 4, 5, 6, 7, 8}),
            (Is.STARTING_WITH, "OFF", {1, 2, 3}),
            (Is.ENDING_WITH, "SITE", {1, 2}),
            (Is.CONTAINING, "éTÉ", {4}),
            (Is.CONTAINING, "STRASSE", {5}),
            (Is.CONTAINING, "straße", {5}),
            (Is.STARTING_WITH, "İ", {6}),
            (Is.CONTAINING, "%", {7}),
            (Is.CONTAINING, "_", {7}),
            (Is.CONTAINING, "'", {7}),
            (Is.CONTAINING, '"; DROP', {7}),
            (Is.CONTAINING, "\\", {7}),
            (Is.EQUAL, "nul\0inside", {8}),
            (Is.STARTING_WITH, "nul\0in", {8}),
            (Is.STARTING_WITH, "nul\0out", set()),
            (Is.ENDING_WITH, "\0INSIDE", {8}),
            (Is.CONTAINING, "l\0i", {8}),
            (Is.STARTING_WITH, "", {1, 2, 3, 4, 5, 6, 7, 8}),
            (Is.ENDING_WITH, "", {1, 2, 3, 4, 5, 6, 7, 8}),
            (Is.CONTAINING, "", {1, 2, 3, 4, 5, 6, 7, 8}),
            (Is.ENDING_WITH, "longer than any subject there is", set()),
            (Is.BELOW, "NUL", {6, 7}),
            (Is.AT_MOST, "OFFSITE", {1, 2, 6, 7, 8}),
            (Is.ABOVE, "offsite", {3, 4, 5}),
            (Is.AT_LEAST, "OFFSITE", {1, 2, 3, 4, 5}),
        ],
    )
    def test_text_is_compared_without_regard_to_case(
        self, store: Store, how: Is, value: str, hits: set[int]
    ) -> None:
        """In any script; every character stands for itself."""
        subjects = ["Offsite", "OFFSITE", "Offsite!", "Un ÉTÉ", "Zur Straße", "İstanbul"]
        subjects += ["""100%_'";\\" ' "; DROP TABLE events""", "NUL\0Inside"]
        put(store, [row(number, subject=subject) for number, subject in enumerate(subjects, 1)])
        assert found(store, Compare(Field.SUBJECT, how, value)) == hits

    @pytest.mark.parametrize("by", [Field.IMPORTANCE, Field.FLAG, Field.INFERENCE, Field.CONVERSATION])
    def test_names_of_choices_are_compared_as_they_are(self, store: Store, by: Field) -> None:
        """They are names, not texts."""
        put(store, [row(1, **{by.value: "High"}), row(2, **{by.value: "high"})])
        assert found(store, Compare(by, Is.EQUAL, "High")) == {1}
        assert found(store, Compare(by, Is.STARTING_WITH, "h")) == {2}

    @pytest.mark.parametrize("by", [Field.RECEIVED, Field.SENT, Field.CREATED, Field.MODIFIED])
    @pytest.mark.parametrize(
        ("how", "hits", "hits_of_a_fraction"),
        [
            (Is.EQUAL, {2, 3}, set()),
            (Is.UNEQUAL, {1, 4}, {1, 2, 3, 4}),
            (Is.BELOW, {1}, {1, 2, 3}),
            (Is.AT_MOST, {1, 2, 3}, {1, 2, 3}),
            (Is.ABOVE, {4}, {4}),
            (Is.AT_LEAST, {2, 3, 4}, {4}),
        ],
    )
    def test_moments_are_compared_in_the_seconds_they_are_shown_in(
        self, store: Store, by: Field, how: Is, hits: set[int], hits_of_a_fraction: set[int]
    ) -> None:
        """10:00:00.7 is shown as 10:00:00 and equals it; no moment is shown with a fraction."""
        fractions = [-1, 0, 999_999, 1_000_000]
        moments = [MONDAY + timedelta(microseconds=each) for each in fractions]
        put(store, [row(number, **{by.value: at}) for number, at in enumerate(moments, 1)])
        assert found(store, Compare(by, how, MONDAY)) == hits
        assert found(store, Compare(by, how, MONDAY + timedelta(milliseconds=500))) == hits_of_a_fraction

    @pytest.mark.parametrize("year", [1, 1969, 1970, 2400, 9999])
    def test_moments_far_away_are_compared_as_exactly(self, store: Store, year: int) -> None:
        """A second is a second in any year."""
        last = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
        put(
            store,
            [
                row(1, sent_at=last + timedelta(microseconds=999_999)),
                row(2, sent_at=last - timedelta(seconds=1)),
            ],
        )
        assert found(store, Compare(Field.SENT, Is.EQUAL, last)) == {1}
        assert found(store, Compare(Field.SENT, Is.BELOW, last)) == {2}

    @pytest.mark.parametrize(
        "by", [Field.IS_READ, Field.IS_DRAFT, Field.HAS_ATTACHMENTS, Field.MENTIONS_OWNER]
    )
    def test_yes_and_no_are_compared(self, store: Store, by: Field) -> None:
        """Equal or not."""
        put(store, [row(1, **{by.value: True}), row(2, **{by.value: False})])
        assert found(store, Compare(by, Is.EQUAL, True)) == {1}
        assert found(store, Compare(by, Is.UNEQUAL, True)) == {2}

    def test_conditions_are_joined(self, store: Store) -> None:
        """All, any and not, nested; none of them with nothing in it."""
        put(store, [row(n, is_read=n > 2, is_draft=n % 2 == 0) for n in range(1, 5)])
        read, draft = (Compare(by, Is.EQUAL, True) for by in (Field.IS_READ, Field.IS_DRAFT))
        assert found(store, All((read, draft))) == {4}
        assert found(store, Any((read, draft))) == {2, 3, 4}
        assert found(store, Not(Any((read, draft)))) == {1}
        assert found(store, All((Not(read), Not(draft)))) == {1}
        assert found(store, Any((All((read, Not(draft))), All((Not(read), draft))))) == {2, 3}
        assert found(store, All(())) == {1, 2, 3, 4}
        assert found(store, Any(())) == set()

    def test_messages_and_folders_can_be_named(self, store: Store) -> None:
        """One of several, in one folder or in the whole mailbox; none of none."""
        put(store, [row(1), row(2, folder=DRAFTS), row(3), row(4, folder=DRAFTS, in_mailbox=False)])
        some = Among(Key.MESSAGE, (UUID(int=2), UUID(int=3), UUID(int=9)))
        assert found(store, some) == {3}
        assert found(store, All((Not(some), Among(Key.FOLDER, (INBOX,))))) == {1}
        assert found(store, Among(Key.FOLDER, ())) == set()
        both = Among(Key.FOLDER, (INBOX, DRAFTS, UUID(int=9)))
        assert page(store, folder=None, where=both) == [3, 2, 1]
        assert page(store, folder=None, where=All((both, some))) == [3, 2]

    def test_very_many_messages_can_be_left_out(self, store: Store) -> None:
        """From pages, counts and names; a condition says so beside others."""
        put(store, [row(number, is_read=number % 2 == 0) for number in range(1, 7)])
        others = Outside({UUID(int=number).bytes for number in (2, 3, *range(7, 50_000))})
        unread = Compare(Field.IS_READ, Is.EQUAL, False)
        assert found(store, others) == {1, 4, 5, 6}
        assert found(store, Not(others)) == {2, 3}
        assert page(store, where=All((unread, others))) == [5, 1]

    def test_the_names_of_what_is_found(self, store: Store) -> None:
        """Of a folder or of the mailbox, with a condition or without, however many."""
        put(store, [row(n, is_read=n % 2 == 0, folder=(INBOX, DRAFTS)[n > 4]) for n in range(1, 7)])
        put(store, [row(7, in_mailbox=False)])
        unread = Compare(Field.IS_READ, Is.EQUAL, False)

        def names(folder: UUID | None, where: Where | None) -> set[int]:
            named = ask(store, lambda views: views.names(HOME, folder, where))
            assert len(named) == len(set(named))
            return {name.int for name in named}

        assert names(INBOX, None) == {1, 2, 3, 4, 7}
        assert names(INBOX, unread) == {1, 3, 7}
        assert names(None, unread) == {1, 3, 5}
        assert names(UUID(int=9), None) == set()
