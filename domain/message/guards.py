"""What a message has to be for something to be asked of it."""

from letterbook.domain import refusals
from letterbook.domain.message.state import Draft, ErasedMessage, Message


def there(message: Message | None) -> Message:
    """A message to which something can still happen, even if its owner cannot see it."""
    if message is None or isinstance(message, ErasedMessage):
        raise refusals.NotFound
    return message


def present(message: Message | None) -> Message:
    """A message that its owner can still see."""
    if message is None or message.folder is None:
        raise refusals.NotFound
    return message


def draft(message: Message | None) -> Draft:
    """Only a draft can be rewritten or sent."""
    if not isinstance(present(message), Draft):
        raise refusals.NotADraft
    assert isinstance(message, Draft)
    return message
