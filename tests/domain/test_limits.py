"""How much, how many and in what shape; and that no old letter falls under a new limit."""

from dataclasses import replace

import pytest

from letterbook.domain import refusals
from letterbook.domain.attachments import (
    FILE_LIMIT,
    UPLOAD_LIMIT,
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
    depth,
    events_deep,
)
from letterbook.domain.letter import (
    BlobRef,
    DateTimeTimeZone,
    ExtendedProperty,
    Extension,
    Flag,
    FlagStatus,
    Header,
    Letter,
)
from letterbook.domain.message import (
    Attach,
    AttachmentAdded,
    CreateDraft,
    DraftUpdated,
    ExtensionSet,
    Flagged,
    SetExtension,
    Update,
)
from letterbook.domain.message.limits import (
    ATTACHED_LIMIT,
    ATTACHMENT_LIMIT,
    DEPTH_LIMIT,
    EVENT_NESTING_LIMIT,
    NESTING_LIMIT,
)
from letterbook.domain.people import EmailAddress
from tests.domain.cast import (
    ADDRESSLESS,
    ADELE,
    DRAFTS,
    DUE,
    EARLIER,
    ENCLOSED,
    LETTER,
    MENU,
    REFERRAL,
    SEND,
    START,
    THREAD,
    begun,
    numbered,
    sent,
)
from tests.domain.harness import given, tell


def people(count: int) -> tuple[EmailAddress, ...]:
    """That many recipients."""
    return tuple(EmailAddress(name=f"{n}", address=f"{n}@contoso.com") for n in range(count))


def begin(letter: Letter, *, from_mime: bool = False) -> CreateDraft:
    """Asks for a draft of this letter."""
    return CreateDraft(folder=DRAFTS, letter=letter, thread=THREAD, from_mime=from_mime)


def headers(*names: str, value: str = "red") -> tuple[Header, ...]:
    """Headers of these names."""
    return tuple(Header(name=name, value=value) for name in names)


# --- Recipients ------------------------------------------------------------------------------------


def test_500_recipients_are_allowed_over_all_lines_together() -> None:
    crowd = Letter(to=people(200), cc=people(200), bcc=people(100))
    given().when(begin(crowd)).then(begun.model_copy(update={"letter": crowd}))
    given(begun).when(Update(changes=crowd)).then(DraftUpdated(on=EARLIER, changes=crowd))


def test_501_recipients_are_refused_over_all_lines_together() -> None:
    crowd = Letter(to=people(200), cc=people(200), bcc=people(101))
    given().when(begin(crowd)).refused(refusals.TooManyRecipients)
    given().when(begin(crowd, from_mime=True)).refused(refusals.TooManyRecipients)
    given(begun).when(Update(changes=crowd)).refused(refusals.TooManyRecipients)


def test_recipients_are_counted_with_those_who_are_there_already() -> None:
    full = begun.model_copy(update={"letter": Letter(to=people(500))})
    given(full).when(Update(changes=Letter(cc=people(1)))).refused(refusals.TooManyRecipients)


def test_reply_to_does_not_count() -> None:
    letter = Letter(to=people(500), reply_to=people(1))
    given().when(begin(letter)).then(begun.model_copy(update={"letter": letter}))


# --- Headers ---------------------------------------------------------------------------------------

FIVE = headers("x-a", "X-B", "x-c", "x-d", "x-e")
SIX = (*FIVE, *headers("x-f"))


def test_five_custom_headers_are_allowed() -> None:
    letter = Letter(headers=FIVE)
    given().when(begin(letter)).then(begun.model_copy(update={"letter": letter}))
    given(begun).when(Update(changes=letter)).then(DraftUpdated(on=EARLIER, changes=letter))


def test_six_custom_headers_are_refused() -> None:
    given().when(begin(Letter(headers=SIX))).refused(refusals.TooManyHeaders)
    given(begun).when(Update(changes=Letter(headers=SIX))).refused(refusals.TooManyHeaders)


def test_a_mime_message_brings_all_of_its_headers() -> None:
    letter = Letter(headers=(*SIX, *headers("List-Unsubscribe", "Received")))
    from_mime = begun.model_copy(update={"letter": letter, "from_mime": True, "sent_at": None})
    given().when(begin(letter, from_mime=True)).then(from_mime)


@pytest.mark.parametrize("name", ["colour", "Subject", "", "y-colour", "xcolour", " x-colour", "Bcc"])
def test_only_custom_headers_can_be_set(name: str) -> None:
    letter = Letter(headers=headers(name))
    given().when(begin(letter)).refused(refusals.HeaderNotCustom)
    given(begun).when(Update(changes=letter)).refused(refusals.HeaderNotCustom)


@pytest.mark.parametrize("name", ["x-a:b", "x-a b", "x-a\r\nBcc", "x-a\n", "x-\u00e4", "x-a\t", "x-\x7f"])
def test_no_header_is_smuggled_in_by_a_name(name: str) -> None:
    given().when(begin(Letter(headers=headers(name)))).refused(refusals.HeaderMalformed)


@pytest.mark.parametrize(
    "value", ["red\r\nBcc: meganb@contoso.com", "red\n x", "red\rBcc: meganb@contoso.com", "red\0", "\x1b[2J"]
)
def test_no_header_is_smuggled_in_by_a_value(value: str) -> None:
    letter = Letter(headers=headers("x-colour", value=value))
    given().when(begin(letter)).refused(refusals.HeaderMalformed)
    given(begun).when(Update(changes=letter)).refused(refusals.HeaderMalformed)


@pytest.mark.parametrize("value", ["", "red", "dark red", "red\tgreen", "赤"])
def test_a_header_has_any_value_of_one_line(value: str) -> None:
    letter = Letter(headers=headers("x-colour", value=value))
    given().when(begin(letter)).then(begun.model_copy(update={"letter": letter}))


# --- Flags -----------------------------------------------------------------------------------------

DUE_WITHOUT_START = Flag(status=FlagStatus.FLAGGED, due=DUE)


def test_a_due_date_needs_a_start_date() -> None:
    given(begun).when(Update(flag=DUE_WITHOUT_START)).refused(refusals.DueWithoutStart)
    given(begun, sent).when(Update(flag=DUE_WITHOUT_START)).refused(refusals.DueWithoutStart)
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, flag=DUE_WITHOUT_START)
    given().when(ask).refused(refusals.DueWithoutStart)


def test_a_start_date_needs_no_due_date() -> None:
    started = Flag(status=FlagStatus.FLAGGED, start=START)
    given(begun).when(Update(flag=started)).then(Flagged(on=EARLIER, flag=started))


def test_a_completed_flag_needs_no_dates() -> None:
    done = Flag(status=FlagStatus.COMPLETE, completed=DateTimeTimeZone(date_time="2017", time_zone="UTC"))
    given(begun).when(Update(flag=done)).then(Flagged(on=EARLIER, flag=done))


# --- Attachments -----------------------------------------------------------------------------------


def file_of(size: int) -> FileAttachment:
    """A file of that many bytes, kept beside the history."""
    content = Content(blob=BlobRef(sha256="0" * 64, size=size))
    return FileAttachment(
        id=numbered(8), name="film", content_type=None, modified_at=EARLIER.at, content=content
    )


def test_a_file_below_3_mb_fits() -> None:
    film = file_of(FILE_LIMIT - 1)
    given(begun).when(Attach(film)).then(AttachmentAdded(on=EARLIER, attachment=film))


def test_a_file_of_3_mb_is_refused() -> None:
    assert FILE_LIMIT == 3 * 1024 * 1024
    given(begun).when(Attach(file_of(FILE_LIMIT))).refused(refusals.AttachmentTooLarge)
    inside = Content(inline=bytes(FILE_LIMIT))
    given(begun).when(Attach(file_of(0).model_copy(update={"content": inside}))).refused(
        refusals.AttachmentTooLarge
    )


def test_a_file_too_large_takes_the_whole_draft_with_it() -> None:
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, attachments=(file_of(FILE_LIMIT),))
    given().when(ask).refused(refusals.AttachmentTooLarge)


def test_an_uploaded_file_may_have_150_mb() -> None:
    assert UPLOAD_LIMIT == 150 * 1024 * 1024
    film = file_of(UPLOAD_LIMIT)
    given(begun).when(Attach(film, uploaded=True)).then(AttachmentAdded(on=EARLIER, attachment=film))
    longer = file_of(UPLOAD_LIMIT + 1)
    given(begun).when(Attach(longer, uploaded=True)).refused(refusals.UploadTooLarge)


def test_a_new_draft_can_bring_along_files_that_come_in_no_request() -> None:
    film, longer = file_of(UPLOAD_LIMIT), file_of(UPLOAD_LIMIT + 1)
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, attachments=(film,), uploaded=True)
    given().when(ask).then(begun, AttachmentAdded(on=EARLIER, attachment=film))
    given().when(replace(ask, attachments=(longer,))).refused(refusals.UploadTooLarge)


def test_a_new_draft_can_bring_along_what_was_uploaded_before() -> None:
    film = file_of(UPLOAD_LIMIT)
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, carried=(film,))
    given().when(ask).then(begun, AttachmentAdded(on=EARLIER, attachment=film))


def test_what_a_new_draft_brings_along_leaves_less_room_for_other_files() -> None:
    film, menu = file_of(ATTACHED_LIMIT), MENU.model_copy(update={"id": numbered(10)})
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, carried=(film,), attachments=(menu,))
    given().when(ask).refused(refusals.MessageTooLarge)


def test_all_attachments_together_have_150_mb_at_most() -> None:
    half = AttachmentAdded(on=EARLIER, attachment=file_of(ATTACHED_LIMIT // 2))
    rest = file_of(ATTACHED_LIMIT - ATTACHED_LIMIT // 2).model_copy(update={"id": numbered(9)})
    one_more = MENU.model_copy(update={"id": numbered(10)})
    added = AttachmentAdded(on=EARLIER, attachment=rest)
    given(begun, half).when(Attach(rest, uploaded=True)).then(added)
    given(begun, half, added).when(Attach(one_more)).refused(refusals.MessageTooLarge)
    given(begun, half, added).when(Attach(rest, uploaded=True)).then()


def enclosing(levels: int, inside: Attachment) -> ItemAttachment:
    """Messages enclosed in one another, and what is in the innermost."""
    item = ENCLOSED.model_copy(update={"attachments": (inside,)})
    for number in range(levels - 1):
        item = ENCLOSED.model_copy(update={"id": numbered(100 + number), "attachments": (item,)})
    return item


def test_messages_are_enclosed_in_one_another_30_levels_deep() -> None:
    deep = enclosing(NESTING_LIMIT, MENU)
    assert (NESTING_LIMIT, depth(deep), deep.size) == (30, 30, 30 * ENCLOSED.size + MENU.size)
    given(begun).when(Attach(deep)).then(AttachmentAdded(on=EARLIER, attachment=deep))
    given(begun).when(Attach(enclosing(NESTING_LIMIT + 1, MENU))).refused(refusals.NestedTooDeeply)


def test_what_is_enclosed_keeps_the_limits_of_what_is_not() -> None:
    given(begun).when(Attach(enclosing(2, file_of(FILE_LIMIT)))).refused(refusals.AttachmentTooLarge)
    many = ENCLOSED.model_copy(update={"attachments": (MENU,) * (ATTACHMENT_LIMIT + 1)})
    given(begun).when(Attach(enclosing(1, many))).refused(refusals.TooMany)
    crowd = ENCLOSED.model_copy(update={"item": Letter(to=people(501))})
    given(begun).when(Attach(crowd)).refused(refusals.TooManyRecipients)
    late = ENCLOSED.model_copy(update={"flag": DUE_WITHOUT_START})
    given(begun).when(Attach(late)).refused(refusals.DueWithoutStart)


def test_what_hangs_on_an_enclosed_message_has_the_limits_of_others() -> None:
    for more, refusal in (
        ({"extensions": (Extension(name="", values={}),)}, refusals.ExtensionNameMissing),
        ({"extensions": (REFERRAL,) * 101}, refusals.TooMany),
        ({"mentions": (ADDRESSLESS,)}, refusals.AddressImpossible),
        ({"mentions": (ADELE,) * 501}, refusals.TooMany),
    ):
        given(begun).when(Attach(ENCLOSED.model_copy(update=more))).refused(refusal)
    kept = ENCLOSED.model_copy(update={"extensions": (REFERRAL,), "mentions": (ADELE,)})
    given(begun).when(Attach(kept)).then(AttachmentAdded(on=EARLIER, attachment=kept))


def test_an_enclosed_message_that_came_as_mime_is_what_it_is() -> None:
    crowd = ENCLOSED.model_copy(
        update={"item": Letter(to=people(501)), "mime": Content(inline=b"To: everybody\r\n\r\n")}
    )
    given(begun).when(Attach(crowd)).then(AttachmentAdded(on=EARLIER, attachment=crowd))


# --- Events and contacts ---------------------------------------------------------------------------

LUNCH = RecordAttachment(
    id=numbered(90),
    kind="event",
    name="Lunch",
    content_type=None,
    modified_at=EARLIER.at,
    content=Content(inline=b'{"subject":"Lunch"}'),
)


def lunch(**more: object) -> RecordAttachment:
    """An event with something on it."""
    return LUNCH.model_copy(update=more)


def test_an_event_keeps_what_is_attached_and_hangs_on_it() -> None:
    color = ExtendedProperty(id="String 0x1", value="Green")
    kept = lunch(attachments=(MENU, ENCLOSED, LUNCH), extensions=(REFERRAL,), properties=(color,))
    given(begun).when(Attach(kept)).then(AttachmentAdded(on=EARLIER, attachment=kept))
    assert kept.size == LUNCH.size + MENU.size + ENCLOSED.size + LUNCH.size


def test_an_event_of_3_mb_is_too_large_with_all_that_is_attached_to_it() -> None:
    fits = lunch(content=Content(blob=BlobRef(sha256="0" * 64, size=FILE_LIMIT - MENU.size - 1)))
    fits = fits.model_copy(update={"attachments": (MENU,)})
    given(begun).when(Attach(fits)).then(AttachmentAdded(on=EARLIER, attachment=fits))
    full = fits.model_copy(update={"attachments": (MENU, LUNCH)})
    given(begun).when(Attach(full)).refused(refusals.AttachmentTooLarge)
    given(begun).when(Attach(enclosing(1, full))).refused(refusals.AttachmentTooLarge)
    given(begun).when(Attach(full, uploaded=True)).then(AttachmentAdded(on=EARLIER, attachment=full))


def test_what_hangs_on_an_event_has_the_limits_of_a_message() -> None:
    for more, refusal in (
        ({"extensions": (Extension(name="", values={}),)}, refusals.ExtensionNameMissing),
        ({"extensions": (REFERRAL,) * 101}, refusals.TooMany),
        ({"attachments": (MENU,) * (ATTACHMENT_LIMIT + 1)}, refusals.TooMany),
        ({"attachments": (file_of(FILE_LIMIT),)}, refusals.AttachmentTooLarge),
        (
            {"attachments": (ENCLOSED.model_copy(update={"flag": DUE_WITHOUT_START}),)},
            refusals.DueWithoutStart,
        ),
        ({"properties": (ExtendedProperty(id="String 0x1", value=""),) * 251}, refusals.TooMany),
        ({"people": people(501)}, refusals.TooMany),
    ):
        given(begun).when(Attach(lunch(**more))).refused(refusal)


def test_an_event_counts_as_a_level_once_something_is_attached_to_it() -> None:
    assert [depth(each) for each in (LUNCH, lunch(attachments=(MENU,)), lunch(attachments=(LUNCH,)))] == [
        0,
        1,
        1,
    ]
    assert depth(lunch(attachments=(ENCLOSED,))) == 2
    deep = enclosing(NESTING_LIMIT, LUNCH)
    given(begun).when(Attach(deep)).then(AttachmentAdded(on=EARLIER, attachment=deep))
    deeper = enclosing(NESTING_LIMIT, lunch(attachments=(MENU,)))
    given(begun).when(Attach(deeper)).refused(refusals.NestedTooDeeply)


def test_events_with_something_attached_are_attached_to_one_another_4_levels_deep() -> None:
    deep = lunch(attachments=(MENU, LUNCH))
    for number in range(EVENT_NESTING_LIMIT - 1):  # a message in between makes no difference
        deep = lunch(attachments=(LUNCH, enclosing(2, deep) if number else deep))
    assert (EVENT_NESTING_LIMIT, events_deep(deep), events_deep(LUNCH), events_deep(MENU)) == (4, 4, 0, 0)
    whole = enclosing(3, deep)
    given(begun).when(Attach(whole)).then(AttachmentAdded(on=EARLIER, attachment=whole))
    given(begun).when(Attach(lunch(attachments=(deep,)))).refused(refusals.NestedTooDeeply)


# --- Open extensions -------------------------------------------------------------------------------


def nested(depth: int) -> Extension:
    """Data with lists that deep in one another."""
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return Extension.model_validate({"name": "Deep", "values": {"list": value}})


def test_data_nests_up_to_the_limit() -> None:
    deepest = nested(DEPTH_LIMIT)
    given(begun).when(SetExtension(deepest)).then(ExtensionSet(on=EARLIER, extension=deepest))


@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 197, 240])
def test_data_that_could_not_be_read_back_is_refused(depth: int) -> None:
    given(begun).when(SetExtension(nested(depth))).refused(refusals.ExtensionMalformed)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_does_not_know_are_refused(number: float) -> None:
    for value in (number, [number], {"deal": {"value": number}}):
        odd = Extension.model_validate({"name": "Odd", "values": {"value": value}})
        given(begun).when(SetExtension(odd)).refused(refusals.ExtensionMalformed)


# --- Old letters -----------------------------------------------------------------------------------


def test_a_letter_over_todays_limits_stays_readable() -> None:
    letter = Letter(to=people(600), headers=SIX)
    old = begun.model_copy(update={"letter": letter})
    assert tell(old, Flagged(on=EARLIER, flag=DUE_WITHOUT_START)).letter == letter
    assert tell(old, AttachmentAdded(on=EARLIER, attachment=file_of(10 * FILE_LIMIT))).has_attachments
    assert tell(old, ExtensionSet(on=EARLIER, extension=nested(DEPTH_LIMIT + 1))).extensions


def test_a_letter_over_todays_limits_can_be_sent_as_it_is() -> None:
    given(begun.model_copy(update={"letter": Letter(to=people(600))})).when(SEND).then(sent)
