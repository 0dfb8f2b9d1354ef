"""What notifying takes, imported when the first notification is to be made: most programs never make one.

The libraries that make requests and that encrypt take as long to import as most of everything else.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from letterbook.application.heralding import AddressForbidden, Answered, GivenUp
from letterbook.application.ports import Store
from letterbook.domain.subscriptions import Certificate

if TYPE_CHECKING:
    from letterbook.adapters.webhooks.posting import Poster
    from letterbook.adapters.webhooks.sealing import StoreSeals


class WebhookRefused(ValueError):
    """A webhook is to be where no request may go; the sentence says why."""


def check_webhook(url: str, *, local: bool) -> None:
    """Refuse a URL that could never be asked. Raises :class:`WebhookRefused`."""
    from letterbook.adapters.webhooks.posting import Poster

    poster = Poster(local=local)
    try:
        poster.read(url)
    except AddressForbidden as forbidden:
        raise WebhookRefused(f"{url} cannot be used: {forbidden}") from forbidden
    finally:
        poster.close()


class LateCourier:
    """Keeps :class:`letterbook.application.heralding.Courier`. ``local`` also admits this machine."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._poster: Poster | None = None
        self._hiring = Lock()
        self._closed = False

    def post(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint, and wait."""
        return self._hired().post(url, body, content_type, seconds)

    async def ask(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint from an event loop."""
        import asyncio  # there is one already, where there is an event loop

        poster = await asyncio.to_thread(self._hired)
        return await poster.ask(url, body, content_type, seconds)

    def close(self) -> None:
        """Wait for nothing, from now on."""
        with self._hiring:
            self._closed = True
        if self._poster is not None:
            self._poster.close()

    def _hired(self) -> "Poster":
        from letterbook.adapters.webhooks.posting import Poster

        with self._hiring:
            if self._closed:
                raise GivenUp("the program ends")
            self._poster = self._poster or Poster(local=self._local)
            return self._poster


class LateSeals:
    """Keeps :class:`letterbook.application.heralding.Seals`, with a signing key that the store keeps."""

    def __init__(self, store: Store, tenant: UUID) -> None:
        self._store = store
        self._tenant = tenant

    def check(self, certificate: Certificate) -> None:
        """Look whom it stands for."""
        self._made.check(certificate)

    def sealed(self, data: bytes, certificate: Certificate) -> dict[str, str]:
        """With a fresh key each time."""
        return self._made.sealed(data, certificate)

    def token(self, application: str, now: datetime) -> str:
        """A validation token."""
        return self._made.token(application, now)

    def keys(self) -> Mapping[str, Any]:
        """The public half of the signing key."""
        return self._made.keys()

    @cached_property
    def _made(self) -> "StoreSeals":
        from letterbook.adapters.webhooks.sealing import StoreSeals

        return StoreSeals(self._store, self._tenant)
