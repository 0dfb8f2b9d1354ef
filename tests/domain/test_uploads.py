"""Files that arrive in pieces: how large they may be, and which piece comes next."""

from uuid import UUID

import pytest

from letterbook.domain import refusals
from letterbook.domain.attachments import FILE_LIMIT, UPLOAD_FROM, UPLOAD_LIMIT
from letterbook.domain.uploads import Range, Upload, check_size, is_next
from tests.domain.cast import EARLIER, MAILBOX, numbered

FLOWER = Upload(
    id=numbered(4),
    mailbox=MAILBOX,
    message=UUID(int=7),
    actor="alexw@contoso.com",
    name="flower",
    size=3_483_322,
    content_type="image/jpeg",
    expires_at=EARLIER.at,
)
FIRST, LAST = Range(0, 2_097_151, 3_483_322), Range(2_097_152, 3_483_321, 3_483_322)


def test_what_is_too_large_for_a_request_in_base64_can_be_uploaded() -> None:
    assert UPLOAD_FROM * 4 / 3 < 4 * 1024 * 1024 - 100_000
    assert UPLOAD_FROM < FILE_LIMIT


def test_files_from_3_to_150_mb_are_uploaded() -> None:
    check_size(UPLOAD_FROM)
    check_size(UPLOAD_LIMIT)
    with pytest.raises(refusals.AttachmentTooSmall):
        check_size(UPLOAD_FROM - 1)
    with pytest.raises(refusals.UploadTooLarge):
        check_size(UPLOAD_LIMIT + 1)


def test_pieces_come_one_after_the_other() -> None:
    assert FIRST.size + LAST.size == FLOWER.size
    assert is_next(FLOWER, 0, FIRST)
    assert is_next(FLOWER, FIRST.size, LAST)


def test_a_piece_that_is_here_already_does_no_harm() -> None:
    assert not is_next(FLOWER, FIRST.size, FIRST)
    assert not is_next(FLOWER, FIRST.size, Range(5, 9, FLOWER.size))
    assert not is_next(FLOWER, FLOWER.size, LAST)


@pytest.mark.parametrize(
    ("received", "piece"),
    [
        (0, LAST),
        (100, Range(101, 200, FLOWER.size)),
        (100, Range(0, 200, FLOWER.size)),
        (100, Range(99, 100, FLOWER.size)),
    ],
)
def test_a_piece_out_of_order_is_refused_and_told_what_is_expected(received: int, piece: Range) -> None:
    with pytest.raises(refusals.RangeOutOfOrder, match=f"byte {received} is expected next"):
        is_next(FLOWER, received, piece)


@pytest.mark.parametrize(
    "piece",
    [
        Range(0, 99, FLOWER.size + 1),
        Range(0, FLOWER.size, FLOWER.size),
        Range(9, 8, FLOWER.size),
        Range(FLOWER.size, FLOWER.size, FLOWER.size),
    ],
)
def test_a_range_that_the_file_does_not_have_is_refused(piece: Range) -> None:
    with pytest.raises(refusals.RangeUnfit, match="a file of 3483322 bytes"):
        is_next(FLOWER, 0, piece)
