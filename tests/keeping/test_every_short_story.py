"""Whatever happens in whichever order: what ever said the word stays as long as a hold for it is on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product

import pytest

from letterbook import Mailbox, Message, open_book
from letterbook.domain.message import Deleted
from letterbook.domain.refusals import Held, HoldNameTaken, HoldUnknown, NotFound


@dataclass
class Story:
    """One draft and what happens to it; whether the hold is on, and whether the draft ever said the word."""

    box: Mailbox
    draft: Message
    is_on: bool = False
    said: bool = False
    refused: int = 0
    log: list[str] = field(default_factory=list)

    def say(self) -> None:
        """The draft says the word."""
        with suppress(NotFound):
            self.box.update_draft(self.draft, subject="Fabrikam")
            self.said = True

    def unsay(self) -> None:
        """It no longer says it."""
        with suppress(NotFound):
            self.box.update_draft(self.draft, subject="Weather")

    def hold(self) -> None:
        """Whatever says the word is held."""
        with suppress(HoldNameTaken):
            self.box.place_hold("Fabrikam", why="They sue us.", search="subject:fabrikam")
        self.is_on = True

    def release(self) -> None:
        """It is not."""
        with suppress(HoldUnknown):
            self.box.release_hold("Fabrikam", why="They settled.")
        self.is_on = False

    def throw_away(self) -> None:
        """Deleted one step further."""
        self._try(self.box.delete)

    def destroy(self) -> None:
        """Deleted for good."""
        self._try(self.box.delete_for_good)

    def _try(self, delete: Callable[[Message], None]) -> None:
        was_there, kept = self.is_there, self.said and self.is_on
        try:
            delete(self.draft)
        except NotFound:
            assert not was_there
        except Held:
            assert was_there
            assert kept, f"nothing keeps it: {self.log}"
            assert self.is_there
            self.refused += 1
        else:
            assert self.is_there or not kept, f"it was held: {self.log}"

    @property
    def is_there(self) -> bool:
        """Whether it was not deleted for good."""
        return not any(isinstance(fact, Deleted) for fact in self.box.history(self.draft))


STEPS = (Story.say, Story.unsay, Story.hold, Story.release, Story.throw_away, Story.destroy)


@pytest.mark.parametrize("first", STEPS, ids=lambda step: step.__name__)
def test_no_story_removes_what_is_held(first: Callable[[Story], None]) -> None:
    refused, there = 0, set()
    for second in STEPS:
        with open_book(":memory:", deliver=False) as book:
            alex, before = book.mailbox("alexw@contoso.com"), refused
            for steps in product(STEPS, repeat=2):
                story = Story(alex, alex.create_draft(subject="Lunch"))
                for step in (Story.say, first, second, *steps):
                    story.log.append(step.__name__)
                    step(story)
                refused += story.refused
                there.add(story.is_there)
                story.release()
            assert len(alex.refused_removals()) == refused - before, "each refusal is on record, once"
    at_once = first is Story.destroy
    assert bool(refused) is not at_once, "some tried in vain"
    assert there == ({False} if at_once else {True, False})
