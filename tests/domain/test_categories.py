"""The master list of categories: names are unique and stay, colours change."""

from letterbook.domain import refusals
from letterbook.domain.categories import (
    BORN_WITH,
    LONGEST_NAME,
    Category,
    CategoryDefined,
    CategoryRecoloured,
    CategoryRemoved,
    DefineCategory,
    RecolourCategory,
    RemoveCategory,
)
from tests.domain.cast import EARLIER, numbered
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import opened

EXPENSES = Category(id=numbered(30), name="Project expenses", colour="preset9")

expenses_defined = CategoryDefined(on=EARLIER, category=EXPENSES)
expenses_black = CategoryRecoloured(on=EARLIER, category_id=EXPENSES.id, colour="preset14")
expenses_removed = CategoryRemoved(on=EARLIER, category_id=EXPENSES.id)


def names(*past: CategoryDefined | CategoryRecoloured | CategoryRemoved) -> list[tuple[str, str]]:
    """The master list."""
    return [(each.name, each.colour) for each in tell(opened, *past).preferences.categories.values()]


def test_a_new_mailbox_has_six_categories() -> None:
    assert names() == list(BORN_WITH)
    assert tell(opened).preferences.categories == tell(opened).preferences.categories


def test_a_category_can_be_defined() -> None:
    given(opened).when(DefineCategory(EXPENSES)).then(expenses_defined)
    given(opened, expenses_defined).when(DefineCategory(EXPENSES)).then()
    assert names(expenses_defined)[-1] == ("Project expenses", "preset9")


def test_no_two_categories_share_a_name() -> None:
    for name in ("Project expenses", "PROJECT EXPENSES", "red category"):
        ask = DefineCategory(Category(id=numbered(31), name=name))
        given(opened, expenses_defined).when(ask).refused(refusals.CategoryNameTaken)
    again = DefineCategory(Category(id=numbered(31), name="Project expenses"))
    given(opened, expenses_defined, expenses_removed).when(again).then(
        CategoryDefined(on=EARLIER, category=again.category)
    )


def test_a_category_has_a_name_of_some_length() -> None:
    for name in ("", " \t"):
        ask = DefineCategory(Category(id=numbered(31), name=name))
        given(opened).when(ask).refused(refusals.CategoryNameMissing)
    for length, refused in ((LONGEST_NAME, False), (LONGEST_NAME + 1, True)):
        asked = given(opened).when(DefineCategory(Category(id=numbered(31), name="x" * length)))
        if refused:
            asked.refused(refusals.TooLong)
        else:
            asked.then(CategoryDefined(on=EARLIER, category=Category(id=numbered(31), name="x" * length)))


def test_a_category_can_get_another_colour() -> None:
    given(opened, expenses_defined).when(RecolourCategory(EXPENSES.id, "preset14")).then(expenses_black)
    given(opened, expenses_defined).when(RecolourCategory(EXPENSES.id, "preset9")).then()
    assert names(expenses_defined, expenses_black)[-1] == ("Project expenses", "preset14")


def test_a_category_can_be_removed() -> None:
    given(opened, expenses_defined).when(RemoveCategory(EXPENSES.id)).then(expenses_removed)
    assert names(expenses_defined, expenses_removed) == list(BORN_WITH)


def test_what_is_not_on_the_list_cannot_be_changed() -> None:
    for ask in (RecolourCategory(EXPENSES.id, "none"), RemoveCategory(EXPENSES.id)):
        given(opened).when(ask).refused(refusals.NotFound)
