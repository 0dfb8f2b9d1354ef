"""Facts of earlier versions: read by what they were, and told in today's words.

A fact whose meaning or shape must change gets a new stored name with the next number, and the class of the
old one goes. In its place comes an upcaster: a pure function from the old fields to those of the next
version. A fact that was stored as version 1 goes through every upcaster up to today's. Nothing in the
history is ever written anew.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from letterbook.domain import mailbox, message
from letterbook.domain.facts import Fact, UnknownFact, catalogue

KINDS = (mailbox.MailboxFact, message.MessageFact)
"""Named here so that every kind of fact is in the catalogue before it is asked for."""

Fields = dict[str, Any]
"""What was stored of a fact, as JSON."""

_JSON = TypeAdapter(Fields)
_NAME = re.compile(r"(?P<family>[a-z-]+\.[a-z-]+)\.v(?P<number>[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Upcaster:
    """How the facts stored under one name are told as those of the next version.

    ``change`` gets the stored fields, ``on`` among them, and gives those of the next version; it changes
    nothing else and asks nobody.
    """

    was: str
    change: Callable[[Fields], Fields]


UPCASTERS: tuple[Upcaster, ...] = ()
"""Every upcaster there is. One that was released stays for ever."""


class NewerFact(UnknownFact):
    """The history holds a fact of a version that only a newer program knows."""

    def __init__(self, name: str, newest: int) -> None:
        super().__init__(name)
        known = f"this program knows that kind up to version {newest}"
        self.args = (f"the history holds a fact stored as {name!r}; {known}. Use a newer Letterbook.",)


class UnreadableFact(UnknownFact):
    """The history holds a fact that says something that this program has no word for."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        what = f"the history holds a fact stored as {name!r} that cannot be read: {why}."
        self.args = (f"{what} Use a newer Letterbook, if one has written it.",)


def unreadable(name: str, error: ValidationError) -> UnreadableFact:
    """What is wrong with a fact first, and with which part of it; nothing of what it says."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return UnreadableFact(name, f"{where}: {first['msg']}" if where else first["msg"])


class VersionGap(Exception):
    """The program itself is wrong: facts of some version could not be read."""


class Versions:
    """Every version of every kind of fact, and how each is read."""

    def __init__(self, kinds: Iterable[type[Fact]], upcasters: Iterable[Upcaster]) -> None:
        """Raises :class:`VersionGap` if there is a version from 1 to today's that could not be read."""
        self.kinds: Mapping[str, type[Fact]] = {kind.stored_name: kind for kind in kinds}
        self._newest: dict[str, int] = {}
        for name in self.kinds:
            family, number = _parted(name)
            if family in self._newest:
                raise VersionGap(f"there are two versions of {family} at the same time")
            self._newest[family] = number
        self._upcasters = self._by_name(upcasters)
        self._check_gaps()

    def _by_name(self, upcasters: Iterable[Upcaster]) -> dict[str, Upcaster]:
        known: dict[str, Upcaster] = {}
        for each in upcasters:
            family, number = _parted(each.was)
            if each.was in known:
                raise VersionGap(f"there are two upcasters for {each.was}")
            if number >= self._newest.get(family, 0):
                raise VersionGap(f"the upcaster for {each.was} leads nowhere")
            known[each.was] = each
        return known

    def _check_gaps(self) -> None:
        for family, newest in self._newest.items():
            for number in range(1, newest):
                if (was := f"{family}.v{number}") not in self._upcasters:
                    raise VersionGap(f"nothing says how {was} is read")

    def read(self, name: str, state: bytes) -> Fact:
        """A fact, from the name and the JSON under which it was stored. Raises :class:`UnknownFact`."""
        kind = self.kinds.get(name)
        if kind is None:
            name, state = self._told_today(name, state)
            kind = self.kinds[name]
        fact: Fact = kind.__pydantic_validator__.validate_json(state)
        return fact

    def check_known(self, name: str) -> None:
        """Raises :class:`UnknownFact` for the name of a fact that could not be read."""
        if name not in self.kinds and name not in self._upcasters:
            raise self._unknown(name)

    def _told_today(self, name: str, state: bytes) -> tuple[str, bytes]:
        self.check_known(name)
        fields: Fields = _JSON.validate_json(state)
        family, number = _parted(name)
        while number < self._newest[family]:
            fields = self._upcasters[f"{family}.v{number}"].change(fields)
            number += 1
        return f"{family}.v{number}", _JSON.dump_json(fields)

    def _unknown(self, name: str) -> UnknownFact:
        found = _NAME.fullmatch(name)
        newest = self._newest.get(found["family"]) if found else None
        return NewerFact(name, newest) if newest else UnknownFact(name)


def _parted(name: str) -> tuple[str, int]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise VersionGap(f"{name!r} is no stored name: it has no version")
    return found["family"], int(found["number"])


TODAY = Versions(catalogue(), UPCASTERS)
"""The facts of this program. Made when the program starts, which does not if a version is missing."""
