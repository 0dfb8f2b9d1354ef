"""Standing orders to be told of changes in a mailbox: what one may ask for, and how long it lasts.

A subscription is no fact: it belongs to a program that looks on, ends by itself within days, and holds a
secret. What is told is read from the history (ADR 35).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.facts import Value

LONGEST = timedelta(minutes=10_080)
"""How long a subscription may last (Graph: *Subscription lifetime*, Outlook messages)."""
LONGEST_WITH_DATA = timedelta(minutes=1_440)
SHORTEST = timedelta(minutes=45)
"""A subscription that would end earlier is given this long (Graph: *expirationDateTime*)."""
MOST = 1_000
"""Subscriptions of a mailbox, of all applications (Graph: *Change notifications for Outlook resources*)."""
LONGEST_STATE = 128
LONGEST_CERTIFICATE_ID = 128
LONGEST_RESOURCE = 4096
LONGEST_URL = 2048

CHANGES = ("created", "updated", "deleted")
TLS = ("v1_2", "v1_3")
"""The versions of Transport Layer Security that are spoken here, by Graph's names."""


class Certificate(Value):
    """What data is encrypted for: an X.509 certificate in base64, and its owner's name for it."""

    text: str
    id: str


class Subscriber(Value):
    """Which application asked, and on behalf of whom; ``basic``: it may see the basic properties only."""

    application: str
    creator: str
    basic: bool = False


class Subscription(Value):
    """A standing order to be told of changes of messages, in a folder or (``None``) the whole mailbox.

    ``resource`` and ``change_type`` are what was asked for, as it was written; ``condition``, ``select`` and
    ``expand`` are its query options. With a ``certificate`` notifications hold the messages themselves.
    """

    id: UUID
    mailbox: UUID
    folder: UUID | None = None
    resource: str
    condition: str | None = None
    select: tuple[str, ...] = ()
    expand: str = ""
    change_type: str
    notification_url: str
    lifecycle_url: str | None = None
    client_state: str | None = None
    begins_at: datetime
    expires_at: datetime
    certificate: Certificate | None = None
    tls: str = TLS[0]
    immutable_ids: bool = False
    """Whether notifications name messages by the ids that no move changes."""
    beta: bool = False
    """Whether data is in the shape of Graph's beta: a subscription is told in the version it was made in."""
    by: Subscriber

    @property
    def changes(self) -> frozenset[str]:
        """The kinds of change it is about."""
        return frozenset(changes_in(self.change_type))


def changes_in(change_type: str) -> tuple[str, ...]:
    """The kinds of change in a list with commas; refuses others."""
    kinds = tuple(kind.strip().lower() for kind in change_type.split(","))
    if unknown := [kind for kind in kinds if kind not in CHANGES]:
        raise refusals.SubscriptionMalformed(f"'{unknown[0][:40]}' is not a valid changeType.")
    return kinds


def check(asked: Subscription) -> None:
    """Refuse what cannot be asked for."""
    changes_in(asked.change_type)
    _check_length("clientState", asked.client_state, LONGEST_STATE)
    _check_length("resource", asked.resource, LONGEST_RESOURCE)
    for name, url in (
        ("notificationUrl", asked.notification_url),
        ("lifecycleNotificationUrl", asked.lifecycle_url),
    ):
        _check_length(name, url, LONGEST_URL)
    if asked.tls not in TLS:
        raise refusals.SubscriptionMalformed(f"latestSupportedTlsVersion must be one of {', '.join(TLS)}.")
    if asked.certificate is not None:
        _check_data(asked, asked.certificate)


def _check_data(asked: Subscription, certificate: Certificate) -> None:
    """What comes along with notifications has to be named, and is not the body."""
    _check_length("encryptionCertificateId", certificate.id, LONGEST_CERTIFICATE_ID)
    if not certificate.id:
        raise refusals.SubscriptionMalformed("encryptionCertificateId is required with includeResourceData.")
    if not asked.select:
        raise refusals.SubscriptionMalformed(
            "The resource must have a $select query option when includeResourceData is true."
        )
    if {"body", "uniqueBody"} & set(asked.select):
        raise refusals.SubscriptionMalformed("body and uniqueBody cannot be selected for notifications.")


def _check_length(name: str, text: str | None, most: int) -> None:
    if text is not None and len(text) > most:
        raise refusals.SubscriptionMalformed(f"{name} cannot have more than {most} characters.")


def end_of(wanted: datetime, asked_at: datetime, *, with_data: bool) -> datetime:
    """When a subscription ends that is asked for at a moment; refuses one that would last too long."""
    longest = LONGEST_WITH_DATA if with_data else LONGEST
    if wanted - asked_at > longest:
        raise refusals.SubscriptionTooLong(longest // timedelta(minutes=1))
    return max(wanted, asked_at + SHORTEST)


def check_room(asked: Subscription, known: Iterable[Subscription]) -> None:
    """Refuse one more than a mailbox can have, and the same one twice."""
    others = [each for each in known if each.id != asked.id]
    for other in others:
        if _same(asked) == _same(other):
            raise refusals.SubscriptionTaken(other.id)
    if len(others) >= MOST:
        raise refusals.TooManySubscriptions(MOST)


def _same(one: Subscription) -> tuple[object, ...]:
    """Graph: the same resource and kinds of change, for the same application."""
    return one.by.application, one.by.creator, one.resource.strip("/").lower(), one.changes
