"""Folders of .eml files."""

import os
from email import message_from_bytes
from pathlib import Path

import pytest

from letterbook import Mailbox
from letterbook.adapters.mail_files.names import file_name, folder_name
from tests.moving.letters import LONG_AGO, brought_in, held, letter, only


def test_a_tree_of_files_is_brought_in(alex: Mailbox, tmp_path: Path) -> None:
    root = tmp_path / "mail"
    (root / "Sent" / "2009").mkdir(parents=True)
    (root / "1.eml").write_bytes(letter(1))
    (root / "Sent" / "2.EML").write_bytes(letter(2).replace(b"\n", b"\r\n"))
    (root / "Sent" / "2009" / "3.eml").write_bytes(letter(3))
    (root / "readme.txt").write_text("no letter")
    report = alex.import_mail(root)
    assert (report.imported, report.unreadable) == (3, 0)
    assert held(alex) == {"Inbox": ["Letter 1"], "Sent Items": ["Letter 2"], "2009": ["Letter 3"]}
    assert only(alex).received_at == only(alex).sent_at


def test_one_file_is_brought_in(alex: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(letter(1))
    assert alex.import_mail(tmp_path / "1.eml").imported == 1
    assert only(alex).is_read


def test_a_letter_without_a_date_came_when_its_file_was_written(alex: Mailbox, tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(b"Subject: No date\n\nAnd no Message-ID.\n")
    os.utime(file, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    alex.import_mail(file)
    assert only(alex).received_at == LONG_AGO
    assert only(alex).letter.internet_message_id.endswith("@contoso.com>")


def test_a_broken_file_is_named_and_the_rest_goes_on(alex: Mailbox, tmp_path: Path) -> None:
    root = tmp_path / "mail"
    root.mkdir()
    (root / "1.eml").write_bytes(letter(1))
    (root / "2.eml").write_bytes(os.urandom(16) + b"\n\n")
    (root / "4.eml").write_bytes(letter(4))
    report = alex.import_mail(root)
    assert report.imported == 2
    assert [each.origin for each in report.left_out] == ["2.eml"]


def test_names_of_files_need_not_be_text(alex: Mailbox, tmp_path: Path) -> None:
    """Those of old programs are in old encodings."""
    root = tmp_path / "mail" / os.fsdecode(b"B\xfcro")
    root.mkdir(parents=True)
    for number, name in ((1, b"Gr\xfc\xdfe.eml"), (2, b"Gr\xfc\xdee.eml")):
        (root / os.fsdecode(name)).write_bytes(letter(number))
    assert alex.import_mail(tmp_path / "mail").imported == 2
    assert alex.import_mail(tmp_path / "mail").already == 2
    assert held(alex) == {"B\\udcfcro": ["Letter 1", "Letter 2"]}
    assert {fact.origin[-9:] for fact in brought_in(alex)} == {"\\udcdfe.eml"[-9:], "\\udcdee.eml"[-9:]}


def test_what_is_written_is_mime(alex: Mailbox, adele: Mailbox, tmp_path: Path) -> None:
    alex.create_draft(subject="Lunch", body="At noon?", to=["adelev@contoso.com"])
    (tmp_path / "1.eml").write_bytes(letter(1))
    alex.import_mail(tmp_path / "1.eml")
    assert alex.export_mail(tmp_path / "out", format="eml") == 2
    (file,) = (tmp_path / "out" / "Inbox").iterdir()
    message = message_from_bytes(file.read_bytes())
    assert (message["subject"], message["message-id"]) == ("Letter 1", "<1@contoso.com>")
    adele.import_mail(tmp_path / "out")
    assert held(adele) == held(alex)


NAMES = [
    "a/b",
    "..",
    ".",
    "con:",
    "50%",
    "a%2Fb",
    "Büro",
    "x" * 255,
    "é" * 255,
    "trailing ",
    "dot.",
    ".hidden",
    "\x00",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_folder_is_one_of_a_file(tmp_path: Path, name: str) -> None:
    made = file_name(name)
    assert Path(made).name == made
    (tmp_path / f"{made}.mbox").touch()
    assert len(made.encode()) <= 200
    assert folder_name(made) == name or len(name) == 255
    assert len({file_name(each) for each in NAMES}) == len(NAMES)


def test_a_name_of_another_program_stays_as_it_is() -> None:
    assert folder_name("100%25 Büro") == "100% Büro"
    assert folder_name("a%20b") == "a%20b"
    assert folder_name("%ff") == "%ff"
