"""The facts of a store as JSON Lines: every seal is the same where they are read again."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from letterbook import Book, MoveRefused, SealBroken, open_book
from letterbook.adapters.mail_files.facts import FactsFile
from letterbook.adapters.mail_files.facts import write as write_facts
from letterbook.application import transcribing
from letterbook.application.ports import Head, StoredFact
from letterbook.application.transcribing import Contents, contents_of
from letterbook.application.troubles import StoreFull, StoreTrouble
from tests.fakes import FakeTransport
from tests.moving.letters import no_mail

Lines = list[dict[str, Any]]


@pytest.fixture
def facts(book: Book, tmp_path: Path) -> Path:
    """The facts of a book with two mailboxes and files large and small."""
    alex, adele = (book.mailbox(f"{who}@contoso.com") for who in ("alexw", "adelev"))
    for number in range(5):
        draft = alex.create_draft(subject=f"Lunch {number} 昼", to=["adelev@contoso.com"])
        alex.attach(draft, "large.bin", bytes(range(256)) * 5_000)
        alex.update_draft(draft, body="long " * 20_000)
        alex.send(draft)
    adele.create_draft(subject="Hers")
    assert book.export_facts(tmp_path / "facts.jsonl") == contents_of(book.engine).events
    return tmp_path / "facts.jsonl"


def stored(book: Book) -> dict[object, tuple[StoredFact, ...]]:
    """Everything that the history holds, as it is kept."""
    with book.engine.store.reading() as session:
        return {m: session.history.stored(m, 0, 100_000) for m in session.history.mailboxes()}


def shown(book: Book) -> list[str]:
    """What the views of a book are."""
    with book.engine.store.reading() as session:
        return [session.views.fingerprint(mailbox) for mailbox in session.history.mailboxes()]


def lines_of(file: Path) -> Lines:
    """The lines of a file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def write(file: Path, lines: Lines) -> Path:
    """Lines as a file."""
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("place", ["new.db", ":memory:"])
def test_every_fact_and_every_seal_is_the_same(book: Book, facts: Path, tmp_path: Path, place: str) -> None:
    transport = FakeTransport(trouble=no_mail)
    path = place if place == ":memory:" else tmp_path / place
    with open_book(path, transport=transport, deliver=False) as other:
        restored = other.import_facts(facts)
        assert (restored.events, restored.already) == (contents_of(book.engine).events, 0)
        assert stored(other) == stored(book)
        assert [each.equal for each in other.rebuild(verify=True)] == [True, True]
        alex = other.mailbox("alexw@contoso.com")
        assert [each.body.content for each in alex.sent_items()] == ["long " * 20_000] * 5
        assert len(alex.mime(alex.sent_items()[0])) > 1_000_000
        assert (other.waiting(), other.deliver()) == (0, 0), "a transcript acts on nobody"
        alex.create_draft(subject="Life goes on")
        assert other.export_facts(tmp_path / "again.jsonl") == restored.events + 1


def test_the_views_are_the_same(book: Book, facts: Path, tmp_path: Path) -> None:
    with open_book(tmp_path / "new.db", deliver=False) as other:
        other.import_facts(facts)
        assert shown(other) == shown(book)


def test_a_file_is_the_same_each_time(book: Book, facts: Path, tmp_path: Path) -> None:
    book.export_facts(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == facts.read_bytes()
    assert sum("blob" in line for line in lines_of(facts)) == 1 + 2, "each blob once, in pieces of a mebibyte"


def test_the_place_must_be_free(book: Book, facts: Path) -> None:
    was = facts.read_bytes()
    with pytest.raises(MoveRefused, match="is there already"):
        book.export_facts(facts)
    assert facts.read_bytes() == was


def test_what_is_stopped_leaves_nothing(book: Book, facts: Path, tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        book.export_facts(tmp_path / "again.jsonl", stop)
    assert not [each.name for each in tmp_path.iterdir() if each.suffix == ".part" or "again" in each.name]


def test_whoever_is_stopped_goes_on_where_they_were(
    book: Book, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribing, "SLICE", 4)

    def stop(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with open_book(tmp_path / "new.db", deliver=False) as other, pytest.raises(KeyboardInterrupt):
        other.import_facts(facts, stop)
    with open_book(tmp_path / "new.db", deliver=False) as other:
        restored = other.import_facts(facts)
        assert restored.already > 0 < restored.events
        assert restored.already + restored.events == contents_of(book.engine).events
        assert (stored(other), shown(other)) == (stored(book), shown(book))
        assert other.import_facts(facts).events == 0


def test_whoever_is_stopped_twice_is_told_of_no_damage(
    book: Book, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two the store was opened, and showed what it had so far."""
    monkeypatch.setattr(transcribing, "SLICE", 4)

    def stop(share: float, done: int, total: int) -> None:
        if done > total * share:
            raise KeyboardInterrupt

    for share in (0.4, 0.7):
        with open_book(tmp_path / "new.db", deliver=False) as other, pytest.raises(KeyboardInterrupt):
            other.import_facts(facts, partial(stop, share))
        with open_book(tmp_path / "new.db", deliver=False) as other:
            boxes = [other.mailbox(each.address) for each in other.users()]
            assert sum(len(each.changes()) for each in boxes) == contents_of(other.engine).events
            assert all(each.equal for each in other.rebuild(verify=True))
    with open_book(tmp_path / "new.db", deliver=False) as other:
        assert other.import_facts(facts).events
        assert (stored(other), shown(other)) == (stored(book), shown(book))


def test_a_file_that_was_cut_off_says_so(book: Book, facts: Path, tmp_path: Path) -> None:
    whole = facts.read_bytes()
    for end in (len(whole) // 2, len(whole) - 2, whole.rindex(b'{"mailbox"')):
        facts.write_bytes(whole[:end])
        with open_book(tmp_path / f"{end}.db", deliver=False) as other:
            if end == len(whole) - 2:
                assert other.import_facts(facts).events, "only the last line is not whole"
                continue
            with pytest.raises((MoveRefused, StoreTrouble, SealBroken)):
                other.import_facts(facts)


def _cut_off(lines: Lines) -> None:
    del lines[-3:]


def _change_near_the_end(lines: Lines) -> None:
    _edit(lines, len(lines) - 2)


def _say_nonsense(lines: Lines) -> None:
    lines[-1] = {"nonsense": True}


@pytest.mark.parametrize(
    ("spoil", "holds_the_beginning"),
    [(_cut_off, False), (_cut_off, True), (_change_near_the_end, True), (_say_nonsense, True)],
)
def test_whoever_has_the_store_open_goes_on_with_what_came_before_a_refusal(
    facts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Lines], None],
    holds_the_beginning: bool,
) -> None:
    monkeypatch.setattr(transcribing, "SLICE", 4)
    lines, place = lines_of(facts), tmp_path / "new.db"
    spoil(lines)
    spoiled = write(tmp_path / "spoiled.jsonl", lines)
    if holds_the_beginning:
        with open_book(place, deliver=False) as other, pytest.raises(KeyboardInterrupt):
            other.import_facts(facts, _stop_soon)
    with open_book(place, deliver=False) as other:
        with pytest.raises((MoveRefused, SealBroken)) as refused:
            other.import_facts(spoiled)
        assert not getattr(refused.value, "__notes__", [])
        assert {each.address for each in other.users()} >= {"alexw@contoso.com"}
        assert other.mailbox("alexw@contoso.com").sent_items()
        assert all(each.equal for each in other.rebuild(verify=True))
        assert other.import_facts(facts).already > 0
    with open_book(place, deliver=False) as other:
        assert all(each.equal for each in other.rebuild(verify=True))


def _stop_soon(done: int, total: int) -> None:
    if done > total / 3:
        raise KeyboardInterrupt


def test_views_that_cannot_be_put_back_are_no_other_reason_than_the_first(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: object) -> None:
        raise StoreFull("no room")

    lines = lines_of(facts)
    _cut_off(lines)
    with open_book(tmp_path / "new.db", deliver=False) as other:
        monkeypatch.setattr(transcribing, "rebuild", full)
        with pytest.raises(MoveRefused, match="ends before its end") as refused:
            other.import_facts(write(facts, lines))
    assert refused.value.__notes__ == [
        "The views could not be made, and will be when the store is opened: no room"
    ]
    with open_book(tmp_path / "new.db", deliver=False) as other:
        assert other.users()


def test_a_store_with_mail_of_its_own_is_left_alone(facts: Path, tmp_path: Path) -> None:
    with open_book(tmp_path / "new.db", deliver=False) as other:
        other.mailbox("meganb@contoso.com").create_draft(subject="Mine")
        before = stored(other)
        with pytest.raises(MoveRefused, match="into a new one"):
            other.import_facts(facts)
        assert stored(other) == before


def test_a_store_that_went_on_is_left_alone(facts: Path, tmp_path: Path) -> None:
    with open_book(tmp_path / "new.db", deliver=False) as other:
        other.import_facts(facts)
        other.mailbox("alexw@contoso.com").create_draft(subject="Mine")
        before = stored(other)
        with pytest.raises(MoveRefused, match="facts of its own"):
            other.import_facts(facts)
        assert stored(other) == before


def test_a_store_that_went_another_way_is_left_alone(facts: Path, tmp_path: Path) -> None:
    with open_book(tmp_path / "new.db", deliver=False) as other:
        other.mailbox("alexw@contoso.com").create_draft(subject="Mine")
        before = stored(other)
        with pytest.raises((MoveRefused, SealBroken)):
            other.import_facts(facts)
        assert stored(other) == before


def _edit(lines: Lines, at: int) -> None:
    lines[at]["state"] = lines[at]["state"].replace("contoso", "fabrikam", 1)


def _swap(lines: Lines, at: int) -> None:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def _later(lines: Lines, at: int) -> None:
    lines[at]["recorded"] += 1


def _drop(lines: Lines, at: int) -> None:
    del lines[at]


def _double(lines: Lines, at: int) -> None:
    lines.insert(at, dict(lines[at]))


def _renumber(lines: Lines, at: int) -> None:
    lines[at]["version"] += 1


@pytest.mark.parametrize("tamper", [_edit, _swap, _later, _drop, _double, _renumber])
def test_a_file_that_was_changed_is_refused(
    facts: Path, tmp_path: Path, tamper: Callable[[Lines, int], None]
) -> None:
    lines = lines_of(facts)
    whose = [line.get("mailbox") for line in lines]
    places = [at for at in range(len(lines) - 1) if whose[at] and whose[at] == whose[at + 1]]
    for number, at in enumerate(Random(7).sample(places, 4)):
        changed = json.loads(json.dumps(lines))
        tamper(changed, at)
        file = write(tmp_path / f"{number}.jsonl", changed)
        new = open_book(tmp_path / f"{number}.db", deliver=False)
        with new as other, pytest.raises((SealBroken, MoveRefused)):
            other.import_facts(file)


def test_a_blob_that_was_changed_is_refused(facts: Path, tmp_path: Path) -> None:
    lines = lines_of(facts)
    at = next(at for at, line in enumerate(lines) if "blob" in line)
    lines[at]["base64"] = "AAAA" + lines[at]["base64"][4:]
    with open_book(tmp_path / "new.db", deliver=False) as other, pytest.raises(SealBroken, match="blob"):
        other.import_facts(write(facts, lines))


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (b"", "no file of facts"),
        (b'{"letterbook":"poems"}\n', "no file of facts"),
        (b"[]\n", "no file of facts"),
        (b'{"letterbook":"facts","format":1}\n', "no file of facts"),
        (b'{"letterbook":"facts","format":2,"mailboxes":{}}\n', "formats up to 1. Use a newer Letterbook"),
    ],
)
def test_another_file_is_refused(book: Book, tmp_path: Path, first: bytes, why: str) -> None:
    (tmp_path / "facts.jsonl").write_bytes(first)
    with pytest.raises(MoveRefused, match=why):
        book.import_facts(tmp_path / "facts.jsonl")


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"mailbox":"x"}', '{"blob":"x"}', '{"seq":1}'])
def test_a_line_that_cannot_be_read_is_named(facts: Path, tmp_path: Path, line: str) -> None:
    text = facts.read_text(encoding="utf-8").splitlines(keepends=True)
    text[1] = f"{line}\n"
    facts.write_text("".join(text), encoding="utf-8")
    new = open_book(tmp_path / "new.db", deliver=False)
    with new as other, pytest.raises(MoveRefused, match=r"Line 2 of facts\.jsonl"):
        other.import_facts(facts)


def test_an_empty_store_has_an_empty_file(tmp_path: Path) -> None:
    with open_book(tmp_path / "empty.db", deliver=False) as empty:
        assert empty.export_facts(tmp_path / "facts.jsonl") == 0
    with open_book(tmp_path / "new.db", deliver=False) as other:
        assert other.import_facts(tmp_path / "facts.jsonl").events == 0


def test_what_is_encrypted_or_compressed_is_kept_too(tmp_path: Path) -> None:
    """Stored bytes need not be text."""
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        box = book.mailbox("alexw@contoso.com")
        (fact, *_) = stored(book)[box.id]
    odd = StoredFact(fact.mailbox, 1, fact.aggregate, 1, fact.topic, b"\xff\x00", 7, b"h" * 32)
    write_facts(tmp_path / "odd.jsonl", Contents({fact.mailbox: Head(1, b"h" * 32)}), iter((odd,)))
    read = FactsFile(tmp_path / "odd.jsonl")
    assert (list(read.entries()), read.contents.events) == ([odd], 1)
