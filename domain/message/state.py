"""The states a message can be in. The type says what can be done with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.attachments import Attachment
from letterbook.domain.letter import Extension, Flag, Letter, ReportAction, Thread
from letterbook.domain.meetings import ALONE, Standing
from letterbook.domain.message.facts import MentionAdded


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What every message has. ``folder`` is ``None`` for one that is in no view.

    ``revision`` counts the changes that its owner can see; change keys are made from it.
    """

    folder: UUID | None
    letter: Letter
    thread: Thread
    created_at: datetime
    modified_at: datetime
    received_at: datetime
    sent_at: datetime
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[MentionAdded, ...] = ()
    extensions: tuple[Extension, ...] = ()
    from_mime: bool = False
    """Whether the author is only what the ``From`` of a MIME message claimed."""
    reported: ReportAction | None = None
    """What its owner last reported it as."""
    unsubscribed: bool = False
    """Whether its owner asked to get no more of its kind."""
    standing: Standing = ALONE
    """Where it stands among the messages about its meeting."""
    revision: int = 1
    moves: int = 0
    """How often it came to another folder; default ids are made from it."""

    @property
    def has_attachments(self) -> bool:
        """Inline attachments do not count (Graph: message resource)."""
        return any(not attachment.is_inline for attachment in self.attachments)

    def attachment(self, attachment_id: UUID) -> Attachment:
        """One attachment; refuses one that is not there."""
        for attachment in self.attachments:
            if attachment.id == attachment_id:
                return attachment
        raise refusals.NotFound

    def mention(self, mention_id: UUID) -> MentionAdded:
        """One mention; refuses one that is not there."""
        for mention in self.mentions:
            if mention.mention_id == mention_id:
                return mention
        raise refusals.NotFound

    def extension(self, name: str) -> Extension:
        """One open extension; refuses one that is not there."""
        for extension in self.extensions:
            if extension.name == name:
                return extension
        raise refusals.NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Message):
    """A letter that can still be rewritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage(Message):
    """A letter that left; what it says is for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage(Message):
    """A letter that arrived; what it says is for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedMessage(Message):
    """A letter that its owner deleted for good. ``arrived`` says whether it had come from elsewhere."""

    arrived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedMessage(Message):
    """A letter of which nobody knows any more what it said: in no folder, and nothing is asked of it."""
