"""What every keeper of arriving files promises; each adapter runs it with its own ``uploads``."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from letterbook.application.blobs import Uploads
from letterbook.domain.refusals import NotFound
from letterbook.domain.uploads import Upload

FLOWER = Upload(
    id=UUID(int=4),
    mailbox=UUID(int=1),
    message=UUID(int=2),
    actor="alexw@contoso.com",
    name="flower \u2741.jpg",
    size=3_483_322,
    content_type="image/jpeg",
    is_inline=True,
    content_id="flower",
    expires_at=datetime(2026, 3, 3, tzinfo=UTC),
)
STONE = FLOWER.model_copy(update={"id": UUID(int=5), "name": "stone"})


def take_in(uploads: Uploads, start: int, *parts: bytes, upload: Upload = FLOWER) -> None:
    """A piece arrives, in parts."""
    piece = uploads.piece(upload.id, start)
    for part in parts:
        piece.write(part)
    piece.keep()
    piece.close()


class UploadsContract:
    """Files that arrive in pieces, kept until they are whole."""

    def test_a_file_is_on_its_way_once_it_is_begun(self, uploads: Uploads) -> None:
        """With everything that was said about it."""
        assert (uploads.find(FLOWER.id), uploads.all()) == (None, [])
        uploads.begin(FLOWER)
        assert (uploads.find(FLOWER.id), uploads.all()) == (FLOWER, [FLOWER])
        assert uploads.received(FLOWER.id) == 0
        assert b"".join(uploads.pieces(FLOWER.id)) == b""

    def test_pieces_make_the_file(self, uploads: Uploads) -> None:
        """In the order of their places."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses", b" are ")
        assert uploads.received(FLOWER.id) == 10
        take_in(uploads, 10, b"red")
        assert uploads.received(FLOWER.id) == 13
        assert b"".join(uploads.pieces(FLOWER.id)) == b"Roses are red"

    def test_files_do_not_mix(self, uploads: Uploads) -> None:
        """Each has its own pieces."""
        for upload, data in ((FLOWER, b"red"), (STONE, b"grey")):
            uploads.begin(upload)
            take_in(uploads, 0, data, upload=upload)
        assert b"".join(uploads.pieces(FLOWER.id)) == b"red"
        assert b"".join(uploads.pieces(STONE.id)) == b"grey"
        assert uploads.all() == [FLOWER, STONE]

    def test_a_piece_counts_when_it_is_kept(self, uploads: Uploads) -> None:
        """Half of one is none."""
        uploads.begin(FLOWER)
        piece = uploads.piece(FLOWER.id, 0)
        piece.write(b"Roses")
        assert uploads.received(FLOWER.id) == 0
        piece.close()
        assert uploads.received(FLOWER.id) == 0
        take_in(uploads, 0, b"Violets")
        assert b"".join(uploads.pieces(FLOWER.id)) == b"Violets"

    def test_what_lies_behind_a_gap_does_not_count(self, uploads: Uploads) -> None:
        """Until the gap is filled."""
        uploads.begin(FLOWER)
        take_in(uploads, 5, b"are red")
        assert uploads.received(FLOWER.id) == 0
        take_in(uploads, 0, b"Roses")
        assert b"".join(uploads.pieces(FLOWER.id)) == b"Rosesare red"

    def test_of_two_pieces_in_one_place_the_first_stays(self, uploads: Uploads) -> None:
        """A sender who heard no answer sends again, while the first may still be arriving."""
        uploads.begin(FLOWER)
        slow, fast = uploads.piece(FLOWER.id, 0), uploads.piece(FLOWER.id, 0)
        slow.write(b"Roses are")
        fast.write(b"Roses")
        fast.keep()
        slow.keep()
        for piece in (slow, fast):
            piece.close()
        assert b"".join(uploads.pieces(FLOWER.id)) == b"Roses"

    def test_a_file_that_is_dropped_is_forgotten(self, uploads: Uploads) -> None:
        """With its pieces; and dropping it again is no trouble."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        for _ in range(2):
            uploads.drop(FLOWER.id)
        assert (uploads.find(FLOWER.id), uploads.all(), uploads.received(FLOWER.id)) == (None, [], 0)
        uploads.begin(FLOWER)
        assert uploads.received(FLOWER.id) == 0

    def test_nothing_is_added_to_a_file_that_is_not_on_its_way(self, uploads: Uploads) -> None:
        """Neither before it was begun nor after it was given up, also in the middle of a piece."""
        with pytest.raises(NotFound):
            uploads.piece(FLOWER.id, 0)
        uploads.begin(FLOWER)
        piece = uploads.piece(FLOWER.id, 0)
        piece.write(b"Roses")
        uploads.drop(FLOWER.id)
        with pytest.raises(NotFound):
            piece.keep()
        piece.close()
        assert (uploads.find(FLOWER.id), uploads.all()) == (None, [])
        with pytest.raises(NotFound):
            uploads.piece(FLOWER.id, 0)

    def test_files_on_their_way_are_not_cleared(self, uploads: Uploads) -> None:
        """However long they take: that is for others to judge."""
        uploads.begin(FLOWER)
        take_in(uploads, 0, b"Roses")
        assert uploads.clear(datetime.now(UTC) + timedelta(days=1)) == 0
        assert uploads.received(FLOWER.id) == 5
