"""Extended properties of folders: what programs keep on a folder, under ids of their own.

Part of the Mailbox. Read it from top to bottom: facts, commands, rules, fold. The stored names of the facts
*are* the storage format. Never rename one, never change what one means.
"""

from dataclasses import dataclass
from uuid import UUID

from letterbook.domain import folders, refusals
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.folders import Folder, Tree
from letterbook.domain.letter import ExtendedProperty

MOST = 250
"""Extended properties of one folder, as of one message; Graph names no number."""

# --- Facts -----------------------------------------------------------------------------------------


class FolderPropertiesSet(Fact, stored_as="mailbox.folder-properties-set.v1"):
    """Extended properties of a folder got values; those that are not named keep theirs."""

    folder_id: UUID
    properties: tuple[ExtendedProperty, ...]


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetFolderProperties:
    """Give extended properties of a folder their values."""

    folder_id: UUID
    properties: tuple[ExtendedProperty, ...]


# --- Rules -----------------------------------------------------------------------------------------


def decide(tree: Tree, ask: SetFolderProperties, on: Occasion) -> tuple[FolderPropertiesSet, ...]:
    """Any folder can have some; only what differs from what is there is news."""
    folder = folders.folder(tree, ask.folder_id)
    known = {each.key: each for each in folder.properties}
    asked = {each.key: each for each in ask.properties}
    news = tuple(each for key, each in asked.items() if known.get(key) != each)
    if not news:
        return ()
    count = len(known | asked)
    if count > MOST:
        raise refusals.TooMany("extended properties", count, MOST)
    return (FolderPropertiesSet(on=on, folder_id=folder.id, properties=news),)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(folder: Folder, fact: FolderPropertiesSet) -> Folder:
    """Believe a fact: the folder as it is after it."""
    merged = {each.key: each for each in (*folder.properties, *fact.properties)}
    return folder.model_copy(update={"properties": tuple(merged.values())})
