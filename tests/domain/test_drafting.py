"""Writing a letter: create, rewrite, mention, attach, leave data."""

from letterbook.domain import refusals
from letterbook.domain.attachments import FILE_LIMIT, Content, ItemAttachment
from letterbook.domain.letter import ExtendedProperty, Extension, Header, Importance, Letter, write_body
from letterbook.domain.message import (
    Attach,
    Categorised,
    CreateDraft,
    Detach,
    DraftCreated,
    DraftReplaced,
    DraftUpdated,
    ExtensionSet,
    Mention,
    MentionAdded,
    ReadStateChanged,
    RemoveExtension,
    Replace,
    SetExtension,
    Unmention,
    Update,
)
from letterbook.domain.people import EmailAddress
from tests.domain.cast import (
    ADELE,
    ALEX,
    ARCHIVE,
    BEGIN,
    DRAFTS,
    EARLIER,
    ENCLOSED,
    FOLLOW_UP,
    LETTER,
    LINKED,
    LOGO,
    MEGAN,
    MENTION,
    MENU,
    REFERRAL,
    REPLACE,
    SAMANTHA,
    SAMANTHA_IN_CAPITALS,
    THREAD,
    TIES,
    begun,
    deleted,
    filed,
    flagged,
    logo_attached,
    marked_unread,
    mention_taken_back,
    menu_attached,
    menu_taken_off,
    numbered,
    received,
    referral_removed,
    referral_set,
    replaced,
    rewritten,
    samantha_mentioned,
    sent,
    sent_and_not_kept,
)
from tests.domain.harness import answer, given, stored

# --- Beginning -------------------------------------------------------------------------------------


def test_a_draft_begins_with_its_letter() -> None:
    given().when(BEGIN).then(begun)


def test_an_empty_draft_can_begin() -> None:
    nothing_said = DraftCreated(on=EARLIER, folder=DRAFTS, letter=Letter(), thread=THREAD)
    given().when(CreateDraft(folder=DRAFTS, letter=Letter(), thread=THREAD)).then(nothing_said)


def test_beginning_the_same_draft_twice_says_nothing_new() -> None:
    given(begun).when(BEGIN).then()


def test_a_draft_can_begin_in_any_folder() -> None:
    elsewhere = begun.model_copy(update={"folder": ARCHIVE})
    given().when(CreateDraft(folder=ARCHIVE, letter=LETTER, thread=THREAD)).then(elsewhere)


def test_a_draft_from_mime_keeps_the_date_it_was_written() -> None:
    dated = begun.model_copy(update={"from_mime": True, "sent_at": EARLIER.at})
    from_mime = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, sent_at=EARLIER.at, from_mime=True)
    given().when(from_mime).then(dated)


def test_what_comes_along_with_a_draft_follows_as_facts_of_its_own() -> None:
    all_at_once = CreateDraft(
        folder=DRAFTS,
        letter=LETTER,
        thread=THREAD,
        is_read=False,
        flag=FOLLOW_UP,
        categories=("Red category",),
        attachments=(MENU, LOGO),
        mentions=(MENTION,),
        extensions=(REFERRAL,),
    )
    given().when(all_at_once).then(
        begun,
        samantha_mentioned,
        menu_attached,
        logo_attached,
        referral_set,
        marked_unread,
        flagged,
        filed,
    )


def test_what_comes_along_twice_is_said_once() -> None:
    twice = CreateDraft(
        folder=DRAFTS,
        letter=LETTER,
        thread=THREAD,
        attachments=(MENU, MENU),
        mentions=(MENTION, MENTION),
        extensions=(REFERRAL, REFERRAL),
    )
    given().when(twice).then(begun, samantha_mentioned, menu_attached, referral_set)


# --- Rewriting -------------------------------------------------------------------------------------


def test_rewriting_a_draft_says_only_what_changed() -> None:
    said = Letter(subject="Next week's game", importance=LETTER.importance, to=LETTER.to, body=LETTER.body)
    given(begun).when(Update(changes=said)).then(rewritten)


def test_only_what_changed_is_stored() -> None:
    assert b"subject" in stored(rewritten)
    assert not any(word in stored(rewritten) for word in (b"body", b"importance", b'"to"'))


def test_rewriting_a_draft_as_it_is_says_nothing_new() -> None:
    given(begun).when(Update(changes=LETTER)).then()
    given(begun).when(Update()).then()


def test_a_field_can_be_emptied() -> None:
    nobody = DraftUpdated(on=EARLIER, changes=Letter(to=()))
    given(begun).when(Update(changes=Letter(to=()))).then(nobody)


def test_recipients_are_replaced_not_added() -> None:
    replaced = DraftUpdated(on=EARLIER, changes=Letter(to=(MEGAN,)))
    given(begun).when(Update(changes=Letter(to=(MEGAN,)))).then(replaced)


def test_a_new_body_brings_its_own_preview() -> None:
    body = write_body("text", "See you there.")
    given(begun).when(Update(changes=Letter(body=body))).then(
        DraftUpdated(on=EARLIER, changes=Letter(body=body))
    )
    assert body.preview == "See you there."


def test_extended_properties_are_set_one_by_one() -> None:
    colour, size = (
        ExtendedProperty(id=f"String {{1}} Name {name}", value="1") for name in ("Colour", "Size")
    )
    bigger = ExtendedProperty(id=size.id, value="2")
    both = DraftUpdated(on=EARLIER, changes=Letter(properties=(colour, size)))
    given(begun, both).when(Update(changes=Letter(properties=(bigger,)))).then(
        DraftUpdated(on=EARLIER, changes=Letter(properties=(colour, bigger)))
    )
    given(begun, both).when(Update(changes=Letter(properties=(size,)))).then()


def test_one_request_can_change_the_letter_and_its_marks() -> None:
    ask = Update(
        changes=Letter(subject="Next week's game"),
        is_read=False,
        flag=FOLLOW_UP,
        categories=("Red category",),
    )
    given(begun).when(ask).then(rewritten, marked_unread, flagged, filed)


def test_what_is_not_there_cannot_be_rewritten() -> None:
    ask = Update(changes=Letter(subject="Next week's game"))
    given().when(ask).refused(refusals.NotFound)
    given(begun, deleted).when(ask).refused(refusals.NotFound)
    given(begun, sent_and_not_kept).when(ask).refused(refusals.NotFound)


# --- Mentions --------------------------------------------------------------------------------------


def test_mentioning_someone_in_a_draft_says_so() -> None:
    given(begun).when(MENTION).then(samantha_mentioned)


def test_mentioning_someone_twice_says_nothing_new() -> None:
    again = Mention(mention_id=numbered(99), mentioned=SAMANTHA_IN_CAPITALS, created_by=ALEX)
    given(begun, samantha_mentioned).when(again).then()


def test_several_people_can_be_mentioned() -> None:
    ask = Mention(mention_id=numbered(98), mentioned=ADELE, created_by=ALEX)
    given(begun, samantha_mentioned).when(ask).then(
        MentionAdded(on=EARLIER, mention_id=numbered(98), mentioned=ADELE, created_by=ALEX)
    )


def test_nobody_is_mentioned_in_a_letter_that_left_or_arrived() -> None:
    given(begun, sent).when(MENTION).refused(refusals.NotADraft)
    given(received).when(MENTION).refused(refusals.NotADraft)


def test_nobody_is_mentioned_in_what_is_not_there() -> None:
    given().when(MENTION).refused(refusals.NotFound)
    given(begun, deleted).when(MENTION).refused(refusals.NotFound)


def test_a_mention_can_be_taken_back() -> None:
    given(begun, samantha_mentioned).when(Unmention(MENTION.mention_id)).then(mention_taken_back)


def test_only_a_mention_that_is_there_can_be_taken_back() -> None:
    given(begun).when(Unmention(MENTION.mention_id)).refused(refusals.NotFound)
    given(begun, samantha_mentioned, mention_taken_back).when(Unmention(MENTION.mention_id)).refused(
        refusals.NotFound
    )


def test_a_mention_that_was_sent_stays() -> None:
    given(begun, samantha_mentioned, sent).when(Unmention(MENTION.mention_id)).refused(refusals.NotADraft)


def test_someone_can_be_mentioned_again_after_the_mention_was_taken_back() -> None:
    given(begun, samantha_mentioned, mention_taken_back).when(MENTION).then(samantha_mentioned)


def test_the_person_mentioned_need_not_be_a_recipient() -> None:
    assert not any(SAMANTHA.same_as(person) for person in LETTER.recipients)
    given(begun).when(MENTION).then(samantha_mentioned)


# --- Attachments -----------------------------------------------------------------------------------


def test_files_messages_and_links_can_be_attached() -> None:
    for attachment in (MENU, ENCLOSED, LINKED):
        attached = menu_attached.model_copy(update={"attachment": attachment})
        given(begun).when(Attach(attachment)).then(attached)


def test_attaching_the_same_thing_twice_says_nothing_new() -> None:
    given(begun, menu_attached).when(Attach(MENU)).then()


def test_an_attachment_can_be_taken_off() -> None:
    given(begun, menu_attached).when(Detach(MENU.id)).then(menu_taken_off)


def test_only_what_is_attached_can_be_taken_off() -> None:
    given(begun).when(Detach(MENU.id)).refused(refusals.NotFound)
    given(begun, menu_attached, menu_taken_off).when(Detach(MENU.id)).refused(refusals.NotFound)


def test_nothing_is_attached_to_or_taken_off_a_letter_that_left_or_arrived() -> None:
    for past in ((begun, menu_attached, sent), (received,)):
        given(*past).when(Attach(LOGO)).refused(refusals.NotADraft)
        given(*past).when(Detach(MENU.id)).refused(refusals.NotADraft)


def test_an_enclosed_message_of_any_size_can_be_attached() -> None:
    long = ItemAttachment(
        id=numbered(97),
        name="Long",
        content_type=None,
        modified_at=EARLIER.at,
        item=Letter(body=write_body("text", "x" * 4_000_000)),
    )
    given(begun).when(Attach(long)).then(menu_attached.model_copy(update={"attachment": long}))


# --- Open extensions -------------------------------------------------------------------------------


def test_a_program_can_leave_data_with_any_message() -> None:
    for past in ((begun,), (begun, sent), (received,)):
        given(*past).when(SetExtension(REFERRAL)).then(referral_set)


def test_leaving_the_same_data_twice_says_nothing_new() -> None:
    given(begun, referral_set).when(SetExtension(REFERRAL)).then()


def test_leaving_part_of_the_same_data_says_nothing_new() -> None:
    part = Extension(name=REFERRAL.name, values={"dealValue": 500050})
    given(begun, referral_set).when(SetExtension(part)).then()


def test_leaving_other_data_says_what_was_given() -> None:
    dearer = Extension(name=REFERRAL.name, values={"dealValue": 500051})
    given(begun, referral_set).when(SetExtension(dearer)).then(ExtensionSet(on=EARLIER, extension=dearer))


def test_only_data_that_is_there_can_be_changed() -> None:
    given(begun).when(SetExtension(REFERRAL, must_exist=True)).refused(refusals.NotFound)


def test_data_needs_a_name() -> None:
    nameless = Extension(name="", values={})
    given(begun).when(SetExtension(nameless)).refused(refusals.ExtensionNameMissing)


def test_a_program_can_take_its_data_away() -> None:
    given(begun, referral_set).when(RemoveExtension(REFERRAL.name)).then(referral_removed)


def test_only_data_that_is_there_can_be_taken_away() -> None:
    given(begun).when(RemoveExtension(REFERRAL.name)).refused(refusals.NotFound)
    given(begun, referral_set, referral_removed).when(RemoveExtension(REFERRAL.name)).refused(
        refusals.NotFound
    )


def test_no_data_is_left_with_what_is_not_there() -> None:
    given(begun, deleted).when(SetExtension(REFERRAL)).refused(refusals.NotFound)
    given(begun, deleted).when(RemoveExtension(REFERRAL.name)).refused(refusals.NotFound)


# --- Marks of a draft ------------------------------------------------------------------------------


def test_a_draft_is_read_from_the_start() -> None:
    given(begun).when(Update(is_read=True)).then()
    given(begun).when(Update(is_read=False)).then(ReadStateChanged(on=EARLIER, is_read=False))


def test_categories_can_be_emptied() -> None:
    given(begun, filed).when(Update(categories=())).then(Categorised(on=EARLIER, categories=()))


def test_importance_of_a_draft_is_part_of_the_letter() -> None:
    ask = Update(changes=Letter(importance=Importance.HIGH))
    given(begun).when(ask).then(DraftUpdated(on=EARLIER, changes=Letter(importance=Importance.HIGH)))


# --- Replacing -------------------------------------------------------------------------------------


def test_a_mime_message_takes_the_place_of_a_draft() -> None:
    given(begun, logo_attached).when(REPLACE).then(replaced)
    given(begun, replaced).when(REPLACE).then()


def test_what_mime_does_not_say_stays() -> None:
    prop = ExtendedProperty(id="String {1} Name Colour", value="red")
    was = begun.model_copy(
        update={"letter": LETTER.model_copy(update={"headers": TIES, "properties": (prop,)})}
    )
    custom = Header(name="X-Mailer", value="Contoso")
    ask = Replace(letter=Letter(subject="As MIME", headers=(custom,)))
    kept = Letter(
        subject="As MIME",
        headers=(*TIES, custom),
        properties=(prop,),
        internet_message_id=LETTER.internet_message_id,
    )
    given(was).when(ask).then(DraftReplaced(on=EARLIER, letter=kept, sent_at=None, attachments=()))
    tied_anew = (Header(name="References", value="<9@contoso.com>"),)
    anew = ask.letter.model_copy(update={"headers": tied_anew})
    (fact,) = answer((was,), Replace(letter=anew))
    assert isinstance(fact, DraftReplaced)
    assert fact.letter.headers == tied_anew


def test_only_a_draft_can_be_replaced() -> None:
    for past in ((begun, sent), (received,)):
        given(*past).when(REPLACE).refused(refusals.NotADraft)
    given(begun, deleted).when(REPLACE).refused(refusals.NotFound)


def test_a_replacement_keeps_the_limits() -> None:
    crowd = Letter(to=tuple(EmailAddress(address=f"{n}@contoso.com") for n in range(501)))
    given(begun).when(Replace(letter=crowd)).refused(refusals.TooManyRecipients)
    many = tuple(MENU.model_copy(update={"id": numbered(100 + n)}) for n in range(251))
    given(begun).when(Replace(letter=Letter(), attachments=many)).refused(refusals.TooMany)
    large = MENU.model_copy(update={"content": Content(inline=bytes(FILE_LIMIT))})
    given(begun).when(Replace(letter=Letter(), attachments=(large,))).refused(refusals.AttachmentTooLarge)
