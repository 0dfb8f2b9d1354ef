"""What all views promise about what hangs on messages."""

import pytest

from letterbook.application.ports import Store
from letterbook.application.querying import (
    All,
    Any,
    Cast,
    Compare,
    Field,
    Is,
    Marked,
    Not,
    Order,
    Probe,
    sort_value,
)
from letterbook.application.rows import Mark, MarkKind, PutMessage
from tests.contracts.rows import HOME, ask, found, keep, page, put, row


def category(name: str) -> Mark:
    """A category, as rows have it."""
    return Mark(MarkKind.CATEGORY, "", name)


def colour(value: str) -> Mark:
    """An extended property with one value."""
    return Mark(MarkKind.SINGLE, "string {1} Name Color", value)


def coloured(how: Is, value: str | int | float, cast: Cast = Cast.TEXT, *, denied: bool = False) -> Marked:
    """Whether its value is so."""
    return Marked(MarkKind.SINGLE, ("string {1} Name Color",), (Probe(how, value, cast, denied),))


def in_category(*tests: Probe) -> Marked:
    """Whether one of the categories passes the tests."""
    return Marked(MarkKind.CATEGORY, ("",), tests)


class MarkingContract:
    """Kept, replaced, found."""

    def test_marks_are_kept_as_they_are(self, store: Store) -> None:
        """In their order, with whatever is in them."""
        odd = "quoted 'once' \"twice\" \\ 会議 🎉 [1,2]"
        marks = (category(odd), category("red"), Mark(MarkKind.EXTENSION, odd, ""), colour(odd))
        put(store, [row(1, marks=marks), row(2)])
        assert ask(store, lambda views: views.message(HOME, row(1).message)) == row(1, marks=marks)
        assert ask(store, lambda views: views.message(HOME, row(2).message)) == row(2)
        assert found(store, in_category(Probe(Is.EQUAL, odd))) == {1}
        assert found(store, coloured(Is.CONTAINING, "\\ 会")) == {1}
        assert found(store, Marked(MarkKind.EXTENSION, ("other", odd))) == {1}

    def test_marks_are_replaced(self, store: Store) -> None:
        """Whether a message is put elsewhere or only shown anew; none of the old ones is found again."""
        put(store, [row(1, marks=(category("red"),)), row(2)])
        keep(store, PutMessage(row(1, marks=(category("blue"),)), placed=False))
        keep(store, PutMessage(row(2, marks=(category("red"),)), placed=False, rewritten=False))
        assert found(store, in_category(Probe(Is.EQUAL, "red"))) == {2}
        assert found(store, in_category(Probe(Is.EQUAL, "blue"))) == {1}
        keep(store, PutMessage(row(1)), PutMessage(row(2), placed=False))
        assert found(store, in_category()) == set()

    def test_tests_have_to_be_passed_by_one_and_the_same_mark(self, store: Store) -> None:
        """Two marks that pass one test each are not one that passes both."""
        put(store, [row(1, marks=(category("ab"), category("cd"))), row(2, marks=(category("ad"),))])
        begins, ends = Probe(Is.STARTING_WITH, "a"), Probe(Is.ENDING_WITH, "d")
        assert found(store, in_category(begins, ends)) == {2}
        assert found(store, All((in_category(begins), in_category(ends)))) == {1, 2}

    def test_kinds_and_names_are_told_apart(self, store: Store) -> None:
        """The same words may be anything."""
        kinds = list(MarkKind)
        put(store, [row(n, marks=(Mark(kind, "x", "y"),)) for n, kind in enumerate(kinds, 1)])
        for number, kind in enumerate(kinds, 1):
            assert found(store, Marked(kind, ("x",), (Probe(Is.EQUAL, "y"),))) == {number}
            assert found(store, Marked(kind, ("X", "z"))) == set()

    def test_nothing_hangs_on_most_messages(self, store: Store) -> None:
        """Asked for anything, or for its opposite, or beside something else."""
        put(store, [row(1, marks=(category("red"),)), row(2), row(3, subject="Lunch")])
        red, lunch = in_category(Probe(Is.EQUAL, "red")), Compare(Field.SUBJECT, Is.EQUAL, "lunch")
        assert found(store, Not(red)) == {2, 3}
        assert found(store, Any((red, lunch))) == {1, 3}
        assert found(store, All((red, lunch))) == set()
        assert found(store, in_category(Probe(Is.EQUAL, "red", denied=True))) == set()
        assert page(store, where=red, folder=None) == [1]

    @pytest.mark.parametrize(
        ("test", "hits"),
        [
            (Probe(Is.EQUAL, 12, Cast.WHOLE), {1, 2}),
            (Probe(Is.UNEQUAL, 12, Cast.WHOLE), {3, 4, 5, 6, 7}),
            (Probe(Is.EQUAL, 12, Cast.WHOLE, denied=True), {3, 4, 5, 6, 7}),
            (Probe(Is.UNEQUAL, 12, Cast.WHOLE, denied=True), {1, 2}),
            (Probe(Is.ABOVE, -5, Cast.WHOLE), {1, 2}),
            (Probe(Is.ABOVE, -5, Cast.WHOLE, denied=True), {3, 4, 5, 6, 7}),
            (Probe(Is.AT_LEAST, 1.5, Cast.NUMBER), {1, 2, 4}),
            (Probe(Is.BELOW, 0, Cast.NUMBER), {3}),
            (Probe(Is.EQUAL, 1, Cast.TRUTH), {5}),
            (Probe(Is.UNEQUAL, 1, Cast.TRUTH), {1, 2, 3, 4, 6, 7}),
            (Probe(Is.EQUAL, "b9cf8971-7d55-4b73-9ffa-a584611b600b", Cast.NAME), {6}),
            (Probe(Is.AT_MOST, 1_450_000_000_000_000, Cast.MOMENT), {7}),
            (Probe(Is.AT_MOST, "12"), {1, 2, 3, 4}),
            (Probe(Is.CONTAINING, "5"), {3, 4, 6, 7}),
        ],
    )
    def test_values_are_read_as_what_they_are_asked_for(
        self, store: Store, test: Probe, hits: set[int]
    ) -> None:
        """What cannot be read so is equal to nothing, and neither more nor less."""
        values = ["12", "+12", "-125", "1.5", "true"]
        values += ["{b9cf8971-7d55-4b73-9ffa-a584611b600b}", "2015-12-03t10:00:00z"]
        put(store, [row(n, marks=(colour(value),)) for n, value in enumerate(values, 1)])
        where = Marked(MarkKind.SINGLE, ("string {1} Name Color",), (test,))
        assert found(store, where) == hits

    def test_the_sender_is_the_author_unless_somebody_else_is(self, store: Store) -> None:
        """Found and sorted by either."""
        delegate = row(2, sender_address="DanaS@contoso.com", sender_name="Dana Swope")
        nobody = row(3, sender_address="", sender_name="")
        put(store, [row(1), delegate, nobody])
        assert found(store, Compare(Field.SENDER_ADDRESS, Is.EQUAL, "danas@contoso.com")) == {2}
        assert found(store, Compare(Field.SENDER_ADDRESS, Is.EQUAL, "MEGANB@contoso.com")) == {1}
        assert found(store, Compare(Field.FROM_ADDRESS, Is.EQUAL, "meganb@contoso.com")) == {1, 2, 3}
        assert found(store, Compare(Field.SENDER_NAME, Is.EQUAL, "")) == {3}
        assert page(store, order=(Order(Field.SENDER_NAME),)) == [3, 2, 1]
        assert sort_value(delegate, Field.SENDER_NAME) == "dana swope"
        assert ask(store, lambda views: views.message(HOME, delegate.message)) == delegate
