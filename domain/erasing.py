"""What is left of a mailbox when its owner was erased."""

from letterbook.domain.facts import Fact


class OwnerErased(Fact, stored_as="mailbox.owner-erased.v1", in_clear=True):
    """The mailbox, with all that was ever in it, was made unreadable; that it was there stays known."""

    why: str
    """Which law, order or wish demanded it."""
