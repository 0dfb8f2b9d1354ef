"""The Python face of subscriptions: programs beside the book are told over HTTP what changes in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from letterbook.application.heralding import Seals
from letterbook.application.standing import LifecycleEvent
from letterbook.application.subscribing import Renewal, Subscribing, Watched
from letterbook.domain.subscriptions import Certificate, Subscriber, Subscription

_SELF = "letterbook"
"""The application that subscriptions belong to which were not made over the Graph face."""


class Subscriptions:
    """Who is notified of changes in the mailboxes of a book, and of what."""

    def __init__(
        self, subscribing: Subscribing, seals: Seals, read_resource: Callable[[str], Watched]
    ) -> None:
        self._read_resource = read_resource
        self._subscribing = subscribing
        self._engine = subscribing.engine
        self._seals = seals

    def begin(
        self,
        who: str,
        url: str,
        *,
        changes: str = "created,updated,deleted",
        folder: str | None = None,
        condition: str | None = None,
        client_state: str | None = None,
        lifecycle_url: str | None = None,
        lasting: timedelta = timedelta(days=1),
        certificate: str | None = None,
        certificate_id: str = "letterbook",
        select: Iterable[str] = (),
    ) -> Subscription:
        """Let an endpoint be told what changes in somebody's mailbox, or in a folder of it.

        The endpoint has to answer the validation request first, as Graph's notification endpoints do.
        ``condition`` is a ``$filter``. With a ``certificate`` (X.509, base64 or PEM) the properties that are
        selected come along, encrypted. Messages are named by the ids that Python knows them by, which no move
        changes. Raises ValueError if the folder, the condition or the selection cannot
        be used, and :class:`letterbook.Refused` for what is refused over the Graph face, too.
        """
        resource = _resource(str(self._engine.person(who).mailbox), folder, condition, select)
        now = self._engine.clock.now()
        asked = Subscription(
            id=self._engine.ids.new(),
            **asdict(self._read_resource(resource)),
            change_type=changes,
            notification_url=url,
            lifecycle_url=lifecycle_url,
            client_state=client_state,
            begins_at=now,
            expires_at=now + lasting,
            certificate=Certificate(text=certificate, id=certificate_id) if certificate else None,
            immutable_ids=True,
            by=Subscriber(application=_SELF, creator=_SELF),
        )
        return self._subscribing.subscribe(asked)

    def all(self) -> list[Subscription]:
        """Every subscription in force, of all applications."""
        return self._subscribing.all(None)

    def find(self, name: UUID) -> Subscription:
        """One of them. Raises :class:`letterbook.Refused` if there is none."""
        return self._subscribing.find(name, None)

    def renew(self, name: UUID, lasting: timedelta = timedelta(days=1)) -> Subscription:
        """Let one last so long from now."""
        return self._subscribing.renew(name, None, Renewal(expires_at=self._engine.clock.now() + lasting))

    def end(self, name: UUID) -> None:
        """Give one up, as its holder would: nothing is sent any more."""
        self._subscribing.end(name, None)

    def remove(self, name: UUID) -> None:
        """Take one away from its holder, whose lifecycle endpoint is told ``subscriptionRemoved``."""
        self._subscribing.remove(name)

    def remind(self, name: UUID, event: str) -> None:
        """Tell a lifecycle endpoint of an event, so that a test can see what the other side does.

        ``event`` is ``reauthorizationRequired``, ``subscriptionRemoved`` (which ends it) or ``missed``.
        """
        self._subscribing.remind(name, LifecycleEvent(event))

    def keys(self) -> Mapping[str, Any]:
        """The keys that validation tokens are checked with, as a JWK Set."""
        return self._seals.keys()


def _resource(mailbox: str, folder: str | None, condition: str | None, select: Iterable[str]) -> str:
    """The same order as it would be said to Graph."""
    place = f"mailFolders('{folder}')/messages" if folder else "messages"
    chosen = ",".join(select)
    options = [f"$filter={quote(condition)}"] if condition else []
    options += [f"$select={chosen}"] if chosen else []
    return f"users/{mailbox}/{place}" + (f"?{'&'.join(options)}" if options else "")
