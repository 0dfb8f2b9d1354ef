"""Several programs write to one mailbox at once, each knowing what the others did; some are killed."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from letterbook import open_book
from letterbook.application.public_ids import Kind, private
from letterbook.domain.facts import Fact
from letterbook.domain.message import Deleted, DraftCreated, DraftUpdated, Moved, Sent
from letterbook.domain.message.facts import MentionAdded
from tests.crash.hand import OTHER, OWNER, gate

HANDS = 3
KINDS: dict[str, type[Fact]] = {
    "create": DraftCreated,
    "update": DraftUpdated,
    "mention": MentionAdded,
    "send": Sent,
    "delete": Moved,
}
Done = dict[str, Any]


def test_what_three_programs_do_at_once_fits_together(tmp_path: Path) -> None:
    """All that was acknowledged happened, once, and nothing else."""
    done = done_by_many(tmp_path / "mail.db", steps=60, kills=0)
    check(tmp_path / "mail.db", done, unanswered=0)


@pytest.mark.slow
def test_so_does_what_was_killed_in_the_middle(tmp_path: Path) -> None:
    """A step that was not acknowledged may have happened; one for each kill, at most.

    Who deletes what another one has just deleted takes it a step further."""
    done = done_by_many(tmp_path / "mail.db", steps=400, kills=30)
    check(tmp_path / "mail.db", done, unanswered=30)


def done_by_many(store: Path, steps: int, kills: int) -> list[Done]:
    """Let them write, kill one now and then and start another; gives what was acknowledged."""
    with open_book(store, deliver=False) as book:
        for address in (OWNER, OTHER):
            book.add_user(address)
    chance = random.Random(kills)
    files = [store.with_name(f"hand-{number}") for number in range(HANDS + kills)]
    hands = [started(store, files[number], number, steps) for number in range(HANDS)]
    time.sleep(1)  # most of them are at the gate then
    gate(store).touch()
    for number in range(HANDS, HANDS + kills):
        time.sleep(chance.uniform(0.4, 0.9))
        one = chance.randrange(HANDS)
        hands[one].kill()
        hands[one].wait()
        hands[one] = started(store, files[number], number, steps)
    for hand in hands:
        assert hand.wait(timeout=240) == 0
    lines = (line for file in files for line in file.read_text().splitlines(keepends=True))
    return [json.loads(line) for line in lines if line.endswith("\n")]


def started(store: Path, said: Path, number: int, steps: int) -> "subprocess.Popen[bytes]":
    """A program at the store, and where it writes what was acknowledged."""
    command = [sys.executable, "-m", "tests.crash.hand", str(store), f"{number}", f"{steps}"]
    with said.open("wb") as file:
        return subprocess.Popen(command, stdout=file, cwd=Path(__file__).parents[2])


def check(store: Path, done: list[Done], unanswered: int) -> None:
    """The histories, held against what was acknowledged."""
    with open_book(store, deliver=False) as book:
        alex = book.mailbox(OWNER)
        names = {private(Kind.MESSAGE, each["id"]) for each in done if "id" in each}
        stories = {name: [each.fact for each in book.engine.history(alex.id, name)] for name in names}
        assert book.verify().good
        assert all(each.equal for each in book.rebuild(verify=True))
    for story in stories.values():
        check_rules(story)
    facts = [fact for story in stories.values() for fact in story]
    happened = Counter(Moved if isinstance(fact, Deleted) else type(fact) for fact in facts)
    acknowledged = Counter(KINDS[each["what"]] for each in done if "refused" not in each)
    assert not acknowledged - happened, "nothing that was acknowledged is lost"
    assert sum((happened - acknowledged).values()) <= unanswered, "and nothing is doubled"
    told = {fact.changes.subject for fact in facts if isinstance(fact, DraftUpdated)}
    assert {each["subject"] for each in done if each["what"] == "update" and "refused" not in each} <= told
    refused = {each["refused"] for each in done if "refused" in each}
    assert "Conflict" not in refused, "whoever writes knows what was written"
    hands = Counter(name for name, _ in {(each["id"], each["by"]) for each in done if "id" in each})
    assert max(hands.values()) > 1, "they got into each other's way"


def check_rules(story: list[Fact]) -> None:
    """Whoever decided knew what had happened: nobody changes a letter that has left."""
    left = [at for at, fact in enumerate(story) if isinstance(fact, Sent)]
    assert len(left) <= 1
    if left:
        assert not any(isinstance(fact, DraftUpdated | MentionAdded) for fact in story[left[0] :])
