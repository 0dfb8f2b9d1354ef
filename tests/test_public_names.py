"""What an embedder names, writes, gets back or has to catch can be imported from the package itself."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from inspect import getattr_static, isfunction
from typing import get_args, get_type_hints

import pytest
from starlette.types import ASGIApp

import letterbook
from letterbook import Book, Keeper, Mailbox, Subscriptions, open_book

PUBLIC = {id(getattr(letterbook, name)) for name in letterbook.__all__}


def methods() -> Iterator[Callable[..., object]]:
    """Every function that an embedder calls."""
    for owner in (Book, Mailbox, Subscriptions):
        for name in dir(owner):
            method = getattr_static(owner, name)
            if isfunction(method) and not name.startswith("_"):
                yield method


def classes_in(hint: object) -> Iterator[type]:
    """The classes of ours that an annotation names."""
    if isinstance(hint, type) and hint.__module__.startswith("letterbook."):
        yield hint
    for inside in hint if isinstance(hint, list) else get_args(hint):
        yield from classes_in(inside)


def named_by(function: Callable[..., object]) -> set[type]:
    """What a function takes and gives."""
    hints = get_type_hints(
        function, {**vars(sys.modules[function.__module__]), "ASGIApp": ASGIApp, "Keeper": Keeper}
    )
    return {each for hint in hints.values() for each in classes_in(hint)}


@pytest.mark.parametrize("function", [open_book, *methods()], ids=lambda function: function.__qualname__)
def test_whatever_is_taken_and_given_has_a_public_name(function: Callable[..., object]) -> None:
    """So that an embedder can annotate with it."""
    assert [each.__qualname__ for each in named_by(function) if id(each) not in PUBLIC] == []


def test_there_is_something_to_look_at() -> None:
    """The check above would go well with no methods, or no annotations."""
    assert named_by(open_book) >= {letterbook.Clock, letterbook.Transport, letterbook.Limits}
    assert len(list(methods())) > 50


WRITTEN = (
    "Clock",
    "Gatekeeper",
    "NotAdmitted",
    "Notary",
    "Transport",
    "TryLater",
    "Undeliverable",
    "Visitor",
)
CAUGHT = (
    "MoveRefused",
    "NoCheckpoint",
    "Refused",
    "SealBroken",
    "StoreTrouble",
    "UnknownFact",
    "WebhookRefused",
)


@pytest.mark.parametrize("name", [*WRITTEN, "Witness", *CAUGHT])
def test_what_is_written_or_caught_has_a_public_name(name: str) -> None:
    """What the parameters of ``open_book`` are written with, and what may be raised."""
    assert name in letterbook.__all__


def test_what_takes_long_to_import_is_imported_by_whoever_needs_it() -> None:
    """An embedder without an identity provider never waits for its libraries."""
    looks = (
        "import sys, letterbook\n"
        "assert 'jwt' not in sys.modules, 'too early'\n"
        "letterbook.ProviderTokens\n"
        "assert 'jwt' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", looks], check=True, timeout=60)


def test_what_is_not_there_is_an_error_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Postman'"):
        getattr(letterbook, "Postman")  # noqa: B009 - the type checker knows, too
