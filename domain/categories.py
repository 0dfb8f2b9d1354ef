"""The master list of categories: names that the owner files messages under, each with a colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from uuid import UUID, uuid5

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion, Value
from letterbook.domain.named import one_of, put, without

# --- Facts -----------------------------------------------------------------------------------------

Colour = Literal[
    "none",
    "preset0",
    "preset1",
    "preset2",
    "preset3",
    "preset4",
    "preset5",
    "preset6",
    "preset7",
    "preset8",
    "preset9",
    "preset10",
    "preset11",
    "preset12",
    "preset13",
    "preset14",
    "preset15",
    "preset16",
    "preset17",
    "preset18",
    "preset19",
    "preset20",
    "preset21",
    "preset22",
    "preset23",
    "preset24",
]
"""The colours that a client shows in its own way, from red (``preset0``) to dark cranberry."""


class Category(Value):
    """One category of the master list."""

    id: UUID
    name: str
    colour: Colour = "none"


class CategoryDefined(Fact, stored_as="mailbox.category-defined.v1"):
    """The owner put a category on the master list."""

    category: Category


class CategoryRecoloured(Fact, stored_as="mailbox.category-recoloured.v1"):
    """The owner gave a category another colour."""

    category_id: UUID
    colour: Colour


class CategoryRemoved(Fact, stored_as="mailbox.category-removed.v1"):
    """The owner took a category off the master list; messages keep its name."""

    category_id: UUID


CategoryFact = CategoryDefined | CategoryRecoloured | CategoryRemoved

# --- State -----------------------------------------------------------------------------------------

Categories = Mapping[UUID, Category]

BORN_WITH: tuple[tuple[str, Colour], ...] = (
    ("Red category", "preset0"),
    ("Orange category", "preset1"),
    ("Yellow category", "preset3"),
    ("Green category", "preset4"),
    ("Blue category", "preset7"),
    ("Purple category", "preset8"),
)
"""What is on the master list of a new mailbox (Graph: sample of *List categories*)."""


def born_with(root: UUID) -> Categories:
    """The categories of a new mailbox; their ids follow from the id of its root folder."""
    known = (Category(id=uuid5(root, name), name=name, colour=colour) for name, colour in BORN_WITH)
    return MappingProxyType({category.id: category for category in known})


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefineCategory:
    """Put a category on the master list."""

    category: Category


@dataclass(frozen=True, slots=True)
class RecolourCategory:
    """Give a category another colour."""

    category_id: UUID
    colour: Colour


@dataclass(frozen=True, slots=True)
class RemoveCategory:
    """Take a category off the master list."""

    category_id: UUID


CategoryCommand = DefineCategory | RecolourCategory | RemoveCategory

# --- Rules -----------------------------------------------------------------------------------------

LONGEST_NAME = 255
"""Characters of the name of a category (Outlook: categoryDetails)."""


def decide(known: Categories, ask: CategoryCommand, on: Occasion) -> tuple[CategoryFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case DefineCategory():
            return _define(known, ask.category, on)
        case RecolourCategory():
            same = one_of(known, ask.category_id).colour == ask.colour
            fact = CategoryRecoloured(on=on, category_id=ask.category_id, colour=ask.colour)
            return () if same else (fact,)
        case RemoveCategory():
            one_of(known, ask.category_id)
            return (CategoryRemoved(on=on, category_id=ask.category_id),)


def _define(known: Categories, category: Category, on: Occasion) -> tuple[CategoryFact, ...]:
    """No two categories share a name, in whatever case it is written."""
    if known.get(category.id) == category:
        return ()
    if not category.name.strip():
        raise refusals.CategoryNameMissing
    if len(category.name) > LONGEST_NAME:
        raise refusals.TooLong("name of the category", LONGEST_NAME)
    if any(each.name.casefold() == category.name.casefold() for each in known.values()):
        raise refusals.CategoryNameTaken
    return (CategoryDefined(on=on, category=category),)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(known: Categories, fact: CategoryFact) -> Categories:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case CategoryDefined():
            return put(known, fact.category.id, fact.category)
        case CategoryRecoloured():
            category = known[fact.category_id].model_copy(update={"colour": fact.colour})
            return put(known, category.id, category)
        case CategoryRemoved():
            return without(known, fact.category_id)
