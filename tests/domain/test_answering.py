"""What an answer begins with: its subject, its people, its place in the thread, and what it quotes."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from letterbook.domain import refusals
from letterbook.domain.answering import answering_people, answering_subject, in_words, joined, quote
from letterbook.domain.attachments import FILE_LIMIT, Content
from letterbook.domain.conversation import answer_in, begin_thread, join_thread, ties_of, ties_to
from letterbook.domain.letter import AnswerKind, Header, Letter, Thread, write_body
from letterbook.domain.message import AttachmentAdded, CreateDraft, DraftCreated, DraftUpdated, Update
from letterbook.domain.people import EmailAddress
from tests.domain.cast import (
    ADELE,
    ALEX,
    ANSWERS,
    DRAFTS,
    EARLIER,
    LETTER,
    LOGO,
    MEGAN,
    MENU,
    NOW,
    SAMANTHA,
    SAMANTHA_IN_CAPITALS,
    THREAD,
    TIES,
    numbered,
)
from tests.domain.harness import given, tell

REPLY, REPLY_ALL, FORWARD = AnswerKind.REPLY, AnswerKind.REPLY_ALL, AnswerKind.FORWARD
FROM_MEGAN = Letter(author=MEGAN, to=(ALEX, ADELE), cc=(SAMANTHA,), bcc=(SAMANTHA,))

# --- Subject ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Lunch", "Lunch"),
        ("Re: Lunch", "Lunch"),
        ("FW: Lunch", "Lunch"),
        ("AW: Lunch", "Lunch"),
        ("Re: Re: Lunch", "Re: Lunch"),
        ("Note: Lunch", "Note: Lunch"),
        ("12: Lunch", "12: Lunch"),
        ("Re:Lunch", "Re:Lunch"),
        ("", ""),
    ],
)
def test_one_prefix_takes_the_place_of_the_one_before(subject: str, bare: str) -> None:
    assert answering_subject(REPLY, subject) == answering_subject(REPLY_ALL, subject) == f"RE: {bare}"
    assert answering_subject(FORWARD, subject) == f"FW: {bare}"


# --- People ----------------------------------------------------------------------------------------


def test_a_reply_goes_to_the_author() -> None:
    assert answering_people(REPLY, FROM_MEGAN, ALEX) == ((MEGAN,), ())


def test_a_reply_goes_where_the_author_wants_replies() -> None:
    elsewhere = FROM_MEGAN.model_copy(update={"reply_to": (SAMANTHA, ADELE)})
    assert answering_people(REPLY, elsewhere, ALEX) == ((SAMANTHA, ADELE), ())
    assert answering_people(REPLY_ALL, elsewhere, ALEX) == ((SAMANTHA, ADELE), ())


def test_a_reply_to_all_goes_to_everyone_else_each_once() -> None:
    assert answering_people(REPLY_ALL, FROM_MEGAN, ALEX) == ((MEGAN, ADELE), (SAMANTHA,))
    crowded = Letter(author=MEGAN, to=(SAMANTHA, MEGAN, ALEX), cc=(SAMANTHA_IN_CAPITALS, ADELE))
    assert answering_people(REPLY_ALL, crowded, ALEX) == ((MEGAN, SAMANTHA), (ADELE,))


def test_a_reply_to_all_to_ones_own_letter_goes_to_those_who_got_it() -> None:
    own = Letter(author=ALEX, to=(SAMANTHA, MEGAN))
    assert answering_people(REPLY_ALL, own, ALEX) == ((SAMANTHA, MEGAN), ())


def test_a_note_to_oneself_can_be_answered() -> None:
    note = Letter(author=ALEX, to=(ALEX,))
    for how in (REPLY, REPLY_ALL):
        assert answering_people(how, note, ALEX) == ((ALEX,), ())


def test_a_draft_of_nobody_is_answered_to_nobody() -> None:
    assert answering_people(REPLY, Letter(), ALEX) == ((), ())


def test_whom_a_forward_goes_to_is_not_known_from_the_original() -> None:
    assert answering_people(FORWARD, FROM_MEGAN, ALEX) == ((), ())


def test_people_of_several_lists_are_named_once() -> None:
    unknown = EmailAddress(name="Somebody")
    assert joined((MEGAN, unknown), (ADELE, MEGAN), (unknown,)) == (MEGAN, unknown, ADELE)


# --- The thread ------------------------------------------------------------------------------------


def index_of(thread: Thread) -> bytes:
    """The index as it is."""
    return base64.b64decode(thread.index)


def test_an_answer_stays_in_the_conversation_one_block_further() -> None:
    answer = answer_in(THREAD, NOW.at, 0x5A)
    assert answer.conversation == THREAD.conversation
    assert index_of(answer)[:22] == index_of(THREAD)
    assert len(index_of(answer)) == 27
    assert len(index_of(answer_in(answer, NOW.at, 1))) == 32
    assert join_thread(answer.index) == answer


@pytest.mark.parametrize("later", [timedelta(minutes=15), timedelta(days=500), timedelta(days=3000)])
@pytest.mark.parametrize("outlook", [False, True])
def test_a_block_tells_how_much_later_the_answer_came(later: timedelta, outlook: bool) -> None:
    thread = begin_thread(numbered(2), EARLIER.at)
    if outlook:  # whose index begins with the time itself
        began = index_of(thread)
        index = base64.b64encode(began[1:6] + b"\0" + began[6:]).decode()
        thread = Thread(conversation=thread.conversation, index=index)
    block = int.from_bytes(index_of(answer_in(thread, EARLIER.at + later, 0x5A))[22:], "big")
    coarse, delta, salt = block >> 39, block >> 8 & 0x7FFFFFFF, block & 0xFF
    ticks = delta << (23 if coarse else 18)
    assert bool(coarse) == (later > timedelta(days=651))
    assert abs(ticks / 10_000_000 - later.total_seconds()) < 2
    assert salt == 0x5A


def test_an_answer_from_before_its_original_is_no_time_later() -> None:
    early = answer_in(THREAD, EARLIER.at - timedelta(days=1), 0)
    assert index_of(early)[22:] == bytes(5)


def test_an_index_does_not_grow_for_ever() -> None:
    thread = THREAD
    for _ in range(150):
        thread = answer_in(thread, NOW.at, 0)
    assert len(index_of(thread)) == 22 + 100 * 5
    assert join_thread(thread.index) == thread


# --- Ties ------------------------------------------------------------------------------------------


def tied(*values: tuple[str, str]) -> Letter:
    """A letter with these headers."""
    headers = tuple(Header(name=name, value=value) for name, value in values)
    return Letter(internet_message_id="<b@x>", headers=headers)


def said(headers: tuple[Header, ...]) -> dict[str, str]:
    """Headers by name."""
    return {header.name: header.value for header in headers}


def test_an_answer_names_what_it_answers_and_everything_before() -> None:
    assert ties_to(LETTER) == TIES
    for earlier in (("References", "<0@x>\r\n <a@x>"), ("in-reply-to", "<0@x> <a@x>")):
        expected = {"In-Reply-To": "<b@x>", "References": "<0@x> <a@x> <b@x>"}
        assert said(ties_to(tied(earlier))) == expected
    both = tied(("References", "<0@x>"), ("In-Reply-To", "<a@x>"))
    assert said(ties_to(both))["References"] == "<0@x> <b@x>"


def test_what_cannot_be_named_is_not_referred_to() -> None:
    for message_id in ("", "no brackets", "<two words>"):
        assert ties_to(Letter(internet_message_id=message_id)) == ()


def test_references_keep_the_first_and_the_last() -> None:
    long = tied(("References", " ".join(f"<{n}@x>" for n in range(200))))
    found = said(ties_to(long))["References"].split()
    assert len(found) == 50
    assert (found[0], found[1], found[-2], found[-1]) == ("<0@x>", "<152@x>", "<199@x>", "<b@x>")


# --- The draft -------------------------------------------------------------------------------------


def test_a_draft_says_what_it_answers_and_is_tied_to_it() -> None:
    custom = Header(name="x-colour", value="red")
    asked = LETTER.model_copy(update={"headers": (custom,)})
    ask = CreateDraft(folder=DRAFTS, letter=asked, thread=THREAD, answers=ANSWERS, ties=TIES)
    letter = asked.model_copy(update={"headers": (*TIES, custom)})
    given().when(ask).then(
        DraftCreated(on=EARLIER, folder=DRAFTS, letter=letter, thread=THREAD, answers=ANSWERS)
    )


def test_authors_do_not_tie_letters_themselves() -> None:
    asked = LETTER.model_copy(update={"headers": TIES})
    ask = CreateDraft(folder=DRAFTS, letter=asked, thread=THREAD, answers=ANSWERS, ties=TIES)
    given().when(ask).refused(refusals.HeaderNotCustom)


def test_what_was_attached_comes_along_however_large() -> None:
    large = MENU.model_copy(update={"content": Content(inline=bytes(FILE_LIMIT))})
    ask = CreateDraft(
        folder=DRAFTS, letter=LETTER, thread=THREAD, carried=(large,), attachments=(LOGO,), answers=ANSWERS
    )
    begun = DraftCreated(on=EARLIER, folder=DRAFTS, letter=LETTER, thread=THREAD, answers=ANSWERS)
    given().when(ask).then(
        begun,
        AttachmentAdded(on=EARLIER, attachment=large),
        AttachmentAdded(on=EARLIER, attachment=LOGO),
    )


def test_what_comes_along_counts() -> None:
    many = tuple(MENU.model_copy(update={"id": UUID(int=n)}) for n in range(250))
    ask = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD, carried=many, attachments=(LOGO,))
    given().when(ask).refused(refusals.TooMany)


def test_an_answer_stays_tied_whatever_headers_its_author_sets() -> None:
    letter = LETTER.model_copy(update={"headers": TIES})
    begun = DraftCreated(on=EARLIER, folder=DRAFTS, letter=letter, thread=THREAD, answers=ANSWERS)
    custom = (Header(name="x-colour", value="red"),)
    changed = DraftUpdated(on=EARLIER, changes=Letter(headers=(*TIES, *custom)))
    given(begun).when(Update(changes=Letter(headers=custom))).then(changed)
    given(begun).when(Update(changes=Letter(headers=()))).then()
    assert ties_of(tell(begun, changed).letter) == TIES


# --- Quoting ---------------------------------------------------------------------------------------

MARCH = datetime(2016, 3, 4, 0, 23, 35, tzinfo=UTC)
GROUP = Letter(
    subject="Re: Let's start a group",
    body=write_body("text", "That's a great idea!"),
    author=SAMANTHA,
    to=(ALEX, EmailAddress(address="randiw@contoso.com")),
    bcc=(ADELE,),
)


def test_a_text_is_quoted_as_text() -> None:
    kind, body = quote(GROUP, "That's a great idea!", MARCH, "Would you name it?")
    assert kind == "text"
    assert body == (
        "Would you name it?\r\n\r\n________________________________________\r\n"
        "From: Samantha Booth\r\nSent: Friday, March 4, 2016 12:23:35 AM\r\n"
        "To: Alex Wilber; randiw@contoso.com\r\nSubject: Re: Let's start a group\r\n\r\nThat's a great idea!"
    )


def test_html_is_quoted_as_html_inside_its_document() -> None:
    html = GROUP.model_copy(update={"body": write_body("html", "-"), "subject": "<1 & 2>", "cc": (MEGAN,)})
    kind, body = quote(html, "<html><BODY dir='ltr'>\r\n<p>Great</p></body></html>", MARCH, "<i>Well?</i>")
    assert kind == "html"
    assert body.startswith("<html><BODY dir='ltr'>\r\n<i>Well?</i>\r\n<hr ")
    assert (
        "<b>From:</b> Samantha Booth<br>\r\n<b>Sent:</b> Friday, March 4, 2016 12:23:35 AM<br>\r\n"
        "<b>To:</b> Alex Wilber; randiw@contoso.com<br>\r\n<b>Cc:</b> Megan Bowen<br>\r\n"
        "<b>Subject:</b> &lt;1 &amp; 2&gt;\r\n"
    ) in body
    assert body.endswith("</div>\r\n\r\n<p>Great</p></body></html>")
    assert "Adele" not in body


@pytest.mark.parametrize("html", ["<p>Great</p>", "<body never closed", ""])
def test_a_fragment_is_quoted_below(html: str) -> None:
    _, body = quote(GROUP.model_copy(update={"body": write_body("html", "-")}), html, MARCH, "Well?")
    assert body.startswith("Well?\r\n<hr ")
    assert body.endswith(f"</div>\r\n{html}")


def test_a_moment_is_told_in_its_own_zone() -> None:
    assert in_words(MARCH.astimezone(timezone(-timedelta(hours=8)))) == "Thursday, March 3, 2016 4:23:35 PM"
    assert in_words(datetime(2017, 12, 31, 12, 0, tzinfo=UTC)) == "Sunday, December 31, 2017 12:00:00 PM"
