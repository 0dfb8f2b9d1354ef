"""Messages enclosed in other messages, opened: what they say, and what is attached to them."""

from dataclasses import replace
from uuid import uuid5

from letterbook.application.engine import Engine
from letterbook.application.ports import Mail
from letterbook.domain.attachments import Attachment, ItemAttachment
from letterbook.domain.conversation import begin_thread


def opened(engine: Engine, item: ItemAttachment) -> Mail:
    """An enclosed message: read from its original if there is one, else as it was written down.

    What is attached to it may still have its bytes elsewhere. Names of what is found in an original follow
    from its place, so they are the same at each time of asking.
    """
    letter = engine.whole_letter(item.item)
    begun = begin_thread(item.id, item.modified_at)
    if item.mime is None:
        return Mail(letter=letter, attachments=item.attachments, thread=begun, sent_at=item.sent_at)
    original = engine.mime.parse(engine.content(item.mime), item.modified_at)
    attachments = tuple(_named(item, place, each) for place, each in enumerate(original.attachments))
    return replace(original, letter=letter, attachments=attachments, thread=original.thread or begun)


def _named(item: ItemAttachment, place: int, attachment: Attachment) -> Attachment:
    return attachment.model_copy(update={"id": uuid5(item.id, str(place))})
