"""Overrides of the focused inbox: one for each sender, whatever the address looks like."""

from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.letter import Inference
from letterbook.domain.overrides import (
    MOST_OVERRIDES,
    Override,
    OverrideRemoved,
    OverrideSet,
    Reclassify,
    RemoveOverride,
    SetOverride,
    about,
)
from letterbook.domain.people import EmailAddress
from tests.domain.cast import ADDRESSLESS, ADELE, EARLIER, SAMANTHA, SAMANTHA_IN_CAPITALS, numbered
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import opened

NAME = numbered(40)


def set_to(classify_as: Inference, sender: EmailAddress = SAMANTHA, name: UUID = NAME) -> OverrideSet:
    """An override was set."""
    return OverrideSet(on=EARLIER, override=Override(id=name, sender=sender, classify_as=classify_as))


focused = set_to(Inference.FOCUSED)
other = set_to(Inference.OTHER)
removed = OverrideRemoved(on=EARLIER, override_id=NAME)


def test_a_sender_can_be_overridden() -> None:
    given(opened).when(SetOverride(NAME, SAMANTHA, Inference.OTHER)).then(other)
    known = tell(opened, other).preferences.overrides
    assert about(known, SAMANTHA_IN_CAPITALS) == other.override
    assert about(known, ADELE) is None


def test_a_second_override_of_a_sender_takes_the_place_of_the_first() -> None:
    ask = SetOverride(numbered(41), SAMANTHA_IN_CAPITALS, Inference.FOCUSED)
    given(opened, other).when(ask).then(set_to(Inference.FOCUSED, SAMANTHA_IN_CAPITALS))
    given(opened, other).when(SetOverride(numbered(41), SAMANTHA, Inference.OTHER)).then()


def test_an_override_can_be_changed_and_removed() -> None:
    given(opened, other).when(Reclassify(NAME, Inference.FOCUSED)).then(focused)
    given(opened, other).when(Reclassify(NAME, Inference.OTHER)).then()
    given(opened, other).when(RemoveOverride(NAME)).then(removed)
    assert tell(opened, other, focused).preferences.overrides == {NAME: focused.override}
    assert tell(opened, other, removed).preferences.overrides == {}


def test_an_unknown_override_cannot_be_changed() -> None:
    for ask in (Reclassify(NAME, Inference.OTHER), RemoveOverride(NAME)):
        given(opened).when(ask).refused(refusals.NotFound)


def test_nobody_without_an_address_is_overridden() -> None:
    given(opened).when(SetOverride(NAME, ADDRESSLESS, Inference.OTHER)).refused(refusals.AddressImpossible)


def test_a_mailbox_has_room_for_a_thousand_overrides() -> None:
    many = [
        set_to(Inference.OTHER, EmailAddress(address=f"sender{number}@contoso.com"), numbered(1000 + number))
        for number in range(MOST_OVERRIDES)
    ]
    ask = SetOverride(NAME, SAMANTHA, Inference.OTHER)
    given(opened, *many[:-1]).when(ask).then(other)
    given(opened, *many).when(ask).refused(refusals.TooManyOverrides)
    known = SetOverride(NAME, EmailAddress(address="sender7@contoso.com"), Inference.FOCUSED)
    given(opened, *many).when(known).then(
        set_to(Inference.FOCUSED, EmailAddress(address="sender7@contoso.com"), numbered(1007))
    )
