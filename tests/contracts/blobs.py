"""What every keeper of large bytes promises; each adapter runs it with its own ``blobs``."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice

import pytest

from letterbook.application.ports import BlobDamaged, Blobs
from letterbook.domain.letter import BlobRef

PICTURE = bytes(range(256)) * 400
ELSEWHERE = sha256(b"never put").hexdigest()
FILM = bytes(range(251)) * 20_000
"""More than one piece."""


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
        ref = BlobRef(sha256=name, size=0)
        with pytest.raises(BlobDamaged):
            blobs.get(ref)
        with pytest.raises(BlobDamaged):
            blobs.restore(ref, [b""])

    def test_threads_may_put_the_same_bytes(self, blobs: Blobs) -> None:
        """All get the same name, and the bytes are whole."""
        with ThreadPoolExecutor(8) as threads:
            refs = set(threads.map(blobs.put, [PICTURE] * 64))
        assert [blobs.get(ref) for ref in refs] == [PICTURE]

    def test_bytes_can_come_in_pieces(self, blobs: Blobs) -> None:
        """They are the same blob as if they had come together."""
        kept = blobs.keep(FILM[start : start + 70_000] for start in range(0, len(FILM), 70_000))
        assert kept == BlobRef(sha256=sha256(FILM).hexdigest(), size=len(FILM))
        assert blobs.get(kept) == FILM
        assert blobs.put(FILM) == kept
        assert blobs.get(blobs.keep([])) == b""

    def test_pieces_that_break_off_are_no_blob(self, blobs: Blobs) -> None:
        """Whatever stopped them."""

        def broken() -> Iterator[bytes]:
            yield FILM
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            blobs.keep(broken())
        assert list(blobs.kept()) == []

    @pytest.mark.parametrize("data", [b"", b"Dear Megan", FILM], ids=["none", "one", "several"])
    def test_a_blob_can_be_read_in_pieces(self, blobs: Blobs, data: bytes) -> None:
        """None of them is all of a large one."""
        pieces = list(blobs.pieces(blobs.put(data)))
        assert b"".join(pieces) == data
        assert max(map(len, pieces), default=0) <= 1024 * 1024

    def test_what_is_not_there_has_no_pieces(self, blobs: Blobs) -> None:
        """It is said before the first one, so that no answer has begun."""
        ref = blobs.put(FILM)
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.pieces(BlobRef(sha256=ELSEWHERE, size=9))
        with pytest.raises(BlobDamaged, match="not what it was"):
            blobs.pieces(BlobRef(sha256=ref.sha256, size=ref.size + 1))
        with pytest.raises(BlobDamaged):
            blobs.pieces(BlobRef(sha256="../../etc/passwd", size=0))

    def test_every_blob_is_listed_with_its_time(self, blobs: Blobs) -> None:
        """The time is that of the last putting."""
        refs = [blobs.put(PICTURE), blobs.keep([FILM])]
        listed = {each.name: each for each in blobs.kept()}
        assert {name: each.size for name, each in listed.items()} == {
            blobs.name(ref): ref.size for ref in refs
        }
        assert all(abs(each.put_at - datetime.now(UTC)) < timedelta(minutes=1) for each in listed.values())

    def test_a_blob_can_be_let_go(self, blobs: Blobs) -> None:
        """Afterwards it is missing, and the others are not."""
        gone, stays = blobs.put(PICTURE), blobs.put(FILM)
        (listed,) = (each for each in blobs.kept() if each.name == blobs.name(gone))
        assert blobs.discard(listed)
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.get(gone)
        assert [each.name for each in blobs.kept()] == [blobs.name(stays)]
        assert not blobs.discard(listed), "it is not there any more"
        assert blobs.get(blobs.put(PICTURE)) == PICTURE

    @pytest.mark.parametrize("again", ["put", "keep"])
    def test_a_blob_that_was_put_again_stays(self, blobs: Blobs, again: str) -> None:
        """Somebody may be about to record a fact that names it."""
        blobs.put(PICTURE)
        (listed,) = blobs.kept()
        before = listed.put_at - timedelta(seconds=1)
        ref = blobs.put(PICTURE) if again == "put" else blobs.keep([PICTURE])
        assert not blobs.discard(replace(listed, put_at=before))
        assert blobs.get(ref) == PICTURE

    def test_nothing_is_half_written(self, blobs: Blobs) -> None:
        """So there is nothing to clear, however old."""
        blobs.put(PICTURE)
        list(islice(blobs.pieces(blobs.put(FILM)), 1))
        assert blobs.clear(datetime.now(UTC) + timedelta(days=1)) == 0
        assert len(list(blobs.kept())) == 2

    def test_what_is_shredded_is_gone_and_can_be_put_again(self, blobs: Blobs) -> None:
        """And shredding what is not there is no trouble."""
        ref = blobs.put(PICTURE)
        for _ in range(2):
            blobs.shred(blobs.name(ref))
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.get(ref)
        assert list(blobs.kept()) == []
        assert blobs.get(blobs.put(PICTURE)) == PICTURE

    @pytest.mark.parametrize("data", [b"", PICTURE, FILM], ids=["none", "one", "several"])
    def test_a_blob_can_be_taken_away_and_brought_back_as_it_is_kept(self, blobs: Blobs, data: bytes) -> None:
        """The length is told before, and nothing else is needed to read it again."""
        ref = blobs.put(data)
        raw = blobs.raw(ref)
        taken = list(raw.pieces)
        assert raw.length == sum(map(len, taken))
        blobs.shred(blobs.name(ref))
        blobs.restore(ref, iter(taken))
        assert b"".join(blobs.pieces(ref)) == data

    def test_what_is_brought_back_has_to_be_what_it_is_said_to_be(self, blobs: Blobs) -> None:
        """Otherwise nothing is kept."""
        taken = b"".join(blobs.raw(blobs.put(PICTURE)).pieces)
        known = [each.name for each in blobs.kept()]
        wrong = BlobRef(sha256=ELSEWHERE, size=len(PICTURE))
        for ref, raw in ((wrong, taken), (blobs.put(PICTURE), taken[:-1]), (wrong, b"")):
            with pytest.raises(BlobDamaged):
                blobs.restore(ref, [raw])
        assert [each.name for each in blobs.kept()] == known
        with pytest.raises(BlobDamaged, match="missing"):
            blobs.raw(wrong)
