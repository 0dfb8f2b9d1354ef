"""Mail addresses, the people behind them, and when two are the same."""

import re
from collections.abc import Callable, Iterable

from letterbook.domain.erasing_refusals import OrderedByNobody
from letterbook.domain.facts import Occasion, Value

Directory = Callable[[str], str | None]
"""Knows the display name of an address, or ``None``."""


_NEVER_IN_AN_ADDRESS = frozenset(' <>,;"')
_NO_PERSON = re.compile(r"(?:app|system):[^\s\0-\x1f\x7f]+")
"""How facts name an application, or a part of this one."""


class EmailAddress(Value):
    """A person as mail knows them: an address, and the name shown beside it (Graph: emailAddress)."""

    name: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """What makes two addresses the same mailbox: the address without regard to case."""
        return self.address.casefold()

    @property
    def deliverable(self) -> bool:
        """Whether mail could be handed to this address: one ``@`` between something, and nothing unseen.

        RFC 5321 section 4.1.2 gives the full grammar; a mail system may still refuse the address.
        """
        local, at, domain = self.address.rpartition("@")
        return (
            bool(local and at and domain)
            and self.address.isprintable()
            and _NEVER_IN_AN_ADDRESS.isdisjoint(self.address)
        )

    def same_as(self, other: "EmailAddress") -> bool:
        """Whether both name the same mailbox, however they are written."""
        return self.key == other.key


def introduce(person: EmailAddress, directory: Directory) -> EmailAddress:
    """Give a person a name: the given one, else the directory's, else the address itself.

    Source: the samples of *Create message*, where ``AlexW@contoso.com`` is answered as "Alex Wilber" and
    ``AdeleV@contoso.com``, unknown there, as itself.
    """
    if person.name:
        return person
    return EmailAddress(name=directory(person.address) or person.address, address=person.address)


def introduce_all(people: Iterable[EmailAddress], directory: Directory) -> tuple[EmailAddress, ...]:
    """Give every person of a list a name."""
    return tuple(introduce(person, directory) for person in people)


def check_ordered(on: Occasion) -> None:
    """What is kept or forgotten for good is ordered by somebody: a person with an address, or a program."""
    if not EmailAddress(address=on.actor).deliverable and not _NO_PERSON.fullmatch(on.actor):
        raise OrderedByNobody(on.actor)
