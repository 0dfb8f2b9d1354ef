"""One flipped bit in any event or blob: whatever is asked is answered as before, or refused."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, StoreDamaged, open_book
from letterbook.application.public_ids import Kind, public
from tests.chance import seeds
from tests.cli.terminal import Terminal
from tests.fakes import MONDAY, FakeClock
from tests.graph.client import ADELE, ALEX, BASE, Graph, stranger_at
from tests.looping import Conversations
from tests.proof.test_verifying import flipped, put, report, value

LONG = "At noon? " * 10_000
HOUR = timedelta(hours=1)
COLUMNS = ("mailbox", "aggregate", "topic", "state", "hash", "seq", "version", "recorded")
PATHS = (
    "/me/messages?$top=50",
    "/me/mailFolders/inbox/messages?$top=50",
    "/me/mailFolders?$top=50",
    "/me/mailboxSettings",
)
OF_A_MESSAGE = ("", "/$value", "/attachments")
REFUSED = "refused"

Answers = dict[tuple[str, str], str]


class Kept(NamedTuple):
    """An event, as far as it says where it stands."""

    mailbox: bytes
    seq: int
    aggregate: bytes
    version: int
    topic: str


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which something has happened, closed; nobody has asked about its past."""
    file, clock = tmp_path_factory.mktemp("origin") / "mail.db", FakeClock()
    with open_book(file, deliver=False, clock=clock) as book:
        alex, adele = book.mailbox(ALEX), book.mailbox(ADELE)
        for number in range(3):
            draft = alex.create_draft(subject=f"Lunch {number}", to=[ADELE], body=LONG[: number * 40_000])
            alex.attach(draft, "menu.txt", b"Lasagna " * 10_000)
            clock.pass_by(HOUR)
            alex.send(draft)
        alex.create_draft(subject="Offsite")
        book.deliver()
        clock.pass_by(HOUR)
        adele.mark_read(adele.folder("inbox")[0])
        adele.move(adele.folder("inbox")[1], "archive")
        adele.delete(adele.folder("inbox")[0])
    return file


@pytest.fixture(scope="module")
def looked_back(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, after somebody has asked about its past: the earlier lists are there."""
    file = copied(origin, tmp_path_factory.mktemp("again") / "store")
    with open_book(file, deliver=False) as book:
        for address in (ALEX, ADELE):
            box = book.mailbox(address)
            assert box.at(box.changes()[-1].seq).folders()
    return file


@pytest.fixture(scope="module")
def answers(
    origin: Path, looked_back: Path, loop: Conversations, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Answers]:
    """What is answered to everything while all is good, found out once for each of the stores."""

    @cache
    def answered(store: Path) -> Answers:
        return asked(copied(store, tmp_path_factory.mktemp("good") / "store"), loop, kept(store))

    return answered


def copied(origin: Path, folder: Path) -> Path:
    """A store with all that is beside it."""
    shutil.copytree(origin.parent, folder)
    return folder / origin.name


def kept(file: Path) -> list[Kept]:
    """Every event."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            "SELECT mailbox, seq, aggregate, version, topic FROM events ORDER BY mailbox, seq"
        )
        return [Kept(*row) for row in found]


# --- Everything that can be asked ------------------------------------------------------------------


def asked(file: Path, loop: Conversations, letters: list[Kept]) -> Answers:
    """What every face answers to everything, about all letters there ever were."""
    clock = FakeClock(MONDAY + 10 * HOUR)
    with open_book(file, deliver=False, clock=clock) as book, stranger_at(book, loop) as nobody:
        answers: Answers = {}
        for address in (ALEX, ADELE):
            box = book.mailbox(address)
            mine = sorted(
                {each.aggregate for each in letters if each.mailbox == box.id.bytes != each.aggregate}
            )
            names = [public(Kind.MESSAGE, UUID(bytes=name)) for name in mine]
            for path in paths(names, len([each for each in letters if each.mailbox == box.id.bytes])):
                answers[address, path] = over_http(nobody, address, path)
            for title, question in in_python(box, names):
                answers[address, title] = or_refused(question)
        return answers | {("everybody", "rebuild"): or_refused(partial(rebuilt, book))}


def paths(names: list[str], end: int) -> Iterator[str]:
    """Of the Graph face: now and at three earlier points, and what changed."""
    now = [*PATHS, *(f"/me/messages/{name}{more}" for name in names for more in OF_A_MESSAGE)]
    moment = f"{MONDAY + 2.5 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    for path in now:
        yield path
        mark = "&" if "?" in path else "?"
        yield from (f"{path}{mark}asOf={point}" for point in (end // 2, end, moment))
    yield from (f"/me/messages/{name}/letterbook.timeline" for name in names)
    yield f"/me/letterbook.diff?from=2&to={end}"


def over_http(nobody: Graph, who: str, path: str) -> str:
    """An answer of the Graph face; refusals are all the same, but they say that something is damaged."""
    headers = {"Authorization": f"Bearer {nobody.book.token(who)}"}
    answer = nobody.loop.run(nobody.http.get(f"{BASE}/v1.0{path}", headers=headers))
    if answer.status_code == 500:
        assert answer.json()["error"]["code"] == "ErrorCorruptData", answer.text
        return REFUSED
    return f"{answer.status_code} {answer.text if answer.is_success else ''}"


def in_python(box: Mailbox, names: list[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Of the Python face."""
    yield "changes", box.changes
    for folder in ("drafts", "inbox", "sentitems"):
        yield f"then {folder}", partial(folder_then, box, folder)
    for name in names:
        yield f"history {name}", partial(box.records, name)


def folder_then(box: Mailbox, folder: str) -> object:
    """A folder as it was."""
    return box.at(4).folder(folder)


def rebuilt(book: Book) -> bool:
    """Whether the views made anew are what they were."""
    return all(each.equal for each in book.rebuild(verify=True))


def or_refused(question: Callable[[], object]) -> str:
    """An answer, or the word that there is none."""
    try:
        return repr(question())
    except StoreDamaged:
        return REFUSED


def compare(before: Answers, after: Answers) -> int:
    """Every answer is what it was, or refused; gives how many are refused."""
    assert before.keys() == after.keys()
    wrong = {key: said for key, said in after.items() if said not in (REFUSED, before[key])}
    assert not wrong
    return sum(said == REFUSED for said in after.values())


# --- One bit ---------------------------------------------------------------------------------------


def flip(file: Path, chance: Random) -> Kept:
    """Flip a bit of an event that can be flipped: a place that is taken the table itself refuses."""
    event = chance.choice(kept(file))
    column = chance.choice(COLUMNS)
    old = value(file, column, event.mailbox, event.seq)
    if isinstance(old, int):
        new: object = old ^ 1 << chance.randrange(62)
    else:
        new = flipped(old.encode() if column == "topic" else old, chance)
    try:
        put(file, column, new, event.mailbox, event.seq)
    except sqlite3.IntegrityError:
        return flip(file, chance)
    return event


@pytest.mark.parametrize("seed", seeds(12))
@pytest.mark.parametrize("past", ["unasked", "asked"])
def test_a_flipped_bit_of_an_event_is_never_served(
    request: pytest.FixtureRequest,
    answers: Callable[[Path], Answers],
    tmp_path: Path,
    loop: Conversations,
    past: str,
    seed: int,
) -> None:
    """Whether or not the earlier lists were made before; and the whole store is found to be damaged."""
    origin: Path = request.getfixturevalue("origin" if past == "unasked" else "looked_back")
    before = answers(origin)
    file = copied(origin, tmp_path / "bad")
    flip(file, Random(f"{past} {seed}"))

    refused = compare(before, asked(file, loop, kept(origin)))

    assert REFUSED not in before.values()
    assert refused > 0
    assert not report(file).good


@pytest.mark.usefixtures("at_a_glance")
@pytest.mark.parametrize("seed", seeds(6))
def test_a_flipped_bit_of_an_event_is_not_served_at_a_glance(
    origin: Path, answers: Callable[[Path], Answers], tmp_path: Path, loop: Conversations, seed: int
) -> None:
    before = answers(origin)
    file = copied(origin, tmp_path / "bad")
    flip(file, Random(f"at a glance {seed}"))

    assert compare(before, asked(file, loop, kept(origin))) > 0
    assert REFUSED not in before.values()


@pytest.mark.parametrize("seed", seeds(6))
def test_a_flipped_bit_of_a_blob_is_never_served(
    origin: Path,
    answers: Callable[[Path], Answers],
    tmp_path: Path,
    loop: Conversations,
    seed: int,
) -> None:
    chance = Random(seed)
    before = answers(origin)
    file = copied(origin, tmp_path / "bad")
    blob = chance.choice(
        sorted(each for each in file.with_name("mail.db.blobs").rglob("*") if each.is_file())
    )
    blob.write_bytes(flipped(blob.read_bytes(), chance))

    refused = compare(before, asked(file, loop, kept(origin)))

    assert refused > 0
    assert not report(file).good


def test_a_name_that_is_no_text_any_more_is_damage(origin: Path, tmp_path: Path) -> None:
    """SQLite has no word for it: Python itself cannot read it."""
    file = copied(origin, tmp_path / "bad")
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.drafts()[0]
        put(file, "topic", b"message.draft-\xff", alex.id.bytes, alex.records(draft)[-1].seq)
        for question in (partial(alex.history, draft), alex.changes, book.rebuild):
            with pytest.raises(StoreDamaged):
                question()


@pytest.mark.parametrize("question", ["history", "changes", "rebuild"])
def test_whoever_met_damage_is_told_what_was_written_since(
    origin: Path, tmp_path: Path, question: str
) -> None:
    """An error that somebody keeps, in a log or a debugger, keeps nothing half read."""
    file = copied(origin, tmp_path / "bad")
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.drafts()[0]
        sent = alex.folder("sentitems")[0]
        for each in (draft, sent):
            seq = alex.records(each)[0].seq
            put(
                file,
                "state",
                flipped(value(file, "state", alex.id.bytes, seq), Random(0)),
                alex.id.bytes,
                seq,
            )
        asked: dict[str, Callable[[], object]] = {
            "history": partial(alex.history, sent),
            "changes": alex.changes,
            "rebuild": book.rebuild,
        }
        with pytest.raises(StoreDamaged) as kept:
            asked[question]()
        before = len(alex.drafts())
        alex.create_draft(subject="Since")
        assert len(alex.drafts()) == before + 1, kept


def test_whoever_met_damage_goes_on_writing_after_others(origin: Path, tmp_path: Path) -> None:
    file = copied(origin, tmp_path / "bad")
    with open_book(file, deliver=False) as book, open_book(file, deliver=False) as other:
        alex = book.mailbox(ALEX)
        sent = alex.folder("sentitems")[0]
        seq = alex.records(sent)[0].seq
        put(file, "state", flipped(value(file, "state", alex.id.bytes, seq), Random(0)), alex.id.bytes, seq)
        with pytest.raises(StoreDamaged) as kept:
            alex.mark_read(sent, is_read=False)
        other.mailbox(ALEX).create_draft(subject="Theirs")
        alex.create_draft(subject="Ours")
        assert [each.subject for each in alex.drafts()[:2]] == ["Ours", "Theirs"], kept


def test_a_rebuild_names_the_first_bad_event_and_leaves_the_views(origin: Path, tmp_path: Path) -> None:
    file = copied(origin, tmp_path / "bad")
    with open_book(file, deliver=False) as book:
        mailbox = book.mailbox(ALEX).id
    for seq in (7, 4, 9):
        put(file, "state", flipped(value(file, "state", mailbox.bytes, seq), Random(seq)), mailbox.bytes, seq)

    said = Terminal(file).refused("rebuild")

    assert said == f"mailbox {mailbox}, event 4: is not what was recorded: its hash does not fit"
    assert "Lunch 2" in Terminal(file).tell("sent", "--as", ALEX)
