"""Pages that are answered from memory: the same to the byte, never to the wrong visitor, never stale."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import open_book
from letterbook.adapters.book import Book
from letterbook.adapters.graph.memo import Memo
from tests import warm
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, stranger_at, to
from tests.guards.counting import Ear
from tests.looping import Conversations

PAGE = "/me/messages"
PULSE = "PRAGMA data_version"


def from_memory(who: Graph, ear: Ear, path: str = PAGE) -> bool:
    """Whether a page is answered without reading the store."""
    ear.clear()
    assert who.get(path).status_code == 200
    assert ear.told[:1] == [PULSE], "nothing is believed before the pulse was felt"
    return ear.told == [PULSE]


def subjects(who: Graph, path: str = PAGE) -> list[str]:
    """The subjects of a page."""
    return sorted(each["subject"] for each in who.values(path))


# --- To whom ---------------------------------------------------------------------------------------


def test_the_second_answer_is_the_first(alex: Graph, ear: Ear) -> None:
    """To the byte and the header, but for the ids of the request."""
    alex.draft(subject="Offsite")
    asked = alex.saying(Prefer='outlook.body-content-type="text"')
    first = asked.get(PAGE)
    assert from_memory(asked, ear)
    second = asked.get(PAGE)
    assert second.content == first.content
    own = {"request-id", "client-request-id"}
    assert {k: v for k, v in second.headers.items() if k not in own} == {
        k: v for k, v in first.headers.items() if k not in own
    }
    assert second.headers["Preference-Applied"] == 'outlook.body-content-type="text"'
    assert second.headers["request-id"] != first.headers["request-id"]


def test_a_caller_s_own_request_id_is_given_back(alex: Graph, ear: Ear) -> None:
    """It is no part of what is remembered."""
    alex.get(PAGE)
    mine = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
    asked = alex.saying(client_request_id=mine)
    assert from_memory(asked, ear)
    assert asked.get(PAGE).headers["client-request-id"] == mine


def test_two_people_on_the_same_path_see_their_own(alex: Graph, megan: Graph, ear: Ear) -> None:
    """/me is somebody else for each of them, in every order of asking."""
    alex.draft(subject="Alex's")
    megan.draft(subject="Megan's")
    for _ in range(3):
        for who, whose in ((alex, "Alex's"), (megan, "Megan's"), (megan, "Megan's"), (alex, "Alex's")):
            assert subjects(who) == [whose]
    assert from_memory(alex, ear)
    assert from_memory(megan, ear)


def test_a_page_of_somebody_else_s_is_not_told_from_memory(alex: Graph, megan: Graph) -> None:
    """Alex has just read it; Megan still may not."""
    alex.draft()
    path = f"/users/{ALEX}/messages"
    assert len(alex.values(path)) == 1
    assert megan.get(path).status_code == 404
    assert megan.holding(None).get(path).status_code == 401


def test_an_application_and_a_person_of_the_same_name_are_two(alex: Graph, megan: Graph) -> None:
    """The application sees all mailboxes, the person one."""
    alex.draft(subject="Alex's")
    path = f"/users/{ALEX}/messages"
    robot = alex.holding(alex.book.token(MEGAN, "Mail.Read", app=True))
    assert subjects(robot, path) == ["Alex's"]
    assert megan.get(path).status_code == 404
    assert robot.get(PAGE).status_code == 400


def test_a_smaller_scope_sees_less_of_the_same_page(alex: Graph, ear: Ear) -> None:
    """With Mail.ReadBasic there are no bodies, whoever asked first."""
    alex.draft(body={"contentType": "text", "content": "Are we still on?"})
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    for _ in range(2):
        assert "body" in alex.values(PAGE)[0]
        assert "body" not in basic.values(PAGE)[0]
    assert from_memory(basic, ear)
    assert alex.holding(alex.book.token(ALEX, "Mail.Send")).get(PAGE).status_code == 403


def test_an_expired_token_is_not_let_in_by_memory(alex: Graph) -> None:
    """Who asks is looked at before what they ask."""
    assert alex.get(PAGE).status_code == 200
    expired = alex.holding(alex.book.token(ALEX, lifetime=timedelta(seconds=-600)))
    assert expired.get(PAGE).status_code == 401


def test_another_token_of_the_same_person_is_the_same_visitor(alex: Graph, ear: Ear) -> None:
    """Clients renew theirs every hour."""
    alex.get(PAGE)
    assert from_memory(alex.holding(alex.book.token(ALEX, lifetime=timedelta(hours=1))), ear)


# --- What for --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        lambda alex: alex.saying(Prefer='outlook.body-content-type="text"').get(PAGE),
        lambda alex: alex.saying(Host="mail.contoso.com").get(PAGE),
        lambda alex: alex.get(f"http://graph.microsoft.com/v1.0{PAGE}"),
        lambda alex: alex.beta.get(PAGE),
        lambda alex: alex.get(f"{PAGE}?$top=1"),
        lambda alex: alex.get(f"{PAGE}?$select=subject"),
        lambda alex: alex.get(f"/users/{ALEX}/messages"),
        lambda alex: alex.get("/me/mailFolders/drafts/messages"),
    ],
)
def test_what_an_answer_depends_on_is_part_of_the_question(
    alex: Graph, ear: Ear, other: Callable[[Graph], object]
) -> None:
    """Another preference, host, scheme, version, query or path is another question."""
    alex.draft(body={"contentType": "html", "content": "<b>Still on?</b>"})
    alex.draft()
    first = alex.get(PAGE).content
    ear.clear()
    other(alex)
    assert len(ear.told) > 1, "it was read"
    assert alex.get(PAGE).content == first
    assert from_memory(alex, ear)


def test_links_lead_to_where_the_question_came_from(alex: Graph) -> None:
    """Never to the host that somebody else used."""
    for _ in range(3):
        alex.draft()
    here = alex.read(f"{PAGE}?$top=1")
    there = alex.saying(Host="mail.contoso.com").read(f"{PAGE}?$top=1")
    for page, base in ((here, "https://graph.microsoft.com/"), (there, "https://mail.contoso.com/")):
        assert page["@odata.nextLink"].startswith(base)
        assert page["@odata.context"].startswith(base)


def test_an_error_is_not_remembered(alex: Graph, ear: Ear) -> None:
    """A folder that is not there today may be there tomorrow."""
    ear.clear()
    for _ in range(2):
        assert alex.get(f"{PAGE}?$top=nonsense").status_code == 400
    made = alex.made("/me/mailFolders", {"displayName": "Projects"})
    path = f"/me/mailFolders/{made['id']}/messages"
    assert alex.values(path) == []


# --- Until when ------------------------------------------------------------------------------------


def test_every_write_of_a_request_ends_it(alex: Graph, ear: Ear) -> None:
    """Each kind, seen at once in the next answer."""
    draft = alex.lasting.draft(subject="0")
    message = f"{PAGE}/{draft['id']}"
    writes: list[Callable[[], object]] = [
        lambda: alex.draft(subject="1"),
        lambda: alex.changed(message, {"subject": "2"}),
        lambda: alex.changed(message, {"isRead": False}),
        lambda: alex.beta.made(f"{message}/mentions", {"mentioned": {"address": MEGAN}}),
        lambda: alex.post(f"{message}/send"),
        lambda: alex.post("/me/sendMail", json={"message": {"toRecipients": to(ADELE)}}),
        lambda: alex.delete(message),
    ]
    for write in writes:
        before = alex.get(PAGE).content
        assert from_memory(alex, ear)
        write()
        assert not from_memory(alex, ear)
        assert alex.get(PAGE).content != before


def test_a_write_of_somebody_else_s_is_seen_too(alex: Graph, megan: Graph) -> None:
    """What Megan sends is in Alex's inbox as soon as it is delivered."""
    inbox = "/me/mailFolders/inbox/messages"
    assert subjects(alex, inbox) == []
    megan.post("/me/sendMail", json={"message": {"subject": "Offsite", "toRecipients": to(ALEX)}})
    assert subjects(alex, inbox) == []
    alex.book.deliver()
    assert subjects(alex, inbox) == ["Offsite"]


def test_a_refused_write_changes_nothing(alex: Graph) -> None:
    """The answer is the same, from memory or not."""
    draft = alex.sent()
    before = alex.get(PAGE).content
    assert alex.post(f"{PAGE}/{draft['id']}/send").is_error
    assert alex.get(PAGE).content == before


def in_python(file: Path, book: Book) -> None:
    """The same book, without a request."""
    book.mailbox(ALEX).create_draft(subject="Another")


def in_another_book(file: Path, book: Book) -> None:
    """Another book of this process on the same file."""
    with open_book(file, deliver=False) as other:
        other.mailbox(ALEX).create_draft(subject="Another")


def in_another_process(file: Path, book: Book) -> None:
    """The command line beside a running server."""
    program = (
        "import sys\n"
        "from letterbook import open_book\n"
        "with open_book(sys.argv[1], deliver=False) as book:\n"
        "    book.mailbox('alexw@contoso.com').create_draft(subject='Another')\n"
    )
    assert warm.run("-c", program, str(file)).returncode == 0


@pytest.mark.parametrize("write", [in_python, in_another_book, in_another_process])
def test_whoever_writes_ends_it(
    alex: Graph, ear: Ear, file: Path, write: Callable[[Path, Book], None]
) -> None:
    """The very next answer shows it."""
    alex.draft(subject="One")
    assert subjects(alex) == ["One"]
    assert from_memory(alex, ear)
    write(file, alex.book)
    assert subjects(alex) == ["Another", "One"]
    assert from_memory(alex, ear)


def test_two_faces_of_one_book_do_not_fool_each_other(alex: Graph, loop: Conversations) -> None:
    """As two workers of a server: what one writes, the other shows."""
    with stranger_at(alex.book, loop) as other:
        also_alex = other.holding(alex.book.token(ALEX))
        for number in range(5):
            writing, reading = (alex, also_alex) if number % 2 else (also_alex, alex)
            assert len(reading.values(PAGE)) == len(writing.values(PAGE)) == number
            writing.draft()
            assert len(reading.values(PAGE)) == len(writing.values(PAGE)) == number + 1


def test_a_book_in_memory_forgets_as_well(loop: Conversations) -> None:
    """Its pulse is its own."""
    with open_book(":memory:", deliver=False) as book, stranger_at(book, loop) as nobody:
        book.add_user(ALEX)
        alex = nobody.holding(book.token(ALEX))
        for number in range(3):
            assert len(alex.values(PAGE)) == len(alex.values(PAGE)) == number
            alex.draft()


# --- How much --------------------------------------------------------------------------------------


def kept(memo: Memo, *questions: str, pulse: int = 1) -> list[str]:
    """Which questions a memo has an answer to."""
    return [each for each in questions if memo.get((each,), pulse) is not None]


def test_an_answer_belongs_to_its_pulse() -> None:
    """One that was read before a write is not kept after it, nor found by whoever comes late."""
    memo = Memo()
    assert kept(memo, "a", pulse=1) == []
    memo.keep(("a",), 1, b"one", {})
    assert memo.get(("a",), 1) == (b"one", {})
    assert memo.get(("a",), 2) is None
    memo.keep(("a",), 1, b"one", {})
    assert memo.get(("a",), 2) is None, "it was read before the write"
    memo.keep(("a",), 2, b"two", {})
    assert memo.get(("a",), 2) == (b"two", {})
    assert memo.get(("a",), 1) is None
    assert memo.get(("a",), 2) is None, "another pulse in between: nothing is believed"


def test_the_oldest_answers_make_room() -> None:
    """As many as fit, the last ones."""
    memo = Memo(most=40_000)
    kept(memo)
    memo.get(("",), 1)
    for name in "abcdefghijklmnop":
        memo.keep((name,), 1, b"x" * 2_975, {})
    assert kept(memo, *"abcdefghijklmnop") == list("ghijklmnop")


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    """One page does not drive out all others."""
    memo = Memo(most=80_000)
    memo.get(("",), 1)
    memo.keep(("small",), 1, b"x" * 5_000, {})
    memo.keep(("large",), 1, b"x" * 10_000, {})
    assert kept(memo, "small", "large") == ["small"]


def test_the_same_answer_twice_counts_once() -> None:
    """Two who asked at once; what is counted is what is kept, also after a thousand times."""
    memo = Memo(most=40_000)
    memo.get(("",), 1)
    memo.keep(("b",), 1, b"x" * 3_000, {})
    for _ in range(1000):
        memo.keep(("a",), 1, b"x" * 3_000, {})
    assert kept(memo, "a", "b") == ["a", "b"]


@pytest.mark.parametrize("length", [0, 4_000])
def test_many_small_answers_to_long_questions_are_bounded(length: int) -> None:
    """Empty pages cost memory as well: whoever asks ten thousand different things fills none."""
    memo = Memo(most=400_000)
    memo.get(("",), 1)
    questions = [(f"{number}", b"q" * length) for number in range(10_000)]
    for question in questions:
        memo.keep(question, 1, b"", {})
    found = [question for question in questions if memo.get(question, 1)]
    assert 0 < len(found) * (1_000 + length) <= 400_000
    assert found[-1] == questions[-1]
