"""Letters to the outside: handed over once for each key, refused for good reasons, or tried again."""

import os
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from letterbook.adapters.eml_folder import EmlFolder
from letterbook.application.ports import Transport, TryLater, Undeliverable
from tests.contracts.transport import ALEX, LETTER, MEGAN, REVISED, Arrived, TransportContract


class TestEmlFolder(TransportContract):
    """A folder of files."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder that does not exist yet."""
        return tmp_path / "mail" / "out"

    @pytest.fixture
    def transport(self, folder: Path) -> Transport:
        """The transport that writes to it."""
        return EmlFolder(folder)

    @pytest.fixture
    def arrived(self, folder: Path, tmp_path: Path) -> Arrived:
        """What the files hold; looks everywhere, so that a file outside the folder shows."""

        def read() -> list[bytes]:
            files = [path for path in tmp_path.rglob("*") if path.is_file()]
            assert all(file.parent == folder and file.suffix == ".eml" for file in files)
            return [file.read_bytes() for file in files]

        return read

    @pytest.mark.parametrize("recipient", ["megan@nowhere.invalid", "megan@INVALID", "megan@a.b.Invalid"])
    def test_a_domain_that_never_exists_is_refused_for_good(
        self, transport: Transport, arrived: Arrived, recipient: str
    ) -> None:
        """RFC 6761 section 6.4."""
        with pytest.raises(Undeliverable, match=r"^550 5\.1\.2 "):
            transport.deliver("1", ALEX, recipient, LETTER)
        assert arrived() == []

    @pytest.mark.parametrize(
        "recipient",
        [
            "",
            "megan",
            "@fabrikam.com",
            "megan@",
            "megan@fabrikam..com",
            "megan@fabrikam.com.",
            "megan@-fabrikam.com",
            "megan@fabrikam_com",
            ".megan@fabrikam.com",
            "me gan@fabrikam.com",
            "megan@fabri kam.com",
            "megan@adele@fabrikam.com",
            "<megan@fabrikam.com>",
            "megan@fabrikam.com\n",
            "megan@fabrikam.com\r\nBcc: adele@fabrikam.com",
            '"megan\r\nX-Evil: 1"@fabrikam.com',
            "megan@fabrikam.com\x00",
            "megan@fabrikam.com\u2028X: 1",
            "megan\ud800@fabrikam.com",
            "m" * 65 + "@fabrikam.com",
            "megan@" + "f" * 64 + ".com",
            "megan@" + "fabrikam." * 30 + "com",
            "@" * 100_000,
        ],
    )
    def test_what_cannot_be_an_address_is_refused_for_good(
        self, transport: Transport, arrived: Arrived, recipient: str
    ) -> None:
        """RFC 5321 section 4.1.2; the reason is one line, for it goes into a report."""
        with pytest.raises(Undeliverable, match=r"\A553 5\.1\.3 [^\r\n]{1,600}\Z"):
            transport.deliver("1", ALEX, recipient, LETTER)
        assert arrived() == []

    def test_a_reader_sees_who_sent_it_to_whom(self, transport: Transport, arrived: Arrived) -> None:
        """Someone in Bcc is in no header of the letter itself."""
        transport.deliver("1", ALEX, MEGAN, LETTER)
        read = only(arrived)
        assert read["X-Letterbook-Envelope-From"] == "<alex@contoso.com>"
        assert read["X-Letterbook-Envelope-To"] == "<megan@fabrikam.com>"
        assert read["Subject"] == "Offsite"

    def test_the_topmost_trace_is_the_true_one(self, transport: Transport, arrived: Arrived) -> None:
        """A letter may claim what it likes below."""
        transport.deliver("1", ALEX, MEGAN, b"X-Letterbook-Envelope-To: <adele@fabrikam.com>\r\n" + LETTER)
        assert only(arrived).get_all("X-Letterbook-Envelope-To") == [
            "<megan@fabrikam.com>",
            "<adele@fabrikam.com>",
        ]

    def test_a_letter_cannot_continue_the_trace_above_it(
        self, transport: Transport, arrived: Arrived
    ) -> None:
        """A first line that begins with a space would belong to our last header."""
        with pytest.raises(Undeliverable, match=r"^554 5\.6\.0 "):
            transport.deliver("1", ALEX, MEGAN, b" , adele@fabrikam.com\r\n" + LETTER)
        assert arrived() == []

    @pytest.mark.parametrize("sender", ["alex", "alex@contoso.com\r\nBcc: adele@fabrikam.com"])
    def test_a_sender_that_is_no_address_is_refused(
        self, transport: Transport, arrived: Arrived, sender: str
    ) -> None:
        """RFC 3463 X.1.7."""
        with pytest.raises(Undeliverable, match=r"^553 5\.1\.7 "):
            transport.deliver("1", sender, MEGAN, LETTER)
        assert arrived() == []

    def test_a_full_disk_is_tried_again(
        self, transport: Transport, arrived: Arrived, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The letter that was there stays, whole."""
        transport.deliver("1", ALEX, MEGAN, LETTER)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full_disk)
            with pytest.raises(TryLater, match=r"^451 4\.3\.0 .*: No space left on device\.$"):
                transport.deliver("1", ALEX, MEGAN, REVISED)
        (letter,) = arrived()
        assert letter.endswith(LETTER)

    def test_a_folder_that_cannot_be_made_is_tried_again(self, transport: Transport, tmp_path: Path) -> None:
        """Something else has its name; the reason gives away no path."""
        (tmp_path / "mail").write_bytes(b"a file")
        with pytest.raises(TryLater) as refused:
            transport.deliver("1", ALEX, MEGAN, LETTER)
        assert str(tmp_path) not in str(refused.value)

    def test_a_folder_that_went_away_is_made_again(self, transport: Transport, folder: Path) -> None:
        """Whoever collects the letters may take the folder along."""
        transport.deliver("1", ALEX, MEGAN, LETTER)
        folder.rename(folder.with_name("collected"))
        transport.deliver("2", ALEX, MEGAN, LETTER)
        assert len(list(folder.iterdir())) == 1


def only(arrived: Arrived) -> Message:
    """The only letter, as a mail program reads it."""
    (letter,) = arrived()
    return message_from_bytes(letter)


def full_disk(_: int) -> None:
    """What fsync says when there is no room."""
    raise OSError(28, "No space left on device")
