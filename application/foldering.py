"""Jobs about whole folders: what is in one follows it, in the same transaction or not at all."""

from collections.abc import Iterable
from uuid import UUID

from letterbook.application.ports import Ids
from letterbook.application.querying import Compare, Field, Is, Where
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.folder_properties import SetFolderProperties
from letterbook.domain.folders import CLOSED, FolderSearch
from letterbook.domain.letter import ExtendedProperty
from letterbook.domain.mailbox import (
    ChangeSearch,
    CopyFolder,
    DeleteFolder,
    DiscardFolder,
    Mailbox,
    MoveFolder,
    RenameFolder,
    well_known_id,
)
from letterbook.domain.message import Copy, DeleteForGood, MessageCommand, Move, Update


def change(
    work: Work,
    mailbox: UUID,
    folder: UUID,
    on: Occasion,
    *,
    name: str | None,
    search: FolderSearch | None,
    properties: tuple[ExtendedProperty, ...] = (),
) -> None:
    """Give a folder another name, a search folder something else to look for, extended properties values."""
    work.mailbox(mailbox).folder(folder)
    if name is not None:
        work.ask_mailbox(mailbox, RenameFolder(folder, name), on)
    if search is not None:
        work.ask_mailbox(mailbox, ChangeSearch(folder, search), on)
        work.session.uses.note(mailbox, folder, on.at)
    work.ask_mailbox(mailbox, SetFolderProperties(folder, properties), on)


def move(work: Work, mailbox: UUID, folder: UUID, parent: UUID, on: Occasion) -> None:
    """Put a folder, with all that is in it, below another one."""
    work.ask_mailbox(mailbox, MoveFolder(folder, parent), on)


def copy(work: Work, mailbox: UUID, folder: UUID, parent: UUID, ids: Ids, on: Occasion) -> UUID:
    """Put a copy of a folder, with all that is in it, below another one; gives the id of the copy."""
    home = work.mailbox(mailbox)
    names = {each: ids.new() for each in home.below(home.folder(folder).id)}
    work.ask_mailbox(mailbox, CopyFolder(folder, parent, names), on)
    for source, target in names.items():
        if home.folder(source).search is not None:
            work.session.uses.note(mailbox, target, on.at)
        for name in work.names_in(mailbox, source):
            _copy_message(work, mailbox, name, ids.new(), target, on)
    return names[folder]


def _copy_message(work: Work, mailbox: UUID, name: UUID, new_name: UUID, folder: UUID, on: Occasion) -> None:
    original = work.message(mailbox, name)
    assert original is not None, "what a folder shows is there"
    work.expect_new(mailbox, new_name)
    work.ask_message(mailbox, new_name, Copy(source=name, original=original, folder=folder), on)


def delete(work: Work, mailbox: UUID, folder: UUID, on: Occasion) -> None:
    """Delete a folder: to Deleted Items; from there, its messages go beyond and the folder for good.

    A search folder holds nothing and goes at once.
    """
    home = work.mailbox(mailbox)
    if home.ordinary(folder).search is None and not home.is_discarded(folder):
        work.ask_mailbox(mailbox, DiscardFolder(folder), on)
    else:
        _remove(work, mailbox, home, folder, Move(well_known_id(mailbox, CLOSED)), on)


def delete_for_good(work: Work, mailbox: UUID, folder: UUID, on: Occasion) -> None:
    """Delete a folder with all that is in it, so that its owner cannot get it back."""
    home = work.mailbox(mailbox)
    home.ordinary(folder)
    _remove(work, mailbox, home, folder, DeleteForGood(), on)


def _remove(
    work: Work, mailbox: UUID, home: Mailbox, folder: UUID, ask: MessageCommand, on: Occasion
) -> None:
    for each in home.below(folder):
        _ask_all(work, mailbox, work.names_in(mailbox, each), ask, on)
    work.ask_mailbox(mailbox, DeleteFolder(folder), on)


def mark_all(
    work: Work, mailbox: UUID, folder: UUID, found: Where | None, on: Occasion, *, is_read: bool
) -> None:
    """Mark every message of a folder, or what a search folder has ``found``, as read or unread."""
    other: Where = Compare(Field.IS_READ, Is.EQUAL, not is_read)
    names = work.names_in(mailbox, folder, other) if found is None else work.names_found(mailbox, found)
    _ask_all(work, mailbox, names, Update(is_read=is_read), on)


def _ask_all(work: Work, mailbox: UUID, names: Iterable[UUID], ask: MessageCommand, on: Occasion) -> None:
    for name in names:
        work.ask_message(mailbox, name, ask, on)
