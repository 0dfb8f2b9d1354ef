"""Maildir and Maildir++: flags, folders, and names of folders."""

import mailbox
import os
from pathlib import Path

import pytest

from letterbook import Mailbox, MoveRefused
from letterbook.adapters.mail_files.maildir import decoded_name, encoded_name
from letterbook.domain.letter import FlagStatus
from letterbook.domain.message import Draft, SentMessage
from tests.moving.letters import LONG_AGO, brought_in, held, letter, only


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty Maildir."""
    return folder(tmp_path / "Maildir")


def folder(path: Path) -> Path:
    """A Maildir, or a folder of one."""
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True)
    return path


def put(path: Path, name: str, number: int, part: str = "cur") -> None:
    """A letter in a Maildir, received long ago."""
    file = path / part / name
    file.write_bytes(letter(number))
    os.utime(file, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


def test_flags_are_kept(alex: Mailbox, root: Path) -> None:
    put(root, "1.host:2,FRS", 1)
    alex.import_mail(root)
    message = only(alex)
    assert (message.is_read, message.flag.status, message.received_at) == (True, FlagStatus.FLAGGED, LONG_AGO)
    assert [verb.value for verb in message.letter.properties] == ["102"]


def test_what_is_new_is_unread(alex: Mailbox, root: Path) -> None:
    put(root, "1.host", 1, "new")
    put(root, "2.host:2,P", 2)
    (root / "cur" / ".hidden").write_bytes(b"no letter")
    alex.import_mail(root)
    assert [each.is_read for each in alex.folder("inbox")] == [False, False]
    verbs = [verb.value for each in alex.folder("inbox") for verb in alex.state(each).letter.properties]
    assert verbs == ["104"]


def test_trashed_letters_and_drafts_go_where_they_belong(alex: Mailbox, root: Path) -> None:
    put(root, "1.host:2,ST", 1)
    put(root, "2.host:2,DS", 2)
    alex.import_mail(root)
    assert held(alex) == {"Deleted Items": ["Letter 1"], "Inbox": ["Letter 2"]}
    assert isinstance(only(alex), Draft)


def test_folders_of_maildir_plus_plus_are_a_tree(alex: Mailbox, root: Path) -> None:
    put(folder(root / ".Sent"), "1:2,S", 1)
    put(folder(root / ".Clubs.Sch&APY-n & &-"), "2:2,S", 2)
    put(folder(root / "plain"), "3:2,S", 3)
    (root / "not-a-maildir").mkdir()
    alex.import_mail(root)
    assert held(alex) == {"Sent Items": ["Letter 1"], "Schön & &": ["Letter 2"], "plain": ["Letter 3"]}
    assert isinstance(only(alex, "sentitems"), SentMessage)


def test_a_letter_is_the_same_whatever_its_flags_say_by_now(alex: Mailbox, root: Path) -> None:
    put(root, "1.host:2,", 1)
    alex.import_mail(root)
    (root / "cur" / "1.host:2,").rename(root / "cur" / "1.host:2,S")
    report = alex.import_mail(root)
    assert (report.imported, report.already) == (0, 1)


def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(alex: Mailbox, root: Path) -> None:
    put(root, "1.host:2,", 1)
    (root / "cur" / "2.host:2,").mkdir()
    (root / "cur" / "3.host:2,").write_bytes(b"")
    put(root, "4.host:2,", 4)
    report = alex.import_mail(root)
    assert report.imported == 2
    assert [each.origin for each in report.left_out] == ["Inbox/2.host", "Inbox/3.host"]
    assert [each.why for each in report.left_out] == ["Is a directory", "it has no headers"]


def test_what_is_no_maildir_is_refused(alex: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(MoveRefused, match="no folders cur and new"):
        alex.import_mail(tmp_path, format="maildir")


def test_what_is_written_is_read_by_python(alex: Mailbox, adele: Mailbox, root: Path, tmp_path: Path) -> None:
    put(root, "1.host:2,FRS", 1)
    put(folder(root / ".Clubs.A&AC8-B"), "2.host:2,P", 2)
    alex.import_mail(root)
    assert alex.export_mail(tmp_path / "out") == 2
    out = mailbox.Maildir(tmp_path / "out", create=False)
    (message,) = out
    assert (message["subject"], message.get_flags(), message.get_date()) == (
        "Letter 1",
        "FRS",
        LONG_AGO.timestamp(),
    )
    assert {"Clubs", "Clubs.A&AC8-B", "Sent Items"} <= set(out.list_folders())
    (other,) = out.get_folder("Clubs.A&AC8-B")
    assert (other["subject"], other.get_flags()) == ("Letter 2", "P")
    adele.import_mail(tmp_path / "out")
    assert held(adele) == held(alex)
    assert [fact.received_at for fact in brought_in(adele)] == [LONG_AGO, LONG_AGO]


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("Sent Items", "Sent Items"),
        ("台北", "&U,BTFw-"),
        ("Hi Mom -☺-!", "Hi Mom -&Jjo--!"),
        ("a&b", "a&-b"),
        ("a.b/c", "a&AC4-b&AC8-c"),
        ("😀", "&2D3eAA-"),
    ],
)
def test_names_of_folders_are_those_of_imap(name: str, encoded: str) -> None:
    """Samples of RFC 3501 section 5.1.3; the point and the slash part the names of a path."""
    assert encoded_name(name) == encoded
    assert decoded_name(encoded) == name


@pytest.mark.parametrize("name", ["a & b", "&x", "&2D0-", "&-&-"])
def test_a_name_that_is_not_encoded_stays_as_it_is(name: str) -> None:
    assert decoded_name(name) == name.replace("&-", "&")
