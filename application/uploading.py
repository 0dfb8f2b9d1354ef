"""Files that arrive in pieces: begun, continued, given up, and in the end attached.

What has arrived is kept beside the history; the history learns of the file when it is whole. Its last step
can be taken again after a crash: the attachment has the name the upload had, so it is attached once.
"""

from contextlib import suppress
from uuid import UUID

from letterbook.application import jobs
from letterbook.application.engine import Engine
from letterbook.application.ports import Session
from letterbook.application.work import tell
from letterbook.domain import refusals
from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.facts import Occasion
from letterbook.domain.mailbox import ErasedMailbox
from letterbook.domain.message import Attach, Draft, ErasedMessage, limits
from letterbook.domain.refused import Refused
from letterbook.domain.uploads import Upload, check_size


def begin(engine: Engine, upload: Upload) -> None:
    """Get ready for a file, if it could be attached as things are now."""
    check_size(upload.size)
    message = engine.message(upload.mailbox, upload.message)
    if not isinstance(message, Draft):
        raise refusals.NotADraft
    limits.check_attached(message.attachments, upload.size)
    drop_expired(engine)
    engine.store.blobs.uploads.begin(upload)


def find(engine: Engine, name: UUID) -> Upload:
    """A file on its way; refuses one that never was, was given up, or took too long."""
    upload = engine.store.blobs.uploads.find(name)
    if upload is None or upload.expires_at <= engine.clock.now():
        raise refusals.NotFound
    return upload


def received(engine: Engine, upload: Upload) -> int:
    """How many bytes of a file are here; refuses one that was attached or given up meanwhile.

    Whoever forgets a file forgets that it is on its way before its bytes: hence the look afterwards.
    """
    count = engine.store.blobs.uploads.received(upload.id)
    find(engine, upload.id)
    return count


def finish(engine: Engine, upload: Upload, on: Occasion) -> None:
    """Attach a file that is whole. A refusal leaves what has arrived where it is."""
    blobs = engine.store.blobs
    kept = blobs.keep(blobs.uploads.pieces(upload.id))
    if kept.size != upload.size:
        raise refusals.NotFound  # somebody else has attached it meanwhile, or given it up
    attachment = FileAttachment(
        id=upload.id,
        name=upload.name,
        content_type=upload.content_type,
        is_inline=upload.is_inline,
        modified_at=on.at,
        content=Content(blob=kept),
        content_id=upload.content_id,
    )
    ask = Attach(attachment, uploaded=True)
    try:
        engine.run(lambda work: jobs.ask_message(work, upload.mailbox, upload.message, ask, on))
    except Refused:
        _drop_erased(engine, upload)
        raise
    blobs.uploads.drop(upload.id)


def _drop_erased(engine: Engine, upload: Upload) -> None:
    """Forget a file for a message that was erased meanwhile, which a purge before may not have seen.

    It is a blob by now that no fact names. Where messages are erased blobs are sealed, and nobody can read
    one without a fact that names it; its file goes as that of any other request that was refused (ADR 24).
    """
    with engine.store.reading() as session:
        erased = is_erased(session, upload)
    if erased:
        engine.store.blobs.uploads.drop(upload.id)


def is_erased(session: Session, upload: Upload) -> bool:
    """Whether what a file was to be attached to was erased."""
    message = tell(session, (upload.mailbox, upload.message)).state
    home = tell(session, (upload.mailbox, upload.mailbox)).state
    return isinstance(message, ErasedMessage) or isinstance(home, ErasedMailbox)


def is_attached(engine: Engine, mailbox: UUID, message: UUID, name: UUID) -> bool:
    """Whether a file has arrived and is attached."""
    with suppress(refusals.NotFound):
        engine.message(mailbox, message).attachment(name)
        return True
    return False


def drop_expired(engine: Engine) -> int:
    """Forget the files that took too long; gives how many there were."""
    now, uploads = engine.clock.now(), engine.store.blobs.uploads
    expired = [upload.id for upload in uploads.all() if upload.expires_at <= now]
    for name in expired:
        uploads.drop(name)
    return len(expired)
