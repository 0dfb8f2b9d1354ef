"""What a fact is, and the register of the names under which facts are stored.

A fact is something that happened: past tense, never changed, never refused. Its *stored name* is part of
the file format and has nothing to do with where its class lives, so classes may move and be renamed.
The fields of a fact have types but no limits: limits are rules, rules change, and old mail stays readable.
"""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Something that is what it says: compared by content, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Occasion(Value):
    """Who did something, when, and what led to it.

    ``at`` is a moment in UTC. ``actor`` is a mail address, or ``app:<id>``, or ``system:<part>``.
    ``cause`` is ``request:<id>`` for what a person asked for, ``message:<mailbox>/<uuid>`` for what became of
    a message that was on its way, ``fact:<mailbox>/<position>`` for what followed from an earlier fact,
    ``rule:<id>`` for what a rule of an inbox wants, or ``rule:<id>,<id>`` for what several want together.
    Older histories also have ``fact:<mailbox>/<uuid>``, for what became of a message that was on its way.
    """

    at: datetime
    actor: str
    cause: str


class Fact(Value):
    """Something that happened, on some occasion."""

    stored_name: ClassVar[str]
    in_clear: ClassVar[bool] = False
    """Whether an encrypted store keeps it readable without a key, because it must outlive the keys."""

    on: Occasion

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, stored_as: str | None = None, in_clear: bool = False, **rest: Any
    ) -> None:
        super().__pydantic_init_subclass__(**rest)
        if stored_as is not None:
            cls.in_clear = in_clear
            _register(cls, stored_as)

    def __init_subclass__(cls, *, stored_as: str | None = None, in_clear: bool = False, **rest: Any) -> None:
        super().__init_subclass__(**rest)


class Forgotten(Fact):
    """Something happened, and what it was can be read no more: its key was destroyed when it was erased.

    Never stored: it stands for a fact that is, in its place. ``kind`` is the stored name of that fact; the
    occasion says when it was recorded, and neither who did it nor why.
    """

    stored_name: ClassVar[str] = "forgotten"

    kind: str


def forgotten(kind: str, recorded_at: datetime) -> Forgotten:
    """What is left of a fact that was recorded at a moment."""
    return Forgotten(on=Occasion(at=recorded_at, actor="", cause=""), kind=kind)


def name_of(fact: Fact) -> str:
    """Under which name a fact is stored, also one that is forgotten."""
    return fact.kind if isinstance(fact, Forgotten) else fact.stored_name


_BY_NAME: dict[str, type[Fact]] = {}


def _register(kind: type[Fact], name: str) -> None:
    if name in _BY_NAME:
        raise ValueError(f"two facts are stored as {name!r}: {_BY_NAME[name].__name__} and {kind.__name__}")
    kind.stored_name = name
    _BY_NAME[name] = kind


class UnknownFact(Exception):
    """The history holds a fact that this program has no word for; it is never dropped in silence."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the history holds a fact stored as {name!r}, which this version does not know")


def kind_of(stored_name: str) -> type[Fact]:
    """The class of the facts stored under a name."""
    try:
        return _BY_NAME[stored_name]
    except KeyError:
        raise UnknownFact(stored_name) from None


def catalogue() -> tuple[type[Fact], ...]:
    """Every kind of fact there is, by stored name."""
    return tuple(_BY_NAME[name] for name in sorted(_BY_NAME))
