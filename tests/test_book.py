"""The Python face: a book of mailboxes, as a program that carries mail inside it sees it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

import pytest

import letterbook
from letterbook import Book, EmailAddress, Mailbox, Refused, StoreRefused, open_book
from letterbook.application.public_ids import Kind, public
from letterbook.domain import refusals
from letterbook.domain.attachments import FileAttachment
from letterbook.domain.mailbox import WELL_KNOWN, ResyncOrdered, well_known_id
from letterbook.domain.message import Draft, SentMessage
from tests.fakes import MONDAY, FakeClock, FakeTransport

MIME = (
    b"From: Alex Wilber <alexw@contoso.com>\r\nTo: Megan Bowen <meganb@contoso.com>\r\n"
    b"Subject: =?utf-8?B?5Lya6K2w?=\r\nX-Mailer: pigeon\r\n\r\nAre we still on?\r\n"
)
ELSEWHERE = public(Kind.MESSAGE, UUID("01a1fbe7-87cb-7135-af28-11bc5f2e9fc6"))


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture
def transport() -> FakeTransport:
    """Takes letters to the outside."""
    return FakeTransport()


@pytest.fixture(params=["sqlite", "memory"])
def book(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock, transport: FakeTransport
) -> Iterator[Book]:
    """A new book of either kind; it delivers when it is told to."""
    path = tmp_path / "mail.db" if request.param == "sqlite" else ":memory:"
    with open_book(path, clock=clock, transport=transport, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox("alexw@contoso.com", name="Alex Wilber")


@pytest.fixture
def megan(book: Book) -> Mailbox:
    """Megan's mailbox."""
    return book.mailbox("meganb@contoso.com", name="Megan Bowen")


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    """What a folder shows, in its order."""
    return [message.subject for message in mailbox.folder(folder)]


# --- The story -------------------------------------------------------------------------------------


def test_the_main_job(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    """A letter from draft to Sent Items, and into the Inbox it was written for."""
    draft = alex.create_draft(subject="Offsite", body="Are we still on?", to=["meganb@contoso.com"])
    assert (draft.is_draft, draft.subject, draft.to_recipients[0].email_address.name) == (
        True,
        "Offsite",
        "Megan Bowen",
    )
    assert [message.id for message in alex.drafts()] == [draft.id]
    changed = alex.update_draft(draft, importance="high")
    assert (changed.importance, changed.subject) == ("high", "Offsite")
    assert changed.change_key != draft.change_key
    alex.mention(draft, "Megan Bowen <meganb@contoso.com>")
    alex.send(draft)
    assert alex.drafts() == []
    assert [message.id for message in alex.sent_items()] == [draft.id]
    assert (book.waiting(), book.deliver(), book.waiting()) == (1, 1, 0)
    (got,) = megan.folder("inbox")
    assert (got.subject, got.is_read, got.from_ and got.from_.email_address.name) == (
        "Offsite",
        False,
        "Alex Wilber",
    )
    assert got.mentions_preview is not None
    assert got.mentions_preview.is_mentioned
    assert [fact.stored_name for fact in alex.history(draft)] == [
        "message.draft-created.v1",
        "message.draft-updated.v1",
        "message.mention-added.v1",
        "message.sent.v1",
        "message.delivered.v1",
    ]
    assert [each.equal for each in book.rebuild(verify=True)] == [True, True]


def test_a_book_in_a_file_is_there_again(tmp_path: Path) -> None:
    """With everything in it; what waited to be delivered still waits, and large parts lie beside it."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        alex, megan = book.mailbox("alexw@contoso.com"), book.mailbox("meganb@contoso.com")
        alex.send_mail(subject="Offsite", body="Long story. " * 10_000, to=["meganb@contoso.com"])
    with open_book(str(file), deliver=False) as book:
        assert book.waiting() == 1
        assert book.mailbox("alexw@contoso.com").sent_items()[0].subject == "Offsite"
        book.deliver()
        (got,) = book.mailbox("MEGANB@contoso.com").folder("inbox")
        assert got.body.content == "Long story. " * 10_000
    assert megan.address == "meganb@contoso.com"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mail.db", "mail.db.blobs"]


def test_a_book_in_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is its own, and gone when it is closed."""
    monkeypatch.chdir(tmp_path)
    with open_book(":memory:") as one, open_book(":memory:") as other:
        one.mailbox("alexw@contoso.com").create_draft(subject="Offsite")
        assert (len(one.users()), other.users()) == (1, [])
    assert list(tmp_path.iterdir()) == []


def test_letters_are_delivered_by_themselves(tmp_path: Path) -> None:
    """In the background, from the first one on; closing waits for the parcel in hand."""
    arrived = FakeTransport()
    with open_book(tmp_path / "mail.db", transport=arrived) as book:
        alex, megan = book.mailbox("alexw@contoso.com"), book.mailbox("meganb@contoso.com")
        for number in range(5):
            alex.send_mail(subject=f"{number}", to=["meganb@contoso.com", "danas@fabrikam.com"])
        waiting = wait_until(lambda: book.waiting() == 0)
        assert waiting
        assert sorted(subjects(megan, "inbox")) == ["0", "1", "2", "3", "4"]
        assert len(arrived.letters) == 5


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether something becomes true within ten seconds."""
    pause = threading.Event()
    return any(true() or pause.wait(0.01) for _ in range(1000))


def test_letters_to_the_outside_become_files(tmp_path: Path) -> None:
    """Beside the store, unless a transport takes them."""
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=["danas@fabrikam.com"])
        book.deliver()
    (file,) = (tmp_path / "mail.db.outgoing").iterdir()
    assert message_from_bytes(file.read_bytes())["Subject"] == "Offsite"


def test_closing_twice_is_no_trouble(tmp_path: Path) -> None:
    """Inside a ``with`` block, say."""
    with open_book(tmp_path / "mail.db") as book:
        book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=["alexw@contoso.com"])
        book.close()
        book.close()


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    """With a sentence that says why."""
    (tmp_path / "mail.db").write_text("Dear Megan, " * 100)
    with pytest.raises(StoreRefused, match="not a Letterbook store"):
        open_book(tmp_path / "mail.db")


def test_the_public_names_are_few() -> None:
    """Whatever else can be imported is not promised."""
    assert [name for name in letterbook.__all__ if not hasattr(letterbook, name)] == []


# --- Mailboxes -------------------------------------------------------------------------------------


def test_a_mailbox_is_opened_once(book: Book) -> None:
    """Asking again, in any case or by id, finds it; its name stays."""
    alex = book.mailbox("AlexW@contoso.com", name="Alex Wilber")
    for who in ("alexw@contoso.com", "ALEXW@CONTOSO.COM", str(alex.id)):
        again = book.mailbox(who, name="Somebody")
        assert (again.id, again.address, again.name) == (alex.id, "AlexW@contoso.com", "Alex Wilber")
    assert [person.address for person in book.users()] == ["AlexW@contoso.com"]


def test_a_mailbox_has_every_well_known_folder(alex: Mailbox) -> None:
    """Empty."""
    folders = {folder.well_known: (folder.total, folder.unread) for folder in alex.folders()}
    assert folders == {name: (0, 0) for name, *_ in WELL_KNOWN}


def test_an_address_has_one_mailbox(book: Book) -> None:
    """Adding a user who is there is refused; so is what could never receive mail."""
    book.add_user("alexw@contoso.com")
    with pytest.raises(refusals.AddressTaken):
        book.add_user("ALEXW@contoso.com")
    for address in ("", "alexw", "@contoso.com", "alex w@contoso.com"):
        with pytest.raises(refusals.AddressImpossible):
            book.mailbox(address)
    assert len(book.users()) == 1


def test_threads_may_open_the_same_mailbox(book: Book) -> None:
    """All get the same one, none is refused."""
    with ThreadPoolExecutor(16) as threads:
        ids = list(threads.map(lambda _: book.mailbox("alexw@contoso.com").id, range(64)))
    assert len(set(ids)) == 1


def test_threads_share_a_book(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    """Drafting, sending, delivering and reading at once: each letter arrives once."""

    def work(thread: int) -> None:
        for number in range(5):
            draft = alex.create_draft(subject=f"{thread}-{number}", to=["meganb@contoso.com"])
            alex.update_draft(draft, importance="high")
            alex.send(draft)
            book.deliver()
            assert alex.message(draft).importance == "high"

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    book.deliver()
    wanted = sorted(f"{thread}-{number}" for thread in range(8) for number in range(5))
    assert sorted(subjects(alex, "sentitems")) == sorted(subjects(megan, "inbox")) == wanted
    assert all(len(megan.history(message)) == 1 for message in megan.folder("inbox"))
    assert all(each.equal for each in book.rebuild(verify=True))


# --- Writing ---------------------------------------------------------------------------------------


def test_a_draft_says_all_that_it_was_given(alex: Mailbox, megan: Mailbox) -> None:
    """People in any way they are written; names are looked up."""
    draft = alex.create_draft(
        subject="Offsite",
        body="<p>Are we <b>still</b> on?</p>",
        body_type="html",
        to=["meganb@contoso.com", "Dana Swope <danas@fabrikam.com>"],
        cc=[EmailAddress(name="Adele", address="adelev@contoso.com")],
        bcc="randiw@fabrikam.com",
        reply_to=["samanthab@contoso.com"],
        importance="low",
        mentions=["meganb@contoso.com"],
        headers={"x-team": "Marketing"},
        attachments=[alex.file("plan.txt", b"1. Go there", content_type="text/plain")],
    )
    assert [(each.email_address.name, each.email_address.address) for each in draft.to_recipients] == [
        ("Megan Bowen", "meganb@contoso.com"),
        ("Dana Swope", "danas@fabrikam.com"),
    ]
    assert [each.email_address.name for each in draft.cc_recipients] == ["Adele"]
    assert [each.email_address.name for each in draft.bcc_recipients] == ["randiw@fabrikam.com"]
    assert [each.email_address.address for each in draft.reply_to] == ["samanthab@contoso.com"]
    assert (draft.importance, draft.has_attachments, draft.body.content_type) == ("low", True, "html")
    assert "<b>still</b>" in draft.body.content
    assert draft.body_preview == "Are we still on?"
    state = alex.state(draft)
    assert [mention.mentioned.name for mention in state.mentions] == ["Megan Bowen"]
    assert [(header.name, header.value) for header in state.letter.headers] == [("x-team", "Marketing")]
    assert isinstance(state, Draft)


def test_an_empty_draft_is_a_draft(alex: Mailbox) -> None:
    """As Graph makes one."""
    draft = alex.create_draft()
    assert (draft.subject, draft.body.content, draft.to_recipients, draft.importance) == (
        "",
        "",
        (),
        "normal",
    )


def test_a_draft_can_begin_in_another_folder(alex: Mailbox) -> None:
    """By well-known name in any case, or by id."""
    alex.create_draft(subject="one", folder="Archive")
    archive = public(Kind.FOLDER, well_known_id(alex.id, "archive"))
    alex.create_draft(subject="two", folder=archive)
    assert sorted(subjects(alex, "ARCHIVE")) == sorted(subjects(alex, archive)) == ["one", "two"]
    with pytest.raises(refusals.NotFound):
        alex.create_draft(folder=public(Kind.FOLDER, well_known_id(alex.id, "nowhere")))


def test_rewriting_changes_only_what_is_named(alex: Mailbox) -> None:
    """Each part for itself; a list may be emptied; saying the same says nothing."""
    draft = alex.create_draft(
        subject="Offsite", body="Hi", to=["meganb@contoso.com"], cc=["danas@fabrikam.com"]
    )
    assert alex.update_draft(draft, subject="Onsite").body.content == "Hi"
    assert alex.update_draft(draft, body="<i>Hi</i>", body_type="html").subject == "Onsite"
    changed = alex.update_draft(draft, cc=[], bcc=["randiw@fabrikam.com"], reply_to=["samanthab@contoso.com"])
    assert (changed.cc_recipients, len(changed.bcc_recipients), len(changed.reply_to)) == ((), 1, 1)
    assert len(changed.to_recipients) == 1
    assert alex.update_draft(draft, to="danas@fabrikam.com", importance="low").importance == "low"
    facts = len(alex.history(draft))
    assert facts == 5
    alex.update_draft(draft, subject="Onsite", importance="low", cc=[])
    alex.update_draft(draft)
    assert len(alex.history(draft)) == facts


def test_a_large_body_is_kept_beside_the_history(alex: Mailbox) -> None:
    """Written or rewritten, it reads the same."""
    words = "Long story. 会議 " * 10_000
    draft = alex.create_draft(body="short")
    assert alex.update_draft(draft, body=words).body.content == words
    assert alex.state(draft).letter.body.blob is not None
    assert alex.message(draft).body.content == words


def test_mentions_come_and_go(alex: Mailbox) -> None:
    """A second time, or for somebody who was not mentioned, nothing happens."""
    draft = alex.create_draft(subject="Offsite")
    assert alex.message(draft).mentions_preview is None
    alex.mention(draft, "alexw@contoso.com")
    again = alex.mention(draft, EmailAddress(address="ALEXW@contoso.com"))
    assert again.mentions_preview is not None
    assert again.mentions_preview.is_mentioned
    alex.unmention(draft, "danas@fabrikam.com")
    assert alex.unmention(draft, "Alex <alexw@contoso.com>").mentions_preview is None
    assert [fact.stored_name for fact in alex.history(draft)][1:] == [
        "message.mention-added.v1",
        "message.mention-removed.v1",
    ]


def test_a_file_may_be_larger_than_a_request(alex: Mailbox) -> None:
    """What comes without a request is not bound by its size."""
    draft = alex.create_draft(subject="Offsite")
    assert alex.attach(draft, "film.mp4", bytes(4_000_000)).has_attachments
    (film,) = alex.state(draft).attachments
    assert film.size == 4_000_000


def test_files_are_attached(alex: Mailbox) -> None:
    """Small and large; one with a content id is shown inside the body and does not count."""
    draft = alex.create_draft(subject="Offsite")
    assert not alex.attach(
        draft, "logo.png", b"png", content_type="image/png", content_id="logo"
    ).has_attachments
    assert alex.attach(draft, "plan.bin", bytes(100_000)).has_attachments
    logo, plan = alex.state(draft).attachments
    assert isinstance(logo, FileAttachment)
    assert isinstance(plan, FileAttachment)
    assert (logo.is_inline, logo.content_id, logo.content_type) == (True, "logo", "image/png")
    assert (plan.is_inline, plan.size, plan.content_type) == (False, 100_000, "application/octet-stream")
    assert plan.content.blob is not None
    parts = [
        part.get_filename() for part in message_from_bytes(alex.mime(draft)).walk() if part.get_filename()
    ]
    assert sorted(filter(None, parts)) == ["logo.png", "plan.bin"]


def test_a_mime_message_becomes_a_draft(alex: Mailbox) -> None:
    """With its own headers."""
    draft = alex.create_draft_from_mime(MIME)
    assert (draft.subject, draft.is_draft, draft.body.content.strip()) == ("会議", True, "Are we still on?")
    assert "X-Mailer" in [header.name for header in alex.state(draft).letter.headers]
    assert message_from_bytes(alex.mime(draft))["X-Mailer"] == "pigeon"


def test_a_mime_message_is_sent_as_it_is(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    """In one go."""
    alex.send_mime(MIME)
    book.deliver()
    assert subjects(alex, "sentitems") == subjects(megan, "inbox") == ["会議"]


def test_a_letter_is_written_and_sent_in_one_go(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    """Kept in Sent Items, or not."""
    alex.send_mail(subject="kept", body="<b>Hi</b>", body_type="html", to=["meganb@contoso.com"])
    alex.send_mail(subject="not kept", cc=["meganb@contoso.com"], save_to_sent_items=False)
    alex.send_mail(subject="blind", bcc=["meganb@contoso.com"])
    book.deliver()
    assert sorted(subjects(alex, "sentitems")) == ["blind", "kept"]
    assert sorted(subjects(megan, "inbox")) == ["blind", "kept", "not kept"]


def test_what_is_refused_leaves_nothing(book: Book, alex: Mailbox) -> None:
    """Sending to nobody in one go makes no draft; in two, the draft stays one."""
    with pytest.raises(refusals.NoRecipients):
        alex.send_mail(subject="To nobody")
    draft = alex.create_draft(subject="To nobody")
    with pytest.raises(Refused) as refused:
        alex.send(draft)
    assert refused.value.code == "no-recipients"
    assert (len(alex.drafts()), book.waiting(), len(alex.history(draft))) == (1, 0, 1)


def test_what_was_sent_is_for_ever(alex: Mailbox) -> None:
    """It can be neither rewritten nor sent again."""
    draft = alex.create_draft(subject="Offsite", to=["meganb@contoso.com"])
    alex.send(draft)
    for again in (
        lambda: alex.send(draft),
        lambda: alex.update_draft(draft, subject="Onsite"),
        lambda: alex.mention(draft, "meganb@contoso.com"),
        lambda: alex.attach(draft, "late.txt", b"late"),
    ):
        with pytest.raises(refusals.NotADraft):
            again()
    assert alex.message(draft).subject == "Offsite"
    assert isinstance(alex.state(draft), SentMessage)


# --- Reading and filing ----------------------------------------------------------------------------


def test_reading_and_filing(book: Book, alex: Mailbox) -> None:
    """Read, unread, moved; the counts follow."""
    alex.send_mail(subject="To myself", to=["alexw@contoso.com"])
    book.deliver()
    (got,) = alex.folder("inbox")
    assert count(alex, "inbox") == (1, 1)
    assert alex.mark_read(got).is_read
    assert count(alex, "inbox") == (1, 0)
    assert not alex.mark_read(got, is_read=False).is_read
    moved = alex.move(got, "archive")
    assert moved.parent_folder_id == public(Kind.FOLDER, well_known_id(alex.id, "archive"))
    assert (count(alex, "inbox"), count(alex, "archive")) == ((0, 0), (1, 1))
    with pytest.raises(refusals.NotFound):
        alex.move(got, public(Kind.FOLDER, well_known_id(alex.id, "nowhere")))


def count(mailbox: Mailbox, well_known: str) -> tuple[int, int]:
    """How many messages a folder holds, and how many of them unread."""
    ((total, unread),) = [(f.total, f.unread) for f in mailbox.folders() if f.well_known == well_known]
    return total, unread


def test_deleting_takes_three_steps_and_leaves_the_history(alex: Mailbox) -> None:
    """To Deleted Items, beyond, and for good; what happened can be asked for ever."""
    draft = alex.create_draft(subject="Offsite")
    alex.delete(draft)
    assert (subjects(alex, "drafts"), subjects(alex, "deleteditems")) == ([], ["Offsite"])
    alex.delete(draft.id)
    assert subjects(alex, "recoverableitemsdeletions") == ["Offsite"]
    alex.delete(draft)
    assert subjects(alex, "recoverableitemsdeletions") == []
    for ask in (alex.message, alex.state, alex.mime, alex.delete):
        with pytest.raises(refusals.NotFound):
            ask(draft)
    assert [fact.stored_name for fact in alex.history(draft)] == [
        "message.draft-created.v1",
        "message.moved.v1",
        "message.moved.v1",
        "message.deleted.v1",
    ]


def test_changes_are_told_from_any_position(alex: Mailbox, megan: Mailbox) -> None:
    draft = alex.create_draft(subject="Offsite")
    megan.create_draft(subject="Hers")
    alex.mark_read(draft, is_read=False)
    everything = alex.changes()
    assert [each.seq for each in everything] == [1, 2, 3]
    assert [each.mailbox for each in everything] == [alex.id] * 3
    assert alex.changes(since=1) == alex.records(draft)
    assert alex.changes(since=1, limit=1) == everything[1:2]
    assert alex.changes(since=3) == ()


def test_followers_can_be_told_to_begin_anew(alex: Mailbox) -> None:
    for _ in range(2):
        alex.order_resync()
    first, second = alex.changes(since=1)
    assert isinstance(first.fact, ResyncOrdered)
    assert isinstance(second.fact, ResyncOrdered)
    assert first.fact.order != second.fact.order
    assert alex.folder("inbox") == []


def test_records_tell_where_each_fact_stands(alex: Mailbox, clock: FakeClock) -> None:
    """Position, version, time and seal."""
    draft = alex.create_draft(subject="Offsite")
    clock.pass_by(timedelta(hours=1))
    alex.update_draft(draft, subject="Onsite")
    first, second = alex.records(draft.id)
    assert (first.seq, first.version, second.seq, second.version) == (2, 1, 3, 2)
    assert (first.recorded_at, second.recorded_at) == (MONDAY, MONDAY + timedelta(hours=1))
    assert len({first.hash, second.hash}) == 2
    assert second.fact.on.actor == "alexw@contoso.com"
    assert second.fact.on.cause.startswith("request:")


def test_a_folder_shows_the_newest_first_and_not_more_than_asked(alex: Mailbox, clock: FakeClock) -> None:
    """Each call for itself."""
    for subject in "abc":
        alex.create_draft(subject=subject)
        clock.pass_by(timedelta(minutes=1))
    assert subjects(alex, "drafts") == ["c", "b", "a"]
    assert [message.subject for message in alex.folder("drafts", top=2)] == ["c", "b"]
    assert [message.subject for message in alex.drafts(top=1)] == ["c"]


def test_somebody_else_s_message_is_not_found(alex: Mailbox, megan: Mailbox) -> None:
    """Nor is one that never was; an id that is none is malformed."""
    draft = alex.create_draft(subject="Offsite")
    for ask in (megan.message, megan.state, megan.history, megan.send, megan.delete):
        for id_ in (draft.id, ELSEWHERE):
            with pytest.raises(refusals.NotFound):
                ask(id_)
        with pytest.raises(refusals.IdMalformed):
            ask("not an id")
    with pytest.raises(refusals.NotFound):
        megan.folder(public(Kind.FOLDER, well_known_id(alex.id, "drafts")))


def test_a_token_opens_the_graph_face(book: Book, alex: Mailbox) -> None:
    """Of this book: each signs with its own secret."""
    assert book.token(alex.address) != book.token(alex.address, "Mail.Read")
    assert book.token("reporting", "Mail.Read", app=True, lifetime=timedelta(minutes=5)).count(".") == 2
    assert callable(book.asgi())


@pytest.mark.parametrize(
    "who",
    [
        "adelev@contoso.com, meganb@contoso.com",
        ["adelev@contoso.com, meganb@contoso.com"],
        ["Adele Vance <adelev@contoso.com>", "meganb@contoso.com"],
        '"Vance, Adele" <adelev@contoso.com>, meganb@contoso.com',
    ],
)
def test_nobody_is_lost_between_two_commas(alex: Mailbox, who: str | list[str]) -> None:
    """One entry may name several people."""
    draft = alex.create_draft(to=[who] if isinstance(who, str) else who)
    addresses = [person.email_address.address for person in draft.to_recipients]
    assert addresses == ["adelev@contoso.com", "meganb@contoso.com"]


@pytest.mark.parametrize(
    "who", ["Adele, Vance <adelev@contoso.com>", "adelev@contoso.com; nobody", "adele", ""]
)
def test_an_entry_that_would_lose_somebody_is_refused(alex: Mailbox, who: str) -> None:
    """Rather than sent to fewer people."""
    with pytest.raises(refusals.RecipientUnresolved):
        alex.create_draft(to=[who])
    assert alex.drafts() == []


def test_a_mention_needs_somebody(alex: Mailbox) -> None:
    """Also where nothing checked the address before."""
    draft = alex.create_draft(subject="Hi")
    with pytest.raises(refusals.Refused):
        alex.mention(draft, EmailAddress(name="Nobody"))
    assert len(alex.history(draft)) == 1


def test_the_content_of_a_file_is_bytes(alex: Mailbox) -> None:
    """Text would have to be encoded, and nobody said how."""
    with pytest.raises(TypeError):
        alex.file("note.txt", "abcd")  # type: ignore[arg-type]


def test_letters_are_found_by_what_they_say(
    book: Book, alex: Mailbox, megan: Mailbox, clock: FakeClock
) -> None:
    """By words, people, attachments and dates; the newest first."""
    draft = alex.create_draft(
        subject="会議 on Monday", body="Pizza?", to=["Adele Vance <adelev@contoso.com>"]
    )
    alex.attach(draft, "menu.pdf", b"...")
    clock.pass_by(timedelta(days=1))
    alex.send_mail(subject="Café", body="<b>PIZZA</b> again", body_type="html", to=[megan.address])
    book.deliver()
    questions = (
        "pizza",
        "会議",
        "attachment:menu",
        "to:adele",
        "received<today",
        "cafe NOT pizza",
        "a OR again",
    )
    found = [[each.subject for each in alex.search(question)] for question in questions]
    first, second = "会議 on Monday", "Café"
    assert found == [[second, first], [first], [first], [first], [first], [], [second]]
    assert [each.subject for each in megan.search("from:alexw")] == [second]
    assert [each.subject for each in alex.search("pizza", folder="drafts")] == [first]
    assert len(alex.search("pizza", top=1)) == 1
    assert alex.search("pizza", top=0) == []
    assert book.rebuild(verify=True)[0].equal
    assert len(alex.search("pizza")) == 2


@pytest.mark.parametrize("query", ["", "(", "a OR", "received:soon"])
def test_a_query_that_cannot_be_read_is_a_value_error(alex: Mailbox, query: str) -> None:
    """And says why."""
    with pytest.raises(ValueError, match=r"\.$"):
        alex.search(query)
