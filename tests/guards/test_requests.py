"""What requests leave behind: nothing that only a search for cycles would find."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from letterbook.adapters.book import Book
from letterbook.adapters.cli.server import NEW_OBJECTS, nothing_but_serving
from tests.graph.client import ADELE, MEGAN, to
from tests.guards.wire import Wire
from tests.looping import Conversations

LETTER = {"subject": "Offsite", "toRecipients": to(ADELE, MEGAN)}
MENTION = {"mentioned": {"address": ADELE}}
DRAFTS = "/mailFolders/drafts/messages"

Asked = tuple[str, str, Any]


@pytest.fixture
def wire(book: Book, loop: Conversations) -> Wire:
    """Alex at the application."""
    return Wire(book, loop)


def life(wire: Wire) -> Iterator[Asked]:
    """A letter's way, with what is refused on it."""
    _, made = wire.answer("POST", "/messages", LETTER)
    draft = f"/messages/{made['id']}"
    yield "POST", "/messages", LETTER
    yield "PATCH", draft, LETTER
    yield "PATCH", draft, {"id": "mine"}
    yield "PATCH", draft, {"nobody": "knows"}
    yield "POST", f"{draft}/mentions", MENTION
    yield "POST", f"{draft}/send", None
    yield "POST", f"{draft}/send", None
    yield "GET", draft, None
    yield "GET", f"{DRAFTS}?$top=5", None
    yield "GET", f"{DRAFTS}?$top=5&$select=subject", None
    yield "GET", f"{DRAFTS}?$top=nonsense", None
    yield "GET", "/nothing", None
    yield "DELETE", "/messages", None


def test_no_request_leaves_a_cycle_behind(wire: Wire) -> None:
    """What it needed is gone when it is answered, refused or not."""
    statuses = [wire.answer(*asked)[0] for asked in life(wire)]
    assert statuses == [201, 200, 400, 400, 201, 202, 404, 404, 200, 200, 400, 400, 405]
    with unsearched():
        left = [(asked, _left_by(wire, asked)) for asked in life(wire)]
    assert [each for each in left if each[1]] == []


@contextmanager
def unsearched() -> Iterator[None]:
    """While nobody searches for cycles but the test, and it only among what is made from here on."""
    was = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _left_by(wire: Wire, asked: Asked) -> list[str]:
    """The kinds of ours, and of Python's frames, that only a search for cycles gives back."""
    gc.collect()
    wire.answer(*asked)
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        kinds = {f"{type(each).__module__}.{type(each).__name__}" for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    return sorted(kind for kind in kinds if kind.startswith("letterbook.") or kind == "builtins.frame")


def test_a_process_that_only_serves_searches_seldom_and_later_as_before() -> None:
    """As short as its threads' turns are, so rare are its searches."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    gc.set_threshold(700, 10, 10)
    try:
        with nothing_but_serving():
            assert gc.get_threshold() == (NEW_OBJECTS, 10, 10)
            assert gc.get_freeze_count() > 0
        assert (gc.get_threshold(), gc.get_freeze_count()) == ((700, 10, 10), 0)
    finally:
        gc.set_threshold(*before)
        if frozen:
            gc.freeze()
