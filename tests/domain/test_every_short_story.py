"""Every short story, not only the ones we thought of: all sequences of a dozen commands."""

from itertools import product

import pytest

from letterbook.domain.letter import Importance, Letter
from letterbook.domain.message import (
    Attach,
    DeleteForGood,
    Detach,
    Message,
    MessageCommand,
    MessageFact,
    Move,
    NoteDelivery,
    SetExtension,
    Unmention,
    Update,
)
from tests.domain.cast import (
    ARCHIVE,
    BEGIN,
    COPY,
    DELETE,
    ERASE,
    IMPORT,
    MENTION,
    MENU,
    RECEIVE,
    REFERRAL,
    REPLACE,
    SEND,
)
from tests.domain.invariants import ask_for, check_storage

COMMANDS: dict[str, MessageCommand] = {
    "begin": BEGIN,
    "receive": RECEIVE,
    "mention": MENTION,
    "unmention": Unmention(MENTION.mention_id),
    "update": Update(changes=Letter(subject="Next week's game", importance=Importance.HIGH)),
    "mark": Update(is_read=False, changes=Letter(read_receipt=True)),
    "attach": Attach(MENU),
    "detach": Detach(MENU.id),
    "extend": SetExtension(REFERRAL),
    "send": SEND,
    "move": Move(ARCHIVE),
    "delete": DELETE,
    "copy": COPY,
    "import": IMPORT,
    "replace": REPLACE,
    "delete for good": DeleteForGood(),
    "erase": ERASE,
    "note": NoteDelivery(recipient="adelev@contoso.com", via="mailbox"),
}
OPENINGS: dict[tuple[str, ...], int] = {
    (): 3,
    ("begin",): 3,
    ("receive",): 3,
    ("begin", "send"): 3,
    ("begin", "mention", "attach"): 3,
    ("begin", "delete", "delete"): 3,
}
"""How stories open, and how many commands follow, in every order."""

Told = tuple[tuple[MessageFact, ...], Message | None]


def told(story: tuple[str, ...]) -> Told:
    """What happens when these commands are asked, one after the other."""
    so_far: Told = ((), None)
    for name in story:
        so_far = ask_for(*so_far, COMMANDS[name])
    return so_far


@pytest.mark.parametrize("opening", OPENINGS, ids="-".join)
def test_every_short_story_keeps_the_promises(opening: tuple[str, ...]) -> None:
    check_every_story(opening, OPENINGS[opening])


@pytest.mark.slow
def test_so_does_every_story_that_is_a_little_longer() -> None:
    check_every_story(("begin",), OPENINGS["begin",] + 1)


def check_every_story(opening: tuple[str, ...], commands: int) -> None:
    """Ask for every sequence of up to so many commands."""
    known: dict[tuple[str, ...], Told] = {(): told(opening)}
    for length in range(1, commands + 1):
        for story in product(COMMANDS, repeat=length):
            known[story] = ask_for(*known[story[:-1]], COMMANDS[story[-1]])


def test_every_fact_of_a_short_story_is_stored_as_it_is() -> None:
    for story in product(COMMANDS, repeat=3):
        check_storage(told(story)[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_something_in_some_story(name: str) -> None:
    stories = (story for length in range(3) for story in product(COMMANDS, repeat=length))
    assert any(len(told((*story, name))[0]) > len(told(story)[0]) for story in stories)
