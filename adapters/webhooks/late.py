"""A courier that is hired when the first request is to be made: most programs never make one.

The library that makes the requests takes as long to import as a fifth of everything else.
"""

import asyncio
from threading import Lock
from typing import TYPE_CHECKING

from letterbook.application.heralding import AddressForbidden, Answered

if TYPE_CHECKING:
    from letterbook.adapters.webhooks.posting import Poster


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

    def post(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint, and wait."""
        return self._hired().post(url, body, content_type, seconds)

    async def ask(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Ask an endpoint from an event loop."""
        poster = await asyncio.to_thread(self._hired)
        return await poster.ask(url, body, content_type, seconds)

    def close(self) -> None:
        """Wait for nothing."""
        if self._poster is not None:
            self._poster.close()

    def _hired(self) -> "Poster":
        from letterbook.adapters.webhooks.posting import Poster

        with self._hiring:
            self._poster = self._poster or Poster(local=self._local)
            return self._poster
