"""The labels that Google Takeout writes into the letters of an mbox file."""

from letterbook.application.moving import Marks
from letterbook.domain.letter import Flag, FlagStatus

LABELS = b"x-gmail-labels"

_FOLDERS = {
    "draft": "drafts",
    "drafts": "drafts",
    "trash": "trash",
    "spam": "spam",
    "inbox": "inbox",
    "sent": "sent",
    "archived": "archive",
}
"""Labels that are places, the one that counts most first."""
_MARKS = frozenset(("unread", "opened", "starred", "important"))


def labelled(labels: str, folder: tuple[str, ...]) -> tuple[tuple[str, ...], Marks]:
    """The folder and the marks that the labels of a letter mean; other labels are categories."""
    said = [each.strip().strip('"') for each in labels.split(",")]
    known = {each.casefold() for each in said}
    places = [place for label, place in _FOLDERS.items() if label in known]
    others = (each for each in said if each.casefold() not in _MARKS and each.casefold() not in _FOLDERS)
    marks = Marks(
        is_read="unread" not in known,
        is_draft=bool(known & {"draft", "drafts"}),
        flag=Flag(status=FlagStatus.FLAGGED) if "starred" in known else Flag(),
        categories=tuple(dict.fromkeys(each for each in others if each)),
    )
    return (tuple(places[:1]) or folder, marks)
