"""What holds in every story of a message, whoever asks what in whichever order."""

from collections.abc import Iterable
from operator import attrgetter

from letterbook.domain.letter import Letter
from letterbook.domain.message import (
    Deleted,
    Delivered,
    DeliveryFailed,
    Draft,
    Erased,
    ErasedMessage,
    Message,
    MessageCommand,
    MessageFact,
    decide,
    fold,
)
from letterbook.domain.message.rules import OPEN_AFTER_SENDING
from letterbook.domain.refusals import Refused
from tests.domain.cast import NOW, nothing_known_since
from tests.domain.harness import read_back, stored

POST_OFFICE = (Delivered, DeliveryFailed)
AFTER_THE_END = (*POST_OFFICE, Erased)
SAID = attrgetter(*sorted(Letter.model_fields.keys() - OPEN_AFTER_SENDING))


def content(message: Message) -> tuple[object, ...]:
    """What a letter says, without the marks its owner may change."""
    return (
        *SAID(message.letter),
        message.attachments,
        message.mentions,
        message.thread,
        message.sent_at,
        message.created_at,
    )


NOTHING = content(nothing_known_since(NOW.at))[:-2]
"""What a message says that was erased, but for its moments."""


def ask_for(
    past: tuple[MessageFact, ...], was: Message | None, ask: MessageCommand
) -> tuple[tuple[MessageFact, ...], Message | None]:
    """Put a command to a message and check everything that must hold; gives what happened, and the state."""
    before = None if was is None else (content(was), was)
    try:
        news = decide(was, ask, NOW)
    except Refused:
        news = ()
    state = fold(was, news)
    assert fold(None, (*past, *news)) == state, "a replay tells the same story"
    assert before is None or (content(before[1]), was) == before, "a state never changes in place"
    _check_news(past, news)
    _check_states(was, state, news)
    return (*past, *news), state


def _check_news(past: tuple[MessageFact, ...], news: tuple[MessageFact, ...]) -> None:
    gone = any(isinstance(fact, Deleted) for fact in past)
    assert not (gone and any(not isinstance(fact, AFTER_THE_END) for fact in news)), "what is gone stays gone"
    assert not (news and any(isinstance(fact, Erased) for fact in past)), "nothing happens to what was erased"
    assert all(fact.on == NOW for fact in news), "facts happen when they are asked for"


def _check_states(was: Message | None, state: Message | None, news: tuple[MessageFact, ...]) -> None:
    if was is None or state is None:
        assert (state is None) == (was is None and not news), "a message begins with its first fact"
        return
    if isinstance(state, ErasedMessage):
        assert content(state)[:-2] == NOTHING, "what was erased says nothing"
        return
    if not isinstance(was, Draft):
        assert content(state) == content(was), "sent is for ever"
        assert not isinstance(state, Draft), "nothing becomes a draft again"
    seen = [fact for fact in news if not isinstance(fact, POST_OFFICE)]
    assert state.revision == was.revision + len(seen), "each change that can be seen counts"


def check_storage(facts: Iterable[MessageFact]) -> None:
    """What is stored of each fact is read back as that fact, and would be stored the same way again."""
    for fact in facts:
        again = read_back(type(fact), stored(fact))
        assert again == fact
        assert stored(again) == stored(fact)
