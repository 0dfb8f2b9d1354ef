"""What notifications need from the world, as Protocols, beside those of ``ports``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from letterbook.application.rows import MessageRow
from letterbook.application.standing import LifecycleEvent, Standing
from letterbook.domain.message import Message
from letterbook.domain.subscriptions import Certificate, Subscription


class Subscriptions(Protocol):
    """Who wants to be notified, and how far each has been."""

    def put(self, standing: Standing) -> None:
        """Keep how it stands with a subscription."""

    def drop(self, name: UUID) -> None:
        """Forget a subscription."""

    def find(self, name: UUID) -> Standing | None:
        """How it stands with one."""

    def all(self, mailbox: UUID | None = None) -> list[Standing]:
        """How it stands with each, of a mailbox or of all, in the order they were made."""

    def signing_key(self) -> bytes | None:
        """The key that vouches for notifications."""

    def keep_signing_key(self, fresh: bytes) -> None:
        """Keep a key, unless there is one."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A change that a subscriber is told of: a message as it was after the fact at ``seq``.

    ``row`` is how its folder showed it, where a subscriber wants that.
    """

    subscription: Subscription
    change: str
    seq: int
    message: UUID
    moves: int
    """How often the message had moved: its default id follows from that."""
    etag: str
    row: MessageRow | None = None
    state: Message | None = None


@dataclass(frozen=True, slots=True)
class LifecycleNotice:
    """What a subscriber is told of the subscription itself."""

    subscription: Subscription
    event: LifecycleEvent


class Herald(Protocol):
    """Takes notifications to those who want them."""

    def check(self, certificate: Certificate) -> None:
        """Refuses a certificate that nothing can be encrypted for."""

    async def greet(self, url: str) -> None:
        """Ask whether notifications are wanted at an address; refuses one that does not say so."""

    def tell(self, url: str, notices: Sequence[Notice | LifecycleNotice]) -> None:
        """Hand over some notices at once. Raises :class:`Unheard`."""


class Unheard(Exception):
    """Notifications were not accepted, or no answer came, this time."""


class AddressForbidden(Unheard):
    """The address is not one that may be asked."""


class TooSlow(Unheard):
    """No whole answer came in time."""


class GivenUp(Unheard):
    """The program ends before an answer came; nobody's fault, and to be tried again by the next one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an endpoint said, as far as it was read."""

    status: int
    content_type: str
    body: bytes


class Courier(Protocol):
    """Makes requests to endpoints that other people name."""

    def post(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint, within so many seconds. Raises :class:`Unheard`. Waits: not for event loops."""

    async def ask(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """The same from an event loop."""


class Seals(Protocol):
    """Encrypts what goes along with notifications, and vouches for them."""

    def check(self, certificate: Certificate) -> None:
        """Refuses a certificate that nothing can be encrypted for."""

    def sealed(self, data: bytes, certificate: Certificate) -> dict[str, str]:
        """Data that only the owner of a certificate can read, in Graph's shape."""

    def token(self, application: str, now: datetime) -> str:
        """A token that tells an application who sends."""

    def keys(self) -> Mapping[str, Any]:
        """The keys that such tokens are checked with, as a JWK Set."""
