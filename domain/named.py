"""Small collections that a mailbox keeps, each thing under its name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from letterbook.domain import refusals

T = TypeVar("T")


def one_of(known: Mapping[UUID, T], name: UUID) -> T:
    """One thing; refuses one that is not there."""
    try:
        return known[name]
    except KeyError:
        raise refusals.NotFound from None


def put(known: Mapping[UUID, T], name: UUID, thing: T) -> Mapping[UUID, T]:
    """The same collection with one more thing, or another one in the place of an earlier one."""
    return MappingProxyType({**known, name: thing})


def without(known: Mapping[UUID, T], name: UUID) -> Mapping[UUID, T]:
    """The same collection without one thing."""
    return MappingProxyType({key: each for key, each in known.items() if key != name})
