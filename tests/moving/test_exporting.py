"""Taking mail elsewhere: all of it, whole or not at all."""

from pathlib import Path

import pytest

from letterbook import Book, Mailbox, MoveRefused
from letterbook.application import exporting
from letterbook.application.jobs import create_folder
from letterbook.domain.folders import FolderSearch
from letterbook.domain.mailbox import RenameFolder, well_known_id
from tests.moving.letters import brought_in, held, letter, mbox


@pytest.fixture
def full(book: Book, alex: Mailbox, tmp_path: Path) -> Mailbox:
    """Alex's mailbox with a letter in each of some folders."""
    (tmp_path / "a.mbox").write_bytes(mbox(*map(letter, range(5))))
    alex.import_mail(tmp_path / "a.mbox")
    alex.create_draft(subject="A draft")
    alex.delete(alex.create_draft(subject="In the bin"))
    on, top = book.engine.occasion(alex.address), well_known_id(alex.id, "msgfolderroot")
    clubs, search = (
        book.engine.ids.new(),
        FolderSearch(sources=(top,), nested=True, condition="isRead eq true"),
    )
    book.engine.run(lambda work: create_folder(work, alex.id, clubs, "Clubs / Büro", top, on))
    found = book.engine.ids.new()
    book.engine.run(lambda work: create_folder(work, alex.id, found, "Found", top, on, search=search))
    return alex


@pytest.mark.parametrize("format_", ["mbox", "maildir", "eml"])
def test_what_was_taken_out_can_be_brought_in(
    full: Mailbox, adele: Mailbox, tmp_path: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    assert full.export_mail(tmp_path / "out", format=format_) == 7
    assert adele.import_mail(tmp_path / "out").imported == 7
    assert held(adele) == held(full)
    assert "Clubs / Büro" in {folder.name for folder in adele.folders()}
    assert "Found" not in {folder.name for folder in adele.folders()}
    assert {fact.kind for fact in brought_in(adele)} == {"draft", "received"}


def test_the_place_must_be_free(full: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(MoveRefused, match="is there already"):
        full.export_mail(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("format_", ["mbox", "maildir", "eml"])
def test_what_is_stopped_leaves_nothing(full: Mailbox, tmp_path: Path, format_: str) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        full.export_mail(tmp_path / "out", format=format_, progress=stop)
    assert not [each.name for each in tmp_path.iterdir() if "out" in each.name]
    assert full.export_mail(tmp_path / "out", format=format_) == 7


def test_what_a_crash_left_half_written_is_cleared_away(full: Mailbox, tmp_path: Path) -> None:
    left = tmp_path / ".out.letterbook-part" / "cur"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"Sub")
    assert full.export_mail(tmp_path / "out") == 7
    assert not left.exists()
    assert not (tmp_path / "out" / "cur" / "half").exists()


def test_folders_of_other_programs_names_do_not_hide_those_every_mailbox_has(
    book: Book, alex: Mailbox, tmp_path: Path
) -> None:
    on, top = book.engine.occasion(alex.address), well_known_id(alex.id, "msgfolderroot")
    name = book.engine.ids.new()
    sent = well_known_id(alex.id, "sentitems")
    book.engine.run(lambda work: work.ask_mailbox(alex.id, RenameFolder(sent, "Gone out"), on))
    book.engine.run(lambda work: create_folder(work, alex.id, name, "Sent Items", top, on))
    alex.export_mail(tmp_path / "out", format="eml")
    assert {"Gone out", "Sent Items"} <= {each.name for each in (tmp_path / "out").iterdir()}


def test_progress_is_told_letter_by_letter(full: Mailbox, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    full.export_mail(tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 7) for done in range(1, 8)]
