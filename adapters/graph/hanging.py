"""How mentions and open extensions are shown, whatever they hang on."""

from typing import Any
from uuid import uuid5

from letterbook.adapters.graph.extension_names import extension_id
from letterbook.application.showing import shown_time
from letterbook.domain.attachments import ItemAttachment
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Extension
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
