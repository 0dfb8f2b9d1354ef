"""What an owner wants follows from what was said, and nothing of it touches the folders."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args
from uuid import UUID

import pytest

from letterbook.domain.categories import born_with
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.preferences import PreferenceFact, Preferences
from letterbook.domain.settings import Settings
from tests.domain import test_categories as categories
from tests.domain import test_inbox_rules as rules
from tests.domain import test_overrides as overrides
from tests.domain import test_settings as settings
from tests.domain.harness import tell
from tests.domain.test_mailbox import ROOT, opened


def wants(**changed: Any) -> Preferences:
    """The preferences of a new mailbox, with changes."""
    return Preferences(**{"categories": born_with(ROOT), **changed})


def with_category(colour: str) -> Mapping[UUID, object]:
    """The master list with one category more."""
    expenses = categories.EXPENSES.model_copy(update={"colour": colour})
    return MappingProxyType({**born_with(ROOT), expenses.id: expenses})


BLACK = with_category("preset14")
AWAY = Settings(replies=settings.AWAY)
RULE = rules.PARTNER.id
STORIES: list[tuple[tuple[MailboxFact, ...], Preferences]] = [
    ((settings.in_paris,), wants(settings=Settings(time_zone="Romance Standard Time", locale="fr-FR"))),
    ((settings.away, settings.adele_told), wants(settings=AWAY, told=frozenset({"adelev@contoso.com"}))),
    ((categories.expenses_defined,), wants(categories=with_category("preset9"))),
    ((categories.expenses_defined, categories.expenses_black), wants(categories=BLACK)),
    ((categories.expenses_defined, categories.expenses_removed), wants()),
    ((overrides.other,), wants(overrides={overrides.NAME: overrides.other.override})),
    ((overrides.other, overrides.removed), wants()),
    ((rules.partner_defined,), wants(rules={RULE: rules.PARTNER})),
    ((rules.partner_defined, rules.partner_revised), wants(rules={RULE: rules.URGENT})),
    ((rules.partner_defined, rules.partner_removed), wants()),
]


@pytest.mark.parametrize(("past", "state"), STORIES, ids=[type(past[-1]).__name__ for past, _ in STORIES])
def test_what_is_wanted_follows_from_the_past(past: tuple[MailboxFact, ...], state: Preferences) -> None:
    mailbox: Mailbox = tell(opened, *past)
    assert mailbox.preferences == state
    assert mailbox.folders == tell(opened).folders


def test_every_fact_has_a_meaning() -> None:
    assert {type(past[-1]) for past, _ in STORIES} == set(get_args(PreferenceFact))
