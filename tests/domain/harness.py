"""Given what happened, when something is asked, then this happens: the words of the specs."""

from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_args

import pytest

from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.facts import Fact, Forgotten, Occasion
from letterbook.domain.mailbox import MailboxCommand, MailboxFact
from letterbook.domain.message import MessageCommand, MessageFact
from letterbook.domain.refusals import Refused
from tests.domain.cast import NOW

Command = MessageCommand | MailboxCommand
SomeFact = TypeVar("SomeFact", bound=Fact)


def stamped(fact: SomeFact, on: Occasion) -> SomeFact:
    """The same fact on another occasion."""
    return fact.model_copy(update={"on": on})


def now(fact: SomeFact) -> SomeFact:
    """The same fact, happening now."""
    return stamped(fact, NOW)


def stored(fact: Fact) -> bytes:
    """What the store keeps of a fact."""
    return fact.__pydantic_serializer__.to_json(fact, exclude_unset=True)


def read_back(kind: type[SomeFact], state: bytes) -> SomeFact:
    """What the store makes of what it kept."""
    return cast(SomeFact, kind.__pydantic_validator__.validate_json(state))


def tell(*past: MessageFact | MailboxFact | Forgotten) -> Any:
    """The state that follows from what happened."""
    first = past[0]
    if isinstance(first, get_args(MailboxFact)) or (
        isinstance(first, Forgotten) and first.kind.startswith("mailbox.")
    ):
        return mailboxes.fold(None, cast(tuple[MailboxFact, ...], past))
    return messages.fold(None, cast(tuple[MessageFact, ...], past))


def answer(past: tuple[Fact, ...], ask: Command) -> tuple[Fact, ...]:
    """What the rules decide; raises what they refuse."""
    if isinstance(ask, get_args(MailboxCommand)):
        mailbox = mailboxes.fold(None, cast(tuple[MailboxFact, ...], past))
        return mailboxes.decide(mailbox, cast(MailboxCommand, ask), NOW)
    message = messages.fold(None, cast(tuple[MessageFact, ...], past))
    return messages.decide(message, cast(MessageCommand, ask), NOW)


@dataclass(frozen=True)
class Asked:
    """A past, and what was asked after it."""

    past: tuple[Fact, ...]
    ask: Command

    def then(self, *facts: Fact) -> None:
        """Exactly these facts follow, now, and exactly this of them is stored."""
        decided, expected = answer(self.past, self.ask), tuple(now(fact) for fact in facts)
        assert decided == expected
        assert [stored(fact) for fact in decided] == [stored(fact) for fact in expected]

    def refused(self, kind: type[Refused]) -> None:
        """The rules say no, for this reason and no other."""
        with pytest.raises(kind) as refusal:
            answer(self.past, self.ask)
        assert type(refusal.value) is kind


@dataclass(frozen=True)
class Given:
    """A past."""

    past: tuple[Fact, ...]

    def when(self, ask: Command) -> Asked:
        """Something is asked."""
        return Asked(self.past, ask)


def given(*past: Fact) -> Given:
    """Something happened before; nothing, if nothing is said."""
    return Given(past)
