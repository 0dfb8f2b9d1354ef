"""Large bytes beside the history: kept once, found by their hash, checked when read."""

import os
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import pytest

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.file_forms import CLEAR, Form, Unreadable
from letterbook.adapters.files import PIECE, write_durably
from letterbook.adapters.sealed_files import TAG, WRAPPED, Sealed
from letterbook.application.ports import BlobDamaged, Blobs
from letterbook.application.troubles import StoreFull
from letterbook.domain.letter import BlobRef
from tests.contracts.blobs import ELSEWHERE, FILM, PICTURE, BlobsContract
from tests.warm import started

KEY = bytes(range(32))


def emptied(_: bytes) -> bytes:
    """Nothing is left of a file."""
    return b""


def cut_short(data: bytes) -> bytes:
    """The last byte of a file is missing."""
    return data[:-1]


def grown(data: bytes) -> bytes:
    """Something was added to a file."""
    return data + b"!"


def changed(data: bytes) -> bytes:
    """A bit of a file is another one."""
    return bytes([data[0] ^ 1]) + data[1:]


class TestMemoryBlobs(BlobsContract):
    """In memory."""

    @pytest.fixture
    def blobs(self) -> Blobs:
        """An empty keeper."""
        return MemoryBlobs()


class BlobsInAFolder(BlobsContract):
    """In a folder, where bytes outlive the program and may be damaged; each form runs it as ``form``."""

    form: Form

    @pytest.fixture
    def blobs(self, folder: Path) -> Blobs:
        """A keeper of a folder that does not exist yet."""
        return FolderBlobs(folder, self.form)

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The folder it keeps."""
        return tmp_path / "mail" / "blobs"

    def test_blobs_outlive_the_program(self, blobs: Blobs, folder: Path) -> None:
        """Another keeper of the same folder finds them."""
        assert FolderBlobs(folder, self.form).get(blobs.put(PICTURE)) == PICTURE

    def test_a_file_is_found_by_its_name(self, blobs: Blobs, folder: Path) -> None:
        """The first two digits are a folder, so that none gets too full."""
        name = blobs.name(blobs.put(PICTURE))
        assert files_in(folder) == [folder / name[:2] / name[2:]]

    def test_a_store_without_blobs_has_no_folder_for_them(self, blobs: Blobs, folder: Path) -> None:
        """It is made for the first blob, not by looking."""
        with pytest.raises(BlobDamaged):
            blobs.get(BlobRef(sha256=ELSEWHERE, size=9))
        assert not folder.exists()

    def test_the_same_bytes_are_kept_once(self, blobs: Blobs, folder: Path) -> None:
        """The second time nothing is written but the time, which tells that it is needed."""
        blobs.put(PICTURE)
        (file,) = files_in(folder)
        os.utime(file, (0, 0))
        before = file.stat()
        blobs.put(PICTURE)
        assert files_in(folder) == [file]
        assert file.stat().st_ino == before.st_ino
        assert file.stat().st_mtime > before.st_mtime

    @pytest.mark.parametrize("damage", [emptied, cut_short, grown, changed])
    def test_damage_shows(self, blobs: Blobs, folder: Path, damage: Callable[[bytes], bytes]) -> None:
        """Cut short, grown, or changed in one place."""
        ref = blobs.put(PICTURE)
        (file,) = files_in(folder)
        file.write_bytes(damage(file.read_bytes()))
        with pytest.raises(BlobDamaged, match="not what it was"):
            blobs.get(ref)

    def test_putting_the_bytes_again_heals_the_damage(self, blobs: Blobs, folder: Path) -> None:
        """Once put returns, the bytes are on disk, whatever was there."""
        ref = blobs.put(PICTURE)
        files_in(folder)[0].write_bytes(b"damaged")
        blobs.put(PICTURE)
        assert blobs.get(ref) == PICTURE

    def test_a_lost_file_shows(self, blobs: Blobs, folder: Path) -> None:
        """Somebody removed it."""
        ref = blobs.put(PICTURE)
        files_in(folder)[0].unlink()
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.get(ref)

    def test_a_failed_write_leaves_nothing_behind(
        self, blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The disk is full: what was there stays, and there is no half of anything beside it."""
        blobs.put(PICTURE)
        (file,) = files_in(folder)
        file.write_bytes(b"damaged")
        monkeypatch.setattr(os, "fsync", full_disk)
        with pytest.raises(StoreFull, match="No space left"):
            blobs.put(PICTURE)
        assert files_in(folder) == [file]

    def test_a_blob_is_on_disk_before_it_has_a_name(
        self, blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file is synced without its name, then the folder with it: so a crash does no harm."""
        blobs.put(b"makes the folders, and syncs them once")
        (known,) = files_in(folder)
        shelf = known.parent
        synced = watch_syncs(monkeypatch, lambda: sorted(shelf.glob("[!.]*")))
        write_durably(shelf / "new", PICTURE)
        assert synced == [[known], sorted([known, shelf / "new"])]

    def test_a_blob_that_is_there_already_is_made_sure_of(
        self, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process may have given it its name a moment ago, and not have synced the folder yet."""
        blobs.put(PICTURE)
        synced = watch_syncs(monkeypatch, list)
        blobs.put(PICTURE)
        assert len(synced) == 2

    @pytest.mark.parametrize("at", [0, len(FILM) // 2, -1])
    def test_damage_shows_before_the_last_piece(self, blobs: Blobs, folder: Path, at: int) -> None:
        """So that nobody has all of it and believes it."""
        ref = blobs.put(FILM)
        (file,) = files_in(folder)
        bad = bytearray(file.read_bytes())
        bad[at] ^= 1
        file.write_bytes(bad)
        read: list[bytes] = []
        with pytest.raises(BlobDamaged, match="not what it was"):
            read.extend(blobs.pieces(ref))
        assert sum(map(len, read)) < len(FILM)
        assert FILM.startswith(b"".join(read)) or not self.form.sealed

    def test_pieces_are_a_blob_only_when_they_are_on_disk(
        self, blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk leaves nothing behind."""
        monkeypatch.setattr(os, "fsync", full_disk)
        with pytest.raises(StoreFull, match="No space left"):
            blobs.keep([PICTURE, PICTURE])
        assert files_in(folder) == []

    def test_what_a_crash_left_behind_is_cleared(self, blobs: Blobs, folder: Path) -> None:
        """When it is old enough that nobody can be writing to it any more."""
        blobs.put(PICTURE)
        (known,) = files_in(folder)
        shelf = known.parent
        parts = [folder / ".x1.part", shelf / ".x2.part"]
        for part in parts:
            part.write_bytes(b"half a blo")
        assert blobs.clear(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert all(part.exists() for part in parts)
        assert blobs.clear(datetime.now(UTC) + timedelta(seconds=1)) == 2
        assert files_in(folder) == [known]

    def test_a_crash_while_a_blob_is_let_go_loses_nothing(self, blobs: Blobs, folder: Path) -> None:
        """One that was put again meanwhile gets its name back; one that was not goes."""
        needed, unneeded = blobs.put(PICTURE), blobs.put(FILM)
        for path in files_in(folder):
            path.rename(path.with_name(f".{path.name}.aside"))
        os.utime(next(folder.glob(f"*/.{blobs.name(unneeded)[2:]}.aside")), (0, 0))
        assert blobs.clear(datetime.now(UTC) - timedelta(hours=1)) == 1
        assert blobs.get(needed) == PICTURE
        assert [each.name for each in blobs.kept()] == [blobs.name(needed)]
        assert len(files_in(folder)) == 1

    def test_letting_go_beside_somebody_who_puts_loses_nothing(self, blobs: Blobs, folder: Path) -> None:
        """Whoever puts the bytes of an old blob at that moment finds them afterwards, whoever was first."""
        ref = blobs.put(PICTURE)
        with ThreadPoolExecutor(2) as threads:
            for _ in range(300):
                os.utime(folder / blobs.name(ref)[:2] / blobs.name(ref)[2:], (0, 0))
                (listed,) = blobs.kept()
                racing = threads.submit(blobs.put, PICTURE), threads.submit(blobs.discard, listed)
                assert racing[0].result() == ref
                racing[1].result()
                assert blobs.get(ref) == PICTURE

    def test_processes_may_put_the_same_bytes(self, blobs: Blobs, folder: Path) -> None:
        """Several write one blob at once: none fails, and the bytes are whole."""
        program = (
            "import sys; from pathlib import Path; from letterbook.adapters.blobs import FolderBlobs\n"
            "from letterbook.adapters.file_forms import CLEAR\n"
            "from letterbook.adapters.sealed_files import Sealed\n"
            "form = Sealed(bytes.fromhex(sys.argv[2])) if sys.argv[2] else CLEAR\n"
            "blobs = FolderBlobs(Path(sys.argv[1]), form)\n"
            "for number in range(20): blobs.get(blobs.put(bytes([number]) * 70_000))\n"
        )
        command = ["-c", program, str(folder), KEY.hex() if self.form.sealed else ""]
        with ExitStack() as running:
            processes = [running.enter_context(started(*command)) for _ in range(4)]
            assert [process.wait() for process in processes] == [0] * 4
        refs = [blobs.put(bytes([number]) * 70_000) for number in range(20)]
        assert {each.name for each in blobs.kept()} == {blobs.name(ref) for ref in refs}


class TestFolderBlobs(BlobsInAFolder):
    """As they are."""

    form = CLEAR

    def test_a_file_is_named_by_its_hash(self, blobs: Blobs) -> None:
        """So that anybody can check it."""
        ref = blobs.put(PICTURE)
        assert blobs.name(ref) == ref.sha256


class TestSealedBlobs(BlobsInAFolder):
    """Encrypted."""

    form = Sealed(KEY)

    def test_what_is_kept_is_not_to_be_read_and_never_the_same(self, blobs: Blobs, folder: Path) -> None:
        """Each file has a key of its own, also if the same bytes are kept again."""
        seen: set[bytes] = set()
        for _ in range(2):
            blobs.keep([PICTURE])
            seen.add(files_in(folder)[0].read_bytes())
        assert len(seen) == 2
        assert not any(PICTURE[:16] in held for held in seen)

    def test_a_name_tells_nothing_without_the_key(self, blobs: Blobs, tmp_path: Path) -> None:
        """Nor does a file open with another master key."""
        ref = blobs.put(PICTURE)
        other = FolderBlobs(tmp_path / "other", Sealed(KEY[::-1]))
        assert len({ref.sha256, blobs.name(ref), other.name(ref)}) == 3
        with pytest.raises(BlobDamaged):
            other.restore(ref, blobs.raw(ref).pieces)

    @pytest.mark.parametrize("order", ["0123", "012344", "10234", "41230", "1234", ""])
    def test_pieces_that_are_missing_doubled_or_moved_show(
        self, blobs: Blobs, folder: Path, order: str
    ) -> None:
        """Each says which one it is, and whether it is the last."""
        ref = blobs.put(FILM)
        (file,) = files_in(folder)
        held, step = file.read_bytes(), PIECE + TAG
        pieces = [held[start : start + step] for start in range(0, len(held) - WRAPPED, step)]
        pieces[-1] = pieces[-1][:-WRAPPED]
        assert len(pieces) == 5
        file.write_bytes(b"".join(pieces[int(at)] for at in order) + held[-WRAPPED:])
        read: list[bytes] = []
        with pytest.raises(Unreadable):
            read.extend(self.form.read(file, self.form.key(ref)))
        assert FILM.startswith(b"".join(read))

    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1])
    def test_the_size_is_known_from_the_file(self, blobs: Blobs, size: int) -> None:
        """On both sides of where a piece ends."""
        ref = blobs.put(bytes(size))
        assert [each.size for each in blobs.kept()] == [size]
        assert b"".join(blobs.pieces(ref)) == bytes(size)

    def test_a_large_file_is_never_in_memory(self, blobs: Blobs) -> None:
        """Neither while it is written nor while it is read."""
        tracemalloc.start()
        ref = blobs.keep(repeat(bytes(PIECE), 60))
        assert sum(map(len, blobs.pieces(ref))) == 60 * PIECE
        assert sum(map(len, blobs.raw(ref).pieces)) > 60 * PIECE
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 8 * PIECE


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def full_disk(_: int) -> None:
    """What fsync says when there is no room."""
    raise OSError(28, "No space left on device")


def watch_syncs(patch: pytest.MonkeyPatch, look: Callable[[], list[Path]]) -> list[list[Path]]:
    """What is to be seen each time something is synced."""
    seen: list[list[Path]] = []
    patch.setattr(os, "fsync", lambda _: seen.append(look()))
    return seen
