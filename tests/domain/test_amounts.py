"""How much hangs on a message: each kind has a limit, asked about before anything is looked up."""

from dataclasses import replace
from uuid import UUID

import pytest

from letterbook.domain import refusals
from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.conversation import begin_thread
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import ExtendedProperty, Extension, Letter
from letterbook.domain.message import Attach, CreateDraft, Mention, SetExtension, Update, decide, fold, limits
from letterbook.domain.people import EmailAddress
from tests.fakes import MONDAY

ON = Occasion(at=MONDAY, actor="alexw@contoso.com", cause="request:1")
ALEX = EmailAddress(name="Alex Wilber", address="alexw@contoso.com")


def mentions(count: int) -> tuple[Mention, ...]:
    people = (EmailAddress(address=f"p{number}@contoso.com") for number in range(count))
    return tuple(
        Mention(mention_id=UUID(int=n), mentioned=who, created_by=ALEX) for n, who in enumerate(people)
    )


def attachments(count: int) -> tuple[FileAttachment, ...]:
    return tuple(
        FileAttachment(
            id=UUID(int=number), name="a", content_type=None, modified_at=MONDAY, content=Content(inline=b"")
        )
        for number in range(count)
    )


def extensions(count: int) -> tuple[Extension, ...]:
    return tuple(Extension(name=f"com.contoso.e{number}", values={"a": 1}) for number in range(count))


EMPTY = CreateDraft(folder=UUID(int=1), letter=Letter(), thread=begin_thread(UUID(int=2), MONDAY))


def with_amount(what: str, count: int) -> CreateDraft:
    match what:
        case "mentions":
            return replace(EMPTY, mentions=mentions(count))
        case "attachments":
            return replace(EMPTY, attachments=attachments(count))
        case "extensions":
            return replace(EMPTY, extensions=extensions(count))
        case "categories":
            return replace(EMPTY, categories=tuple(map(str, range(count))))
        case "properties":
            properties = tuple(ExtendedProperty(id=f"String 0x{n:04x}", value="") for n in range(count))
            return replace(EMPTY, letter=Letter(properties=properties))
        case _:
            people = tuple(EmailAddress(address=f"p{n}@contoso.com") for n in range(count))
            return replace(EMPTY, letter=Letter(reply_to=people))


LIMITS = [
    ("mentions", limits.MENTION_LIMIT),
    ("attachments", limits.ATTACHMENT_LIMIT),
    ("extensions", limits.EXTENSION_LIMIT),
    ("categories", limits.CATEGORY_LIMIT),
    ("properties", limits.PROPERTY_LIMIT),
    ("reply_to", limits.RECIPIENT_LIMIT),
]


@pytest.mark.parametrize(("what", "limit"), LIMITS)
def test_as_many_as_allowed_can_come_along(what: str, limit: int) -> None:
    assert decide(None, with_amount(what, limit), ON)


@pytest.mark.parametrize(("what", "limit"), LIMITS)
def test_one_more_is_refused(what: str, limit: int) -> None:
    with pytest.raises(refusals.TooMany):
        decide(None, with_amount(what, limit + 1), ON)


@pytest.mark.parametrize("what", ["mentions", "attachments", "extensions"])
def test_one_more_later_is_refused_too(what: str) -> None:
    limit = dict(LIMITS)[what]
    full = fold(None, decide(None, with_amount(what, limit), ON))
    more = with_amount(what, limit + 1)
    last: object = getattr(more, what)[-1]
    ask = last if isinstance(last, Mention) else SetExtension(last) if isinstance(last, Extension) else None
    with pytest.raises(refusals.TooMany):
        decide(full, ask or Attach(attachments(limit + 1)[-1]), ON)


def test_more_categories_later_are_refused_too() -> None:
    draft = fold(None, decide(None, EMPTY, ON))
    many = tuple(map(str, range(limits.CATEGORY_LIMIT + 1)))
    with pytest.raises(refusals.TooMany):
        decide(draft, Update(categories=many), ON)
