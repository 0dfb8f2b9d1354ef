"""Bringing in a letter that was kept elsewhere."""

from dataclasses import replace

import pytest

from letterbook.domain import refusals
from letterbook.domain.letter import Extension, Flag
from letterbook.domain.message import (
    Draft,
    Import,
    Message,
    Move,
    ReceivedMessage,
    Send,
    Sent,
    SentMessage,
    Update,
)
from tests.domain.cast import (
    ALEX,
    ARCHIVE,
    DUE,
    EARLIER,
    IMPORT,
    INBOX,
    LETTER,
    LONG_AGO,
    SENT_ITEMS,
    archived,
    deleted,
    imported,
    marked_read,
    received,
)
from tests.domain.harness import given, tell


def test_a_letter_is_brought_in_with_its_moments_and_marks() -> None:
    given().when(IMPORT).then(imported)
    state = tell(imported)
    assert (state.received_at, state.sent_at, state.created_at) == (LONG_AGO, EARLIER.at, EARLIER.at)
    assert (state.is_read, state.categories) == (False, ("Red category",))


def test_it_is_brought_in_once_whatever_became_of_it() -> None:
    for past in ((imported,), (imported, archived), (imported, deleted), (received,)):
        given(*past).when(IMPORT).then()


@pytest.mark.parametrize(
    ("kind", "state"), [("draft", Draft), ("sent", SentMessage), ("received", ReceivedMessage)]
)
def test_it_is_what_it_was(kind: str, state: type[Message]) -> None:
    assert type(tell(imported.model_copy(update={"kind": kind}))) is state


def test_what_was_sent_or_received_elsewhere_is_not_sent_again() -> None:
    send = Send(owner=ALEX, keep_in=SENT_ITEMS)
    for kind in ("sent", "received"):
        given(imported.model_copy(update={"kind": kind})).when(send).refused(refusals.NotADraft)
    draft = imported.model_copy(update={"kind": "draft"})
    given(draft).when(send).then(Sent(on=EARLIER, author=ALEX, sender=ALEX, kept_in=SENT_ITEMS))


def test_its_owner_can_mark_and_move_it() -> None:
    given(imported).when(Update(is_read=True)).then(marked_read)
    given(imported.model_copy(update={"folder": INBOX})).when(Move(ARCHIVE)).then(archived)


def test_only_what_differs_from_a_plain_letter_is_stored() -> None:
    plain = Import(
        origin=IMPORT.origin,
        folder=ARCHIVE,
        kind="sent",
        letter=LETTER,
        thread=IMPORT.thread,
        received_at=LONG_AGO,
        sent_at=LONG_AGO,
    )
    expected = imported.model_copy(update={"kind": "sent", "sent_at": LONG_AGO})
    kept = {"on", "origin", "folder", "kind", "letter", "thread", "received_at", "sent_at"}
    given().when(plain).then(type(imported)(**{name: getattr(expected, name) for name in kept}))


def test_what_no_program_could_read_again_is_refused() -> None:
    given().when(replace(IMPORT, flag=Flag(due=DUE))).refused(refusals.DueWithoutStart)
    endless = Extension(name="Com.Contoso.Referral", values={"dealValue": float("inf")})
    given().when(replace(IMPORT, extensions=(endless,))).refused(refusals.ExtensionMalformed)
