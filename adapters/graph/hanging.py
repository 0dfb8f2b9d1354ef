"""How mentions, open extensions and extended properties are shown, whatever they hang on."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid5

from letterbook.adapters.graph.expanding import Expand
from letterbook.adapters.graph.extension_names import extension_id, plain_name
from letterbook.application.showing import shown_time
from letterbook.domain.attachments import ItemAttachment
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import ExtendedProperty, Extension, property_key
from letterbook.domain.message import MentionAdded, Message
from letterbook.domain.people import EmailAddress, introduce


def newest_first(message: Message) -> list[MentionAdded]:
    """Mentions in the order Graph documents: newest first."""
    return sorted(message.mentions, key=lambda mention: mention.on.at, reverse=True)


def mention_object(mention: MentionAdded, message_url: str) -> dict[str, Any]:
    """A mention; what does not apply to messages is null (Graph: mention resource, beta)."""
    at = mention.on.at
    return {
        "@odata.id": f"{message_url}/mentions('{mention.mention_id}')",
        "id": str(mention.mention_id),
        "mentioned": {"name": mention.mentioned.name, "address": mention.mentioned.address},
        "mentionText": None,
        "clientReference": None,
        "createdBy": {"name": mention.created_by.name, "address": mention.created_by.address},
        "createdDateTime": shown_time(at),
        "serverCreatedDateTime": f"{shown_time(at)[:-1]}.{at.microsecond // 1000:03}Z",
        "deepLink": None,
        "application": None,
    }


def extension_object(extension: Extension) -> dict[str, Any]:
    """An open extension with its free members."""
    return {
        "@odata.type": "#microsoft.graph.openTypeExtension",
        **extension.values,
        "extensionName": extension.name,
        "id": extension_id(extension.name),
    }


def shown_mention(item: ItemAttachment, place: int) -> dict[str, Any]:
    """A mention of an enclosed message, which is nowhere by itself; its author called somebody out."""
    mention = MentionAdded(
        on=Occasion(at=item.modified_at, actor="", cause=""),
        mention_id=uuid5(item.id, f"mention {place}"),
        mentioned=introduce(item.mentions[place], _nobody),
        created_by=item.item.author or EmailAddress(),
    )
    shown = mention_object(mention, "")
    return {name: it for name, it in shown.items() if name != "@odata.id"}


def _nobody(_address: str) -> None:
    """Enclosed messages were written elsewhere: nobody looks people up."""


# --- Inside what they hang on ----------------------------------------------------------------------


def shown_several(each: Expand, where: str, every: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Those that are asked for of things that are shown; ``where`` they are described."""
    chosen = each.chosen(every, as_it_is)
    return each.inlined(where, [each.members_of(one) for one in each.page(chosen)], len(chosen))


def as_it_is(shown: dict[str, Any]) -> dict[str, Any]:
    """What is shown of something that is shown already."""
    return shown


def shown_extensions(extensions: Iterable[Extension], each: Expand, where: str) -> dict[str, Any]:
    """The open extensions that are asked for, by name or id."""
    return shown_several(each, where, extension_objects(extensions, each))


def extension_objects(extensions: Iterable[Extension], each: Expand) -> list[dict[str, Any]]:
    """Those whose ids are asked for."""
    names = None if each.only is None else {plain_name(only) for only in each.only}
    return [extension_object(e) for e in extensions if names is None or e.name in names]


def shown_properties(properties: Iterable[ExtendedProperty], each: Expand, where: str) -> dict[str, Any]:
    """The extended properties that are asked for; without any, nothing at all."""
    many = each.name.startswith("multi")
    keys = {property_key(only) for only in each.only or ()}
    found = [p for p in properties if isinstance(p.value, tuple) == many and p.key in keys]
    return shown_several(each, where, [property_object(p) for p in found]) if found else {}


def property_object(extended: ExtendedProperty) -> dict[str, Any]:
    """An extended property."""
    value = list(extended.value) if isinstance(extended.value, tuple) else extended.value
    return {"id": extended.id, "value": value}
