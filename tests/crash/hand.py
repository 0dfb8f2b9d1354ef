"""One of several programs at one store: ``python -m tests.crash.hand STORE NUMBER STEPS``.

Does things at random, most of them to drafts that the others know, too, and prints a line of JSON for each
that was acknowledged. Which it does next follows from its number alone; how they meet does not.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from letterbook import Mailbox, Refused, open_book

OWNER, OTHER = "alexw@contoso.com", "meganb@contoso.com"


def gate(store: Path) -> Path:
    """The file that has to be there before anybody begins."""
    return store.with_name("begin")


class Hand:
    """Somebody who writes, mentions, sends, moves and deletes."""

    def __init__(self, mailbox: Mailbox, number: int) -> None:
        self._mailbox = mailbox
        self._chance = random.Random(number)
        self._mark = f"{number}"
        self._steps = 0

    def step(self) -> None:
        """One thing, acknowledged or refused."""
        self._steps += 1
        often, seldom = (self.create, self.update), (self.mention, self.send, self.delete)
        ask = self._chance.choice((*often, *often, *seldom))
        try:
            done = ask()
        except Refused as no:
            done = {"refused": type(no).__name__}
        told = {"by": self._mark, "step": self._steps, "what": ask.__name__, **done}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()

    def create(self) -> dict[str, str]:
        """A draft that everybody will know."""
        subject = f"{self._mark}-{self._steps}"
        return {"id": self._mailbox.create_draft(subject=subject, to=[OTHER]).id, "subject": subject}

    def update(self) -> dict[str, str]:
        """Another subject for somebody's draft."""
        subject = f"{self._mark}-{self._steps}"
        return self._on_a_draft(lambda draft: self._mailbox.update_draft(draft, subject=subject), subject)

    def mention(self) -> dict[str, str]:
        """Somebody is called out."""
        somebody = f"{self._mark}-{self._steps}@contoso.com"
        return self._on_a_draft(lambda draft: self._mailbox.mention(draft, somebody))

    def send(self) -> dict[str, str]:
        """Somebody's draft leaves."""
        return self._on_a_draft(self._mailbox.send)

    def delete(self) -> dict[str, str]:
        """Somebody's draft goes where deleted ones go."""
        return self._on_a_draft(self._mailbox.delete)

    def _on_a_draft(self, ask: Callable[[str], object], subject: str = "") -> dict[str, str]:
        drafts = self._mailbox.drafts()
        if not drafts:
            return {"refused": "there is none"}
        draft = self._chance.choice(drafts[:4]).id
        ask(draft)
        return {"id": draft, "subject": subject}


def main(store: str, number: int, steps: int) -> None:
    """Do so many things, as soon as there is a file that says so."""
    with open_book(store, deliver=False) as book:
        hand = Hand(book.mailbox(OWNER), number)
        while not gate(Path(store)).exists():
            time.sleep(0.001)
        for _ in range(steps):
            hand.step()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
