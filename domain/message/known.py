"""Whether a fact, as the fields it is stored as, says only what this program has words for.

Who makes the fact itself is told so on the way: no value takes a field that it does not know. Who retells the
fields has to look for that, and quickly.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from letterbook.domain.facts import catalogue

Says = Callable[[Any], bool]
"""Looks at JSON: whether it says only what is known."""
Parts = tuple[tuple[str, Says], ...]
"""Where to look on in a value, and how."""

_OF_FACTS: dict[str, Says] = {}


def says_only_known(name: str, fields: dict[str, Any]) -> bool:
    """Whether a fact stored under a name has no other fields, nor has anything in it."""
    try:
        return (_OF_FACTS.get(name) or _of_fact(name))(fields)
    except TypeError:  # something is of another kind than ever was written
        return False


def _of_fact(name: str) -> Says:
    kind = next((each for each in catalogue() if each.stored_name == name), None)
    _OF_FACTS[name] = says = _of(kind) if kind else _nothing
    return says


def _nothing(_fields: Any) -> bool:
    """Nothing is known of it."""
    return False


@cache
def _of(model: type[BaseModel]) -> Says:
    """Looks at a value. The same few fields come again and again, so what has to be done for them is kept."""
    annotations: dict[str, Any] = {name: field.annotation for name, field in model.model_fields.items()}
    if not any(_values_in(each) for each in annotations.values()):
        return frozenset(annotations).issuperset
    kept: dict[tuple[str, ...], Parts] = {}

    def says(fields: Any) -> bool:
        names = tuple(fields)
        parts = kept.get(names)
        if parts is None:
            if not annotations.keys() >= set(names):
                return False
            parts = kept[names] = tuple(_parts(names, annotations))
        for name, look in parts:  # noqa: SIM110 - a generator takes longer than what it would ask
            if not look(fields[name]):
                return False
        return True

    return says


def _parts(names: tuple[str, ...], annotations: dict[str, Any]) -> Iterator[tuple[str, Says]]:
    """Not asked before such a value is there: it may have its like in it."""
    for name in names:
        if models := _values_in(annotations[name]):
            always = annotations[name] is models[0]
            yield name, _of(models[0]) if always else _of_any(models)


def _of_any(models: tuple[type[BaseModel], ...]) -> Says:
    """Looks at a value of one of some kinds, at several, or at none."""
    one, *others = map(_of, models)

    def says(value: Any) -> bool:
        if type(value) is list:
            for each in value:  # noqa: SIM110 - as above
                if not (type(each) is dict and one(each)) and not says(each):
                    return False
            return True
        return type(value) is not dict or one(value) or any(other(value) for other in others)

    return says


@cache
def _values_in(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The values that a field may hold, however they are wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(each for inner in get_args(annotation) for each in _values_in(inner))
