"""What may be said about mail folders: the shapes of request bodies, and what they mean."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import Field

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.filters import parse_filter
from letterbook.adapters.graph.types_said import kind_of
from letterbook.adapters.graph.wire import Wire, WireMultiProperty, WireSingleProperty
from letterbook.domain.folders import FolderSearch

FOLDERS = frozenset(("mailfolder", "mailsearchfolder"))
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
        return kind_of(self.odata_type, "mailfolder", FOLDERS) != "mailfolder"

    def check_type(self, *, beta: bool) -> None:
        """Refuse properties of a search folder where none is spoken of, and those of beta in version 1.0."""
        unknown = (() if self.is_search else _OF_A_SEARCH) + (() if beta else ("well_known_name",))
        for name in unknown:
            if name in self.model_fields_set:
                raise errors.unknown_member(self.spelled(name), self.graph_type)


READ_ONLY = frozenset(name for name, info in WireFolder.model_fields.items() if info.annotation is Any) | {
    "is_hidden"
}
"""Properties of a folder that cannot be changed (Graph: mailFolder resource)."""


def search_of(said: WireFolder, folder_named: FolderNamed, known: FolderSearch | None) -> FolderSearch | None:
    """The search that a body asks for: what it does not say stays as it is ``known``."""
    if not said.is_search or (known is not None and said.model_fields_set.isdisjoint(_OF_A_SEARCH)):
        return None
    if said.filter_query is not None:
        parse_filter(said.filter_query)
    return FolderSearch(
        sources=_sources(said, folder_named, known),
        nested=_said_or_known(said, "include_nested_folders", known.nested if known else False),
        condition=_said_or_known(said, "filter_query", known.condition if known else ""),
    )


def _sources(said: WireFolder, folder_named: FolderNamed, known: FolderSearch | None) -> tuple[UUID, ...]:
    if said.source_folder_ids is None:
        return known.sources if known else ()
    return tuple(dict.fromkeys(map(folder_named, said.source_folder_ids)))


def _said_or_known(said: WireFolder, name: str, known: T) -> T:
    """What is said, if anything is; null is what a new search would have."""
    if name not in said.model_fields_set:
        return known
    given: T | None = getattr(said, name)
    return type(known)() if given is None else given


def check_changeable(said: WireFolder, *, beta: bool) -> None:
    """Refuse to change what only the server sets, or what is settled when a folder is made."""
    said.check_type(beta=beta)
    if said.model_fields_set & READ_ONLY:
        raise errors.read_only()
