"""Files that arrive in pieces, in a folder and in memory."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from letterbook.adapters.file_forms import CLEAR, Form
from letterbook.adapters.sealed_files import Sealed
from letterbook.adapters.uploads import FolderUploads, MemoryUploads
from letterbook.application.blobs import Uploads
from letterbook.application.troubles import StoreDamaged, StoreFull
from tests.contracts.uploads import FLOWER, STONE, UploadsContract, take_in


class TestMemoryUploads(UploadsContract):
    """In memory."""

    @pytest.fixture
    def uploads(self) -> Uploads:
        """Nothing on its way."""
        return MemoryUploads()


class UploadsInAFolder(UploadsContract):
    """In a folder, where they outlive the program; each form runs it as ``form``."""

    form: Form

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder that does not exist yet."""
        return tmp_path / "mail" / "uploads"

    @pytest.fixture
    def uploads(self, folder: Path) -> Uploads:
        """Nothing on its way."""
        return FolderUploads(folder, self.form)

    def test_uploads_outlive_the_program(self, uploads: Uploads, folder: Path) -> None:
        """Another keeper of the same folder goes on where this one stopped."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        other = FolderUploads(folder, self.form)
        assert (other.find(FLOWER.id), other.received(FLOWER.id)) == (FLOWER, 5)
        take_in(other, 5, b" are red")
        assert b"".join(uploads.pieces(FLOWER.id)) == b"Roses are red"

    def test_looking_makes_no_folder(self, uploads: Uploads, folder: Path) -> None:
        """It is made for the first file."""
        assert uploads.find(FLOWER.id) is None
        assert uploads.all() == []
        assert not folder.exists()

    def test_a_file_that_is_gone_leaves_nothing(self, uploads: Uploads, folder: Path) -> None:
        """Not even an empty folder."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        uploads.drop(FLOWER.id)
        assert list(folder.iterdir()) == []

    def test_a_file_is_forgotten_before_its_bytes_go(
        self, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever counts the bytes and then still finds the file has counted right."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        found: list[tuple[object, int]] = []

        def look(*_: object, **__: object) -> None:
            found.append((uploads.find(FLOWER.id), uploads.received(FLOWER.id)))

        monkeypatch.setattr("shutil.rmtree", look)
        uploads.drop(FLOWER.id)
        assert found == [(None, 5)]

    def test_a_full_disk_takes_no_piece(
        self, uploads: Uploads, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was there stays, and nothing is beside it."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        piece = uploads.piece(FLOWER.id, 5)
        piece.write(b" are red")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StoreFull, match="No space left"):
                piece.keep()
        piece.close()
        assert uploads.received(FLOWER.id) == 5
        assert len(list((folder / FLOWER.id.hex).iterdir())) == 2

    def test_what_a_crash_left_behind_is_cleared(self, uploads: Uploads, folder: Path) -> None:
        """A piece that was never whole, and a file that was never begun."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        half = folder / FLOWER.id.hex / ".half.part"
        half.write_bytes(b" are")
        unbegun = folder / ("0" * 32)
        unbegun.mkdir()
        assert uploads.clear(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert uploads.clear(datetime.now(UTC) + timedelta(seconds=1)) == 2
        assert not half.exists()
        assert not unbegun.exists()
        assert uploads.received(FLOWER.id) == 5

    def test_a_label_that_cannot_be_read_is_said_so(self, uploads: Uploads, folder: Path) -> None:
        """It is not taken for another file, or for none."""
        uploads.begin(FLOWER)
        (folder / FLOWER.id.hex / "upload.json").write_bytes(b"{}")
        with pytest.raises(StoreDamaged):
            uploads.find(FLOWER.id)

    def test_what_somebody_began_to_remove_goes_at_once(self, uploads: Uploads, folder: Path) -> None:
        """It has lost its label, and somebody was stopped then."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        home = folder / FLOWER.id.hex
        (home / "upload.json").rename(home / ".doomed")
        assert uploads.clear(datetime.now(UTC) - timedelta(hours=1)) == 1
        assert not home.exists()


class TestFolderUploads(UploadsInAFolder):
    """As they are."""

    form = CLEAR


class TestSealedUploads(UploadsInAFolder):
    """Encrypted."""

    form = Sealed(bytes(range(32)))

    def test_nothing_of_a_file_is_to_be_read_on_the_disk(self, uploads: Uploads, folder: Path) -> None:
        """Neither what was said of it nor what has arrived, kept or not."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses " * 400_000)
        half = uploads.piece(FLOWER.id, 2_400_000)
        half.write(b"Roses " * 400_000)
        held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        half.close()
        assert len(held) > 3_000_000
        assert not any(word in held for word in (b"Roses", b"alexw", b"flower", b"image/jpeg"))

    def test_pieces_are_read_only_in_their_places(self, uploads: Uploads, folder: Path) -> None:
        """One that somebody has put into another's is damage."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        take_in(uploads, 5, b"Stone")
        home = folder / FLOWER.id.hex
        first, second = (home / f"{start:012}" for start in (0, 5))
        first.rename(home / "x")
        second.rename(first)
        (home / "x").rename(second)
        with pytest.raises(StoreDamaged, match="cannot be read"):
            b"".join(uploads.pieces(FLOWER.id))

    def test_a_piece_or_a_label_of_another_file_is_damage(self, uploads: Uploads, folder: Path) -> None:
        """Each file has a key of its own."""
        for upload in (FLOWER, STONE):
            uploads.begin(upload)
            take_in(uploads, 0, b"Roses", upload=upload)
        here, there = (folder / upload.id.hex for upload in (FLOWER, STONE))
        (there / f"{0:012}").replace(here / f"{0:012}")
        with pytest.raises(StoreDamaged, match="cannot be read"):
            b"".join(uploads.pieces(FLOWER.id))
        (there / "upload.json").replace(here / "upload.json")
        with pytest.raises(StoreDamaged, match="cannot be read"):
            uploads.find(FLOWER.id)

    def test_a_file_that_is_dropped_loses_its_key_first(
        self, uploads: Uploads, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Zeros are on disk where it was, so that what is found of the pieces is of no use."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        home, left = folder / FLOWER.id.hex, list[bytes]()
        monkeypatch.setattr("shutil.rmtree", lambda *_, **__: left.append((home / ".doomed").read_bytes()))
        uploads.drop(FLOWER.id)
        assert left == [bytes(len(left[0]))]
        assert len(left[0]) > 100
