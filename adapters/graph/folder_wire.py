"""What may be said about mail folders: the shapes of request bodies, and what they mean."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import Field

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.filters import parse_filter
from letterbook.adapters.graph.wire import Wire, WireMultiProperty, WireSingleProperty
from letterbook.domain.folders import FolderSearch

SEARCH_FOLDER = "mailSearchFolder"
_OF_A_SEARCH = ("include_nested_folders", "source_folder_ids", "filter_query", "is_supported")

T = TypeVar("T")
FolderNamed = Callable[[str], UUID]
"""Finds a folder by its id or well-known name."""


class WireFolder(Wire):
    """mailFolder or mailSearchFolder: what a client may set, and what only a server sets (``Any``)."""

    graph_type: ClassVar[str] = "mailFolder"

    odata_type: str | None = Field(default=None, alias="@odata.type")
    display_name: str | None = None
    is_hidden: bool | None = None
    include_nested_folders: bool | None = None
    source_folder_ids: list[str] | None = None
    filter_query: str | None = None
    single_value_extended_properties: list[WireSingleProperty] | None = None
    multi_value_extended_properties: list[WireMultiProperty] | None = None
    # worked out by the server:
    is_supported: Any = None
    id: Any = None
    parent_folder_id: Any = None
    child_folder_count: Any = None
    unread_item_count: Any = None
    total_item_count: Any = None
    well_known_name: Any = None

    @property
    def is_search(self) -> bool:
        """Whether it is said to be a search folder; refuses any other type but a mail folder."""
        kind = (self.odata_type or "mailFolder").lstrip("#").rpartition(".")[2].lower()
        if kind not in ("mailfolder", SEARCH_FOLDER.lower()):
            raise errors.body_unread(f"The type '{self.odata_type}' is no mail folder.")
        return kind != "mailfolder"

    def check_type(self) -> None:
        """Refuse properties of a search folder where none is spoken of."""
        for name in () if self.is_search else _OF_A_SEARCH:
            if self.said(name):
                raise errors.unknown_member(_spelled(name), self.graph_type)


READ_ONLY = frozenset(name for name, info in WireFolder.model_fields.items() if info.annotation is Any) | {
    "is_hidden"
}
"""Properties of a folder that cannot be changed (Graph: mailFolder resource)."""


def _spelled(name: str) -> str:
    return str(WireFolder.model_fields[name].alias)


def search_of(said: WireFolder, folder_named: FolderNamed, known: FolderSearch | None) -> FolderSearch | None:
    """The search that a body asks for: what it does not say stays as it is ``known``."""
    said.check_type()
    if not said.is_search or (known is not None and not any(map(said.said, _OF_A_SEARCH))):
        return None
    if said.filter_query is not None:
        parse_filter(said.filter_query)
    return FolderSearch(
        sources=_sources(said, folder_named, known),
        nested=_given(said.include_nested_folders, known.nested if known else False),
        condition=_given(said.filter_query, known.condition if known else ""),
    )


def _sources(said: WireFolder, folder_named: FolderNamed, known: FolderSearch | None) -> tuple[UUID, ...]:
    if said.source_folder_ids is None:
        return known.sources if known else ()
    return tuple(dict.fromkeys(map(folder_named, said.source_folder_ids)))


def _given(said: T | None, otherwise: T) -> T:
    return otherwise if said is None else said


def check_changeable(said: WireFolder) -> None:
    """Refuse to change what only the server sets, or what is settled when a folder is made."""
    said.check_type()
    if any(map(said.said, READ_ONLY)):
        raise errors.read_only()
