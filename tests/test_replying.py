"""Automatic replies to people of other organisations, who have no mailbox here."""

from datetime import UTC, datetime

import pytest

from letterbook.application.replying import is_inside, reply_for
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.people import EmailAddress
from letterbook.domain.preferences import Preferences
from letterbook.domain.settings import Audience, AutomaticReplies, RepliesStatus, Settings

NOW = datetime(2017, 12, 23, 9, 45, tzinfo=UTC)
ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")
ALEX = EmailAddress(name="Alex Wilber", address="AlexW@CONTOSO.com")
RANDI = EmailAddress(name="Randi Welch", address="randiw@adatum.onmicrosoft.com")


def home(audience: Audience = Audience.ALL, external: str = "We are closed.") -> Mailbox:
    """The mailbox of Adele, who is away."""
    replies = AutomaticReplies(
        status=RepliesStatus.ALWAYS, audience=audience, internal="I am away.", external=external
    )
    return Mailbox(owner=ADELE, preferences=Preferences(settings=Settings(replies=replies)))


def test_an_organisation_is_known_by_its_domain() -> None:
    assert is_inside(ALEX, ADELE)
    assert not is_inside(RANDI, ADELE)


def test_those_outside_are_told_something_else() -> None:
    assert reply_for(home(), ALEX, NOW, inside=True) == "I am away."
    assert reply_for(home(), RANDI, NOW, inside=False) == "We are closed."


@pytest.mark.parametrize("audience", [Audience.NONE, Audience.CONTACTS])
def test_those_outside_are_told_nothing_if_the_owner_wants_that(audience: Audience) -> None:
    assert reply_for(home(audience), RANDI, NOW, inside=False) is None
    assert reply_for(home(audience), ALEX, NOW, inside=True) == "I am away."


def test_nothing_to_say_is_not_said() -> None:
    assert reply_for(home(external=" \r\n"), RANDI, NOW, inside=False) is None


def test_nobody_is_told_that_they_are_away_themselves() -> None:
    assert reply_for(home(), ADELE, NOW, inside=True) is None
