"""Throttling as Graph documents it: how much one application may ask of one mailbox, and of subscriptions.

Source: *Microsoft Graph service-specific throttling limits*, Outlook and Subscription. Off unless somebody
asks for it. Each process counts what it answers itself.
"""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from threading import Lock
from typing import Protocol
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.limits import Limits
from letterbook.application.ports import Clock

_UPLOADS = frozenset({"PATCH", "POST", "PUT"})
"""What counts as uploading."""
_MOST_KNOWN = 10_000
"""Applications and mailboxes that are counted before those that ask nothing any more are forgotten."""

_WRITES = frozenset({"DELETE", "PATCH", "POST", "PUT"})
"""What counts as a change of subscriptions."""

Who = tuple[str, UUID | None]
"""An application, and the mailbox that it asks; ``None``: it asks about subscriptions."""


class _Pace:
    """When something was asked lately: so often in a period and no more."""

    def __init__(self, most: int, period: timedelta) -> None:
        self._asked: deque[datetime] = deque(maxlen=most)
        self._period = period

    def check(self, now: datetime) -> None:
        """Requests that are refused count too: all accrue (Graph: throttling guidance)."""
        is_full = len(self._asked) == self._asked.maxlen
        over = is_full and self._asked[0] > now - self._period
        self._asked.append(now)
        if over:
            raise errors.over_rate(_seconds(self._asked[0] + self._period - now))

    def is_idle(self, since: datetime) -> bool:
        """Whether nothing was asked after a moment."""
        return not self._asked or self._asked[-1] <= since


@dataclass(slots=True)
class _Account:
    """What one application has asked of one mailbox lately."""

    asked: _Pace
    uploads: deque[tuple[datetime, int]] = field(default_factory=deque)
    uploaded: int = 0
    in_hand: int = 0


class Throttle:
    """Counts, and says when it is too much. Any number of threads may use it."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: dict[Who, _Account] = {}
        self._subscribing: dict[tuple[str | None, str], _Pace] = {}
        self._lock = Lock()

    @contextmanager
    def turn(self, who: Who, announced: int) -> Iterator[None]:
        """While a request is answered that brings so many bytes. Raises :class:`errors.GraphError` (429)."""
        with self._lock:
            account = self._enter(who, announced)
        try:
            yield
        finally:
            with self._lock:
                account.in_hand -= 1

    def subscribe(self, application: str, *, changes: bool) -> None:
        """A request about subscriptions, of one application and of all. Raises :class:`errors.GraphError`."""
        now = self._clock.now()
        with self._lock:
            for who, times in ((application, 1), (None, 2)):
                if changes:
                    self._pace(who, "changes", self._limits.subscription_changes * times, now).check(now)
                self._pace(who, "any", self._limits.subscription_requests * times, now).check(now)

    def _pace(self, who: str | None, what: str, most: int, now: datetime) -> _Pace:
        period = self._limits.subscription_period
        if len(self._subscribing) >= _MOST_KNOWN:
            busy = {key: each for key, each in self._subscribing.items() if not each.is_idle(now - period)}
            self._subscribing = busy
        return self._subscribing.setdefault((who, what), _Pace(most, period))

    def _enter(self, who: Who, announced: int) -> _Account:
        now = self._clock.now()
        account = self._account(who, now)
        account.asked.check(now)
        if account.in_hand >= self._limits.at_once:
            raise errors.over_concurrency(self._limits.patience)
        self._check_uploads(account, now, announced)
        account.in_hand += 1
        return account

    def _account(self, who: Who, now: datetime) -> _Account:
        if who not in self._accounts and len(self._accounts) >= _MOST_KNOWN:
            self._forget(now)
        fresh = _Account(_Pace(self._limits.requests, self._limits.period))
        return self._accounts.setdefault(who, fresh)

    def _forget(self, now: datetime) -> None:
        """Whoever has not asked for longer than anything counts."""
        since = now - max(self._limits.period, self._limits.upload_period)
        idle = [who for who, each in self._accounts.items() if not each.in_hand and each.asked.is_idle(since)]
        for who in idle:
            del self._accounts[who]

    def _check_uploads(self, account: _Account, now: datetime, announced: int) -> None:
        self._pass_by(account, now)
        room = self._limits.uploaded - account.uploaded
        if not announced or not account.uploads or announced <= room:
            return
        raise errors.over_rate(_seconds(self._room_at(account, announced - room) - now))

    def _room_at(self, account: _Account, missing: int) -> datetime:
        """When so many bytes that count now will count no more; if they are never so many, all of them."""
        sizes = accumulate(size for _, size in account.uploads)
        last = account.uploads[-1][0]
        at = next((at for (at, _), sum_ in zip(account.uploads, sizes, strict=True) if sum_ >= missing), last)
        return at + self._limits.upload_period

    def _pass_by(self, account: _Account, now: datetime) -> None:
        while account.uploads and account.uploads[0][0] <= now - self._limits.upload_period:
            account.uploaded -= account.uploads.popleft()[1]

    def uploaded(self, who: Who, size: int) -> None:
        """So many bytes have arrived."""
        with self._lock:
            account = self._accounts[who]
            account.uploads.append((self._clock.now(), size))
            account.uploaded += size


def _seconds(left: timedelta) -> int:
    """Whole seconds, after which there is room again."""
    return max(1, math.ceil(left.total_seconds()))


class Countable(Protocol):
    """What is behind a throttle."""

    outermost: ASGIApp
    """Where requests that hold others send these."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

    async def refuse(self, scope: Scope, receive: Receive, send: Send, why: errors.GraphError) -> None:
        """Answer a request by an error."""

    def who_asks(self, request: Asked) -> Who | None:
        """Which application asks what; ``None`` if neither a mailbox nor a subscription, or nobody known."""


class Throttled:
    """The Graph face behind a throttle. The parts of a batch come through here one by one."""

    def __init__(self, face: "Countable", throttle: Throttle) -> None:
        self._face = face
        self._throttle = throttle
        face.outermost = self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless there were too many."""
        who = self._face.who_asks(Asked(scope, receive)) if scope["type"] == "http" else None
        if who is None:
            await self._face(scope, receive, send)
            return
        try:
            await self._answer(who, scope, receive, send)
        except errors.GraphError as too_much:
            await self._face.refuse(scope, receive, send, too_much)

    async def _answer(self, who: Who, scope: Scope, receive: Receive, send: Send) -> None:
        if who[1] is None:
            self._throttle.subscribe(who[0], changes=scope["method"] in _WRITES)
            await self._face(scope, receive, send)
        else:
            writes = scope["method"] in _UPLOADS
            with self._throttle.turn(who, _announced(scope) if writes else 0):
                await self._face(scope, self._measured(who, receive) if writes else receive, send)

    def _measured(self, who: Who, receive: Receive) -> Receive:
        async def measured() -> Message:
            message = await receive()
            if size := len(message.get("body", b"")):
                self._throttle.uploaded(who, size)
            return message

        return measured


def _announced(scope: Scope) -> int:
    """How long a body says it is; one that does not say needs room, and is counted as it comes."""
    said = dict(scope["headers"]).get(b"content-length", b"1").decode("latin-1")
    return int(said[:18]) if said.isascii() and said.isdigit() else 0
