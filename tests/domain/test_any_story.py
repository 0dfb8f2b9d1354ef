"""Stories with anything in them: random people, words, files and orders keep the same promises."""

from datetime import UTC, datetime
from typing import Any, cast, get_args, get_origin
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from letterbook.domain.attachments import (
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
)
from letterbook.domain.facts import Fact, Value, catalogue
from letterbook.domain.letter import Answers, Extension, Flag, Header, Letter, ReportAction, Thread
from letterbook.domain.meetings import Standing
from letterbook.domain.message import (
    Attach,
    Copy,
    CreateDraft,
    DeleteForGood,
    Detach,
    Import,
    Mention,
    Message,
    MessageCommand,
    MessageFact,
    Move,
    NoteDelivery,
    Receive,
    RemoveExtension,
    Replace,
    Report,
    Send,
    SetExtension,
    Stand,
    Unmention,
    Unsubscribe,
    Update,
)
from letterbook.domain.people import EmailAddress
from tests.chance import examples
from tests.domain.cast import ALEX, ARCHIVE, ARRIVED, DELETE, DRAFT, DRAFTS, INBOX, SENT_ITEMS, numbered
from tests.domain.harness import read_back, stored
from tests.domain.invariants import ask_for, check_storage

STEADY = settings(derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])

WORDS = st.text(max_size=8)
MOMENTS = st.datetimes(min_value=datetime(1601, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- made aware by `timezones`
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(WORDS, inside, max_size=3),
    max_leaves=5,
)
EXTENSIONS = st.builds(Extension, name=WORDS, values=st.dictionaries(WORDS, JSON, max_size=3))
st.register_type_strategy(Extension, EXTENSIONS)  # for those inside enclosed messages
BY_KIND: dict[object, st.SearchStrategy[Any]] = {
    str: WORDS,
    datetime: MOMENTS,
    datetime | None: MOMENTS | st.none(),
    Extension: EXTENSIONS,
}


def any_of(kind: object) -> st.SearchStrategy[Any]:
    """Anything a field of this type can hold."""
    if kind in BY_KIND:
        return BY_KIND[kind]
    if isinstance(kind, type) and issubclass(kind, Value):
        return like(kind)
    if get_origin(kind) is tuple:
        return st.lists(any_of(get_args(kind)[0]), max_size=2).map(tuple)
    if hasattr(kind, "__args__") and getattr(kind, "__origin__", None) is None:
        return st.one_of([any_of(each) for each in kind.__args__])
    if isinstance(kind, type) and kind is type(None):
        return st.none()
    return st.from_type(cast(type[Any], kind))


def field(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Anything that this field of a value can hold."""
    return any_of(info.annotation)


def like(kind: type[Value]) -> st.SearchStrategy[Any]:
    """Any value of this kind, with any of its optional fields left out."""
    if kind in BY_KIND:
        return BY_KIND[kind]
    fields = {
        name: info
        for name, info in kind.model_fields.items()
        if name != "kind" or len(get_args(info.annotation)) > 1  # else it is what the class already says
    }
    BY_KIND[kind] = st.fixed_dictionaries(
        {name: field(info) for name, info in fields.items() if info.is_required()},
        optional={name: field(info) for name, info in fields.items() if not info.is_required()},
    ).map(lambda given: kind(**given))
    return BY_KIND[kind]


# --- What is stored --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.stored_name)
def test_any_fact_is_read_back_as_it_was(kind: type[Fact]) -> None:
    @settings(STEADY, max_examples=examples(20))
    @for_all(like(kind))
    def read_back_as_it_was(fact: Fact) -> None:
        again = read_back(kind, stored(fact))
        assert again == fact
        assert stored(again) == stored(fact)

    read_back_as_it_was()


# --- What happens ----------------------------------------------------------------------------------

IDS: st.SearchStrategy[UUID] = st.integers(1, 3).map(numbered)
PEOPLE = st.builds(EmailAddress, name=WORDS, address=st.sampled_from(["a@b", "A@B", "c@d", "nobody", ""]))
SOMEBODY = st.lists(PEOPLE, max_size=2).map(tuple)
LETTERS = like(Letter) | st.builds(Letter, subject=WORDS, to=SOMEBODY, cc=SOMEBODY)
FILES = st.builds(
    FileAttachment,
    id=IDS,
    name=WORDS,
    content_type=st.none(),
    is_inline=st.booleans(),
    modified_at=MOMENTS,
    content=st.builds(Content, inline=st.binary(max_size=8)),
)
ITEMS = st.builds(ItemAttachment, id=IDS, name=WORDS, content_type=WORDS, modified_at=MOMENTS, item=LETTERS)
ATTACHMENTS: st.SearchStrategy[Attachment] = FILES | ITEMS | like(RecordAttachment)
MENTIONS = st.builds(Mention, mention_id=IDS, mentioned=PEOPLE, created_by=st.just(ALEX))
NAMED = st.builds(
    Extension, name=st.sampled_from(["", "a", "b"]), values=st.dictionaries(WORDS, JSON, max_size=2)
)
MARKS = st.builds(
    Update,
    is_read=st.none() | st.booleans(),
    flag=st.none() | like(Flag),
    categories=st.none() | st.lists(WORDS, max_size=2).map(tuple),
)
BEGINNINGS: st.SearchStrategy[MessageCommand] = (
    st.builds(
        CreateDraft,
        folder=st.just(DRAFTS),
        letter=LETTERS,
        thread=like(Thread),
        sent_at=st.none() | MOMENTS,
        is_read=st.booleans(),
        flag=like(Flag),
        attachments=st.lists(ATTACHMENTS, max_size=2).map(tuple),
        mentions=st.lists(MENTIONS, max_size=2).map(tuple),
        extensions=st.lists(NAMED, max_size=2).map(tuple),
        from_mime=st.booleans(),
        answers=st.none() | like(Answers),
        ties=st.lists(like(Header), max_size=2).map(tuple),
        carried=st.lists(ATTACHMENTS, max_size=2).map(tuple),
    )
    | st.builds(
        Receive,
        folder=st.just(INBOX),
        letter=LETTERS,
        thread=like(Thread),
        sent_at=MOMENTS,
        attachments=st.lists(ATTACHMENTS, max_size=2).map(tuple),
    )
    | st.builds(
        Import,
        origin=WORDS,
        folder=st.just(ARCHIVE),
        kind=st.sampled_from(["draft", "sent", "received"]),
        letter=LETTERS,
        thread=like(Thread),
        received_at=MOMENTS,
        sent_at=MOMENTS,
        extensions=st.lists(NAMED, max_size=2).map(tuple),
    )
    | st.builds(Copy, source=IDS, original=st.sampled_from([DRAFT, ARRIVED]), folder=st.just(ARCHIVE))
)
ASKS: st.SearchStrategy[MessageCommand] = st.one_of(
    st.builds(Update, changes=LETTERS),
    st.builds(
        Replace,
        letter=LETTERS,
        sent_at=st.none() | MOMENTS,
        attachments=st.lists(ATTACHMENTS, max_size=2).map(tuple),
    ),
    st.builds(Report, st.sampled_from(ReportAction)),
    st.builds(Unsubscribe, WORDS),
    st.builds(Stand, like(Standing)),
    st.just(DeleteForGood()),
    MARKS,
    MENTIONS,
    st.builds(Unmention, IDS),
    st.builds(Attach, ATTACHMENTS),
    st.builds(Detach, IDS),
    st.builds(SetExtension, NAMED, st.booleans()),
    st.builds(RemoveExtension, st.sampled_from(["a", "b"])),
    st.builds(Send, owner=st.just(ALEX), keep_in=st.sampled_from([SENT_ITEMS, None])),
    st.builds(Move, st.sampled_from([ARCHIVE, DRAFTS, INBOX])),
    st.just(DELETE),
    st.builds(NoteDelivery, recipient=WORDS, via=WORDS, failure=st.none() | WORDS),
)


@settings(STEADY, max_examples=examples(80))
@for_all(BEGINNINGS, st.lists(ASKS, max_size=12))
def test_any_story_keeps_the_promises(beginning: MessageCommand, asks: list[MessageCommand]) -> None:
    past: tuple[MessageFact, ...] = ()
    state: Message | None = None
    for ask in (beginning, *asks):
        past, state = ask_for(past, state, ask)
    check_storage(past)
