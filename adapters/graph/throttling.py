"""Throttling as Graph documents it for Outlook: how much one application may ask of one mailbox.

Source: *Microsoft Graph service-specific throttling limits*, Outlook. Off unless somebody asks for it. Each
process counts what it answers itself.
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

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from letterbook.adapters.graph import errors
from letterbook.application.ports import Clock

_UPLOADS = frozenset({"PATCH", "POST", "PUT"})
"""What counts as uploading."""
_MOST_KNOWN = 10_000
"""Applications and mailboxes that are counted before those that ask nothing any more are forgotten."""

Who = tuple[str, UUID]
"""An application, and the mailbox that it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one application may ask of one mailbox; the defaults are Graph's."""

    requests: int = 10_000
    period: timedelta = timedelta(minutes=10)
    at_once: int = 4
    uploaded: int = 150 * 1024 * 1024
    """Bytes of requests that write."""
    upload_period: timedelta = timedelta(minutes=5)
    patience: int = 1
    """Seconds after which whoever asked too much at once may come again."""

    def __post_init__(self) -> None:
        if min(self.requests, self.at_once, self.uploaded) < 1:
            raise ValueError("A limit that lets nothing through is none.")


@dataclass(slots=True)
class _Account:
    """What one application has asked of one mailbox lately."""

    asked: deque[datetime]
    uploads: deque[tuple[datetime, int]] = field(default_factory=deque)
    uploaded: int = 0
    in_hand: int = 0


class Throttle:
    """Counts, and says when it is too much. Any number of threads may use it."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: dict[Who, _Account] = {}
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

    def _enter(self, who: Who, announced: int) -> _Account:
        now = self._clock.now()
        account = self._account(who, now)
        self._check_requests(account, now)
        if account.in_hand >= self._limits.at_once:
            raise errors.over_concurrency(self._limits.patience)
        self._check_uploads(account, now, announced)
        account.in_hand += 1
        return account

    def _account(self, who: Who, now: datetime) -> _Account:
        if who not in self._accounts and len(self._accounts) >= _MOST_KNOWN:
            self._forget(now)
        return self._accounts.setdefault(who, _Account(deque(maxlen=self._limits.requests)))

    def _forget(self, now: datetime) -> None:
        """Whoever has not asked for longer than anything counts."""
        since = now - max(self._limits.period, self._limits.upload_period)
        idle = [who for who, each in self._accounts.items() if not each.in_hand and each.asked[-1] <= since]
        for who in idle:
            del self._accounts[who]

    def _check_requests(self, account: _Account, now: datetime) -> None:
        """Requests that are refused count too: all accrue (Graph: throttling guidance)."""
        is_full = len(account.asked) == self._limits.requests
        over = is_full and account.asked[0] > now - self._limits.period
        account.asked.append(now)
        if over:
            raise errors.over_rate(_seconds(account.asked[0] + self._limits.period - now))

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

    def who_asks(self, request: Request) -> Who | None:
        """Which application asks which mailbox; ``None`` if no mailbox is asked, or nobody known asks."""


class Throttled:
    """The Graph face behind a throttle. The parts of a batch come through here one by one."""

    def __init__(self, face: "Countable", throttle: Throttle) -> None:
        self._face = face
        self._throttle = throttle
        face.outermost = self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless there were too many."""
        who = self._face.who_asks(Request(scope)) if scope["type"] == "http" else None
        if who is None:
            await self._face(scope, receive, send)
            return
        writes = scope["method"] in _UPLOADS
        try:
            with self._throttle.turn(who, _announced(scope) if writes else 0):
                await self._face(scope, self._measured(who, receive) if writes else receive, send)
        except errors.GraphError as too_much:
            await self._face.refuse(scope, receive, send, too_much)

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
