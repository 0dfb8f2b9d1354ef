"""Letters outside any mailbox, with all of their bytes."""

from datetime import datetime

from letterbook.application.engine import Engine
from letterbook.application.ports import Mail
from letterbook.domain.attachments import (
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
)
from letterbook.domain.letter import Letter, Thread


def whole_mail(
    engine: Engine, letter: Letter, attachments: tuple[Attachment, ...], thread: Thread, sent_at: datetime
) -> Mail:
    """A letter as mail, complete: what was kept as blobs is read back."""
    return Mail(
        letter=engine.whole_letter(letter),
        attachments=tuple(whole_attachment(engine, each) for each in attachments),
        thread=thread,
        sent_at=sent_at,
    )


def whole_attachment(engine: Engine, attachment: Attachment) -> Attachment:
    """An attachment with its bytes at hand, wherever they are kept."""
    match attachment:
        case FileAttachment():
            return attachment.model_copy(update={"content": _whole(engine, attachment.content)})
        case RecordAttachment():
            whole = {
                "content": _whole(engine, attachment.content),
                "attachments": _inside(engine, attachment),
            }
            return attachment.model_copy(update=whole)
        case ItemAttachment():
            mime = _whole(engine, attachment.mime) if attachment.mime else None
            item = engine.whole_letter(attachment.item).model_copy(update={"bcc": ()})
            inside = _inside(engine, attachment)
            return attachment.model_copy(update={"item": item, "mime": mime, "attachments": inside})
        case _:
            return attachment


def _whole(engine: Engine, content: Content) -> Content:
    return Content(inline=engine.content(content))


def _inside(engine: Engine, item: ItemAttachment | RecordAttachment) -> tuple[Attachment, ...]:
    return tuple(whole_attachment(engine, each) for each in item.attachments)
