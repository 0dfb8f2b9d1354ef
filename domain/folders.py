"""Folders: what one is, the tree they make, and what they may be called.

A tree is a mapping of folders by id. Nothing here knows whose mailbox it is.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.facts import Value
from letterbook.domain.letter import ExtendedProperty

LONGEST_NAME = 255
"""Characters of a folder's name (Exchange: display names of folders)."""
MOST_FOLDERS = 10_000
"""Folders in one mailbox."""
CLOSED = "recoverableitemsdeletions"
"""The well-known folder that has no folders below it: what is in it is beyond Deleted Items."""


class FolderSearch(Value):
    """What a search folder looks for: messages in these folders for which a condition holds.

    ``condition`` is kept in the words it was said in. ``nested`` looks into the folders below, too.
    """

    sources: tuple[UUID, ...]
    nested: bool
    condition: str


class Folder(Value):
    """One folder. ``well_known`` is Graph's name for the folders every mailbox is born with."""

    id: UUID
    name: str
    parent: UUID | None
    well_known: str | None = None
    hidden: bool = False
    search: FolderSearch | None = None
    """What it looks for, if it is a search folder: such a one holds nothing itself."""
    properties: tuple[ExtendedProperty, ...] = ()
    """What programs keep on it."""


Tree = Mapping[UUID, Folder]


def folder(tree: Tree, folder_id: UUID) -> Folder:
    """One folder; refuses one that is not there."""
    try:
        return tree[folder_id]
    except KeyError:
        raise refusals.NotFound from None


def below(parents: Mapping[UUID, UUID | None], *tops: UUID) -> tuple[UUID, ...]:
    """Folders and everything below them, nearest first, each once; those that are not there are left out."""
    children: dict[UUID | None, list[UUID]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    found = dict.fromkeys(top for top in tops if top in parents)
    frontier = list(found)
    while frontier:
        frontier = [child for each in frontier for child in children.get(each, ()) if child not in found]
        found |= dict.fromkeys(frontier)
    return tuple(found)


def parents(tree: Tree) -> dict[UUID, UUID | None]:
    """The parent of every folder."""
    return {each.id: each.parent for each in tree.values()}


def ancestors(tree: Tree, folder_id: UUID) -> Iterator[Folder]:
    """A folder and all above it, up to the top."""
    next_id: UUID | None = folder_id
    while next_id is not None and (found := tree.get(next_id)):
        yield found
        next_id = found.parent


# --- Rules -----------------------------------------------------------------------------------------


def check_name(tree: Tree, parent: UUID | None, name: str, but: UUID | None = None) -> None:
    """A folder needs a name that people can see and that none of its neighbours has."""
    if not name.strip():
        raise refusals.FolderNameMissing
    if len(name) > LONGEST_NAME:
        raise refusals.FolderNameTooLong(LONGEST_NAME)
    if parent is not None and name.casefold() in _names_in(tree, parent, but):
        raise refusals.FolderNameTaken


def free_name(tree: Tree, parent: UUID, name: str) -> str:
    """The name itself, or the first one with a number behind it that no folder in this place has."""
    taken = _names_in(tree, parent)
    if name.casefold() not in taken:
        return name
    numbered = (_numbered(name, number) for number in range(1, len(taken) + 2))
    return next(each for each in numbered if each.casefold() not in taken)


def _numbered(name: str, number: int) -> str:
    return f"{name[: LONGEST_NAME - len(str(number))]}{number}"


def _names_in(tree: Tree, parent: UUID, but: UUID | None = None) -> frozenset[str]:
    return frozenset(f.name.casefold() for f in tree.values() if f.parent == parent and f.id != but)


def check_place(tree: Tree, parent: UUID) -> None:
    """Folders go below any folder that is there, but no search folder, and not beyond Deleted Items."""
    place = folder(tree, parent)
    if place.search is not None or place.well_known == CLOSED:
        raise refusals.FolderHoldsNoFolders


def check_room(tree: Tree, more: int) -> None:
    """A mailbox holds so many folders and no more."""
    if len(tree) + more > MOST_FOLDERS:
        raise refusals.TooManyFolders(MOST_FOLDERS)


def check_not_below(tree: Tree, parent: UUID, folder_id: UUID) -> None:
    """A folder cannot be put into itself."""
    if any(above.id == folder_id for above in ancestors(tree, parent)):
        raise refusals.FolderInsideItself


def check_search(tree: Tree, search: FolderSearch) -> None:
    """A search folder looks into at least one folder, each of them there and no search folder itself."""
    if not search.sources or not search.condition.strip():
        raise refusals.SearchIncomplete
    if any(folder(tree, source).search is not None for source in search.sources):
        raise refusals.FolderIsASearch


def looks_for_something_else(tree: Tree, folder_id: UUID, search: FolderSearch) -> bool:
    """Whether a search is news to a folder, which has to be a search folder already."""
    known = folder(tree, folder_id).search
    if known is None:
        raise refusals.FolderIsNoSearch
    if known != search:
        check_search(tree, search)
    return known != search


def copies(tree: Tree, top: UUID, parent: UUID, names: Mapping[UUID, UUID]) -> Iterator[tuple[UUID, Folder]]:
    """Every folder of a tree with its copy under another name and parent, nearest first."""
    for each in below(parents(tree), top):
        original = tree[each]
        above = parent if each == top or original.parent is None else names[original.parent]
        yield each, original.model_copy(update={"id": names[each], "parent": above, "well_known": None})
