"""Talking to the Graph face in process, as an HTTP client does."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.types import ASGIApp

from letterbook import Book
from tests.documents.wire import Json, Sample
from tests.looping import Conversations

READ_AND_SEND = "Mail.ReadWrite Mail.Send"


class StillClock:
    """A clock that stands at the moment of the MIME sample until somebody moves it."""

    def __init__(self) -> None:
        self._now = datetime(2021, 4, 23, 18, 13, 44, 201_000, tzinfo=UTC)

    def now(self) -> datetime:
        """This moment."""
        return self._now

    def let_pass(self, **time: float) -> None:
        """Let time pass: ``let_pass(seconds=3)``."""
        self._now += timedelta(**time)


class GraphClient:
    """Asks the Graph face in the name of whoever the token belongs to."""

    def __init__(self, face: ASGIApp, runner: Conversations, token: str | None) -> None:
        self._face = face
        self._runner = runner
        self._token = token

    def ask(self, method: str, path: str, *, without: Iterable[str] = (), **said: Any) -> httpx.Response:
        """One request; ``without`` names headers that the client would have added."""
        return self._runner.run(self._ask(method, path, tuple(without), said))

    async def _ask(self, method: str, path: str, without: tuple[str, ...], said: Json) -> httpx.Response:
        wire = httpx.ASGITransport(app=self._face)
        async with httpx.AsyncClient(transport=wire, base_url="https://graph.microsoft.com") as client:
            request = client.build_request(method, path, **said)
            if self._token is not None and "Authorization" not in request.headers:
                request.headers["Authorization"] = f"Bearer {self._token}"
            for header in without:
                del request.headers[header]
            return await client.send(request)

    def get(self, path: str, **said: Any) -> httpx.Response:
        """GET."""
        return self.ask("GET", path, **said)

    def post(self, path: str, **said: Any) -> httpx.Response:
        """POST."""
        return self.ask("POST", path, **said)

    def patch(self, path: str, **said: Any) -> httpx.Response:
        """PATCH."""
        return self.ask("PATCH", path, **said)

    def delete(self, path: str) -> httpx.Response:
        """DELETE."""
        return self.ask("DELETE", path)

    def say(self, sample: Sample, **keys: str) -> httpx.Response:
        """A document's own request; ``keys`` fill the gaps of its path."""
        return self.ask(sample.method, sample.path.format(**keys), **sample.said())

    def read(self, path: str, **said: Any) -> Json:
        """The JSON that a GET answers."""
        answer = self.get(path, **said)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def folder(self, name: str) -> list[Json]:
        """The messages of a folder, newest first."""
        found: list[Json] = self.read(f"/beta/me/mailFolders/{name}/messages")["value"]
        return found

    def draft(self, path: str = "/v1.0/me/messages", **message: Any) -> Json:
        """A new draft, to Megan unless the message says otherwise."""
        answer = self.post(
            path, json={"subject": "Lunch", "toRecipients": to("meganb@contoso.com")} | message
        )
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made


def to(*addresses: str) -> list[Json]:
    """Recipients by address alone."""
    return [{"emailAddress": {"address": address}} for address in addresses]


class Office:
    """A book with its people, and clients that speak in their names."""

    def __init__(self, book: Book, clock: StillClock, runner: Conversations) -> None:
        self.book = book
        self.clock = clock
        self._face = book.asgi()
        self._runner = runner

    def client(self, address: str, scope: str = READ_AND_SEND) -> GraphClient:
        """A client with a person's token."""
        return GraphClient(self._face, self._runner, self.book.token(address, scope))

    def program(self, scope: str = READ_AND_SEND) -> GraphClient:
        """A client with an application's token."""
        return GraphClient(self._face, self._runner, self.book.token("invoices", scope, app=True))

    def stranger(self) -> GraphClient:
        """A client without a token."""
        return GraphClient(self._face, self._runner, None)

    def user_id(self, address: str) -> str:
        """The id of a user."""
        return str(self.book.mailbox(address).id)

    def folder_id(self, address: str, name: str) -> str:
        """The id of a folder."""
        path = f"/v1.0/users/{address}/mailFolders/{name}"
        found: str = self.program().read(path)["id"]
        return found
