"""Large bytes beside the history: kept once, found by their hash, checked when read."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.files import write_durably
from letterbook.application.ports import BlobDamaged, Blobs
from letterbook.application.troubles import StoreFull
from letterbook.domain.letter import BlobRef

PICTURE = bytes(range(256)) * 400
ELSEWHERE = sha256(b"never put").hexdigest()


class BlobsContract:
    """What every keeper of blobs promises; each adapter runs it with its own ``blobs``."""

    def test_what_is_put_can_be_got(self, blobs: Blobs) -> None:
        """Byte for byte."""
        assert blobs.get(blobs.put(PICTURE)) == PICTURE

    def test_a_blob_is_named_by_its_hash_and_size(self, blobs: Blobs) -> None:
        """The name is the same in every store."""
        assert blobs.put(PICTURE) == BlobRef(sha256=sha256(PICTURE).hexdigest(), size=102_400)

    def test_nothing_is_a_blob_too(self, blobs: Blobs) -> None:
        """An attachment may be empty."""
        assert blobs.get(blobs.put(b"")) == b""

    def test_putting_twice_gives_the_same_name(self, blobs: Blobs) -> None:
        """Asking twice is safe."""
        assert blobs.put(PICTURE) == blobs.put(PICTURE)

    def test_different_bytes_stay_apart(self, blobs: Blobs) -> None:
        """Each is found by its own name."""
        refs = [blobs.put(text) for text in (b"Dear Megan", b"Dear Adele")]
        assert [blobs.get(ref) for ref in refs] == [b"Dear Megan", b"Dear Adele"]

    def test_what_was_never_put_is_missing(self, blobs: Blobs) -> None:
        """Not an empty answer."""
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.get(BlobRef(sha256=ELSEWHERE, size=9))

    def test_a_name_with_another_size_is_not_answered(self, blobs: Blobs) -> None:
        """Hash and size name a blob together."""
        ref = blobs.put(PICTURE)
        with pytest.raises(BlobDamaged, match="not what it was"):
            blobs.get(BlobRef(sha256=ref.sha256, size=ref.size + 1))

    @pytest.mark.parametrize(
        "name", ["", "..", "../../etc/passwd", "/etc/passwd", "AB" * 32, "ab" * 31, "a\n"]
    )
    def test_a_name_that_is_no_hash_finds_nothing(self, blobs: Blobs, name: str) -> None:
        """And leads nowhere else."""
        with pytest.raises(BlobDamaged):
            blobs.get(BlobRef(sha256=name, size=0))

    def test_threads_may_put_the_same_bytes(self, blobs: Blobs) -> None:
        """All get the same name, and the bytes are whole."""
        with ThreadPoolExecutor(8) as threads:
            refs = set(threads.map(blobs.put, [PICTURE] * 64))
        assert [blobs.get(ref) for ref in refs] == [PICTURE]


class TestMemoryBlobs(BlobsContract):
    """In memory."""

    @pytest.fixture
    def blobs(self) -> Blobs:
        """An empty keeper."""
        return MemoryBlobs()


class TestFolderBlobs(BlobsContract):
    """In a folder, where bytes outlive the program and may be damaged."""

    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Blobs:
        """A keeper of a folder that does not exist yet."""
        return FolderBlobs(tmp_path / "mail" / "blobs")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The folder it keeps."""
        return tmp_path / "mail" / "blobs"

    def test_blobs_outlive_the_program(self, blobs: Blobs, folder: Path) -> None:
        """Another keeper of the same folder finds them."""
        assert FolderBlobs(folder).get(blobs.put(PICTURE)) == PICTURE

    def test_a_file_is_found_by_its_hash(self, blobs: Blobs, folder: Path) -> None:
        """The first two digits are a folder, so that none gets too full."""
        ref = blobs.put(PICTURE)
        assert files_in(folder) == [folder / ref.sha256[:2] / ref.sha256[2:]]

    def test_a_store_without_blobs_has_no_folder_for_them(self, blobs: Blobs, folder: Path) -> None:
        """It is made for the first blob, not by looking."""
        with pytest.raises(BlobDamaged):
            blobs.get(BlobRef(sha256=ELSEWHERE, size=9))
        assert not folder.exists()

    def test_the_same_bytes_are_kept_once(self, blobs: Blobs, folder: Path) -> None:
        """The second time nothing is written."""
        blobs.put(PICTURE)
        (file,) = files_in(folder)
        before = file.stat()
        blobs.put(PICTURE)
        assert files_in(folder) == [file]
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    @pytest.mark.parametrize("damage", [b"", PICTURE[:-1], PICTURE + b"!", b"?" + PICTURE[1:]])
    def test_damage_shows(self, blobs: Blobs, folder: Path, damage: bytes) -> None:
        """Cut short, grown, or changed in one place."""
        ref = blobs.put(PICTURE)
        files_in(folder)[0].write_bytes(damage)
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
        ref = blobs.put(b"makes the folders, and syncs them once")
        shelf = folder / ref.sha256[:2]
        synced = watch_syncs(monkeypatch, lambda: sorted(shelf.glob("[!.]*")))
        write_durably(shelf / "new", PICTURE)
        assert synced == [[shelf / ref.sha256[2:]], sorted([shelf / ref.sha256[2:], shelf / "new"])]

    def test_a_blob_that_is_there_already_is_made_sure_of(
        self, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process may have given it its name a moment ago, and not have synced the folder yet."""
        blobs.put(PICTURE)
        synced = watch_syncs(monkeypatch, list)
        blobs.put(PICTURE)
        assert len(synced) == 2

    def test_processes_may_put_the_same_bytes(self, folder: Path) -> None:
        """Several write one blob at once: none fails, and the bytes are whole."""
        program = (
            "import sys; from pathlib import Path; from letterbook.adapters.blobs import FolderBlobs\n"
            "blobs = FolderBlobs(Path(sys.argv[1]))\n"
            "for number in range(20): blobs.get(blobs.put(bytes([number]) * 70_000))\n"
        )
        running = [subprocess.Popen([sys.executable, "-c", program, str(folder)]) for _ in range(4)]
        assert [process.wait(60) for process in running] == [0] * 4
        assert sorted(file.read_bytes()[0] for file in files_in(folder)) == list(range(20))


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
