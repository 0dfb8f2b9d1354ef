"""Folders for the tests of retention, by the ids that Python's face takes."""

from letterbook import Book, Mailbox
from letterbook.application import foldering, jobs
from letterbook.application.public_ids import Kind, private, public
from letterbook.domain.folders import FolderSearch
from letterbook.domain.mailbox import well_known_id


def new_folder(book: Book, box: Mailbox, name: str, parent: str, search: FolderSearch | None = None) -> str:
    """A folder below another one."""
    folder, above, on = book.engine.ids.new(), box._folder_id(parent), book.engine.occasion(box.address)
    book.engine.run(lambda work: jobs.create_folder(work, box.id, folder, name, above, on, search=search))
    return public(Kind.FOLDER, folder)


def search_folder(book: Book, box: Mailbox) -> str:
    """A folder that shows the whole inbox."""
    search = FolderSearch(sources=(well_known_id(box.id, "inbox"),), nested=True, condition="isRead eq false")
    return new_folder(book, box, "Unread", "searchfolders", search)


def discard(book: Book, box: Mailbox, folder: str) -> None:
    """Put a folder into Deleted Items."""
    name, on = private(Kind.FOLDER, folder), book.engine.occasion(box.address)
    book.engine.run(lambda work: foldering.delete(work, box.id, name, on))
