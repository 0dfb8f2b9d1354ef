"""The command that serves the Graph face over HTTP."""

import ipaddress
import json
import os
import shlex
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from letterbook.adapters.book import Book
from letterbook.adapters.checkpoint_file import CheckpointFile
from letterbook.adapters.cli.desk import Desk, at_desk, encrypted_option
from letterbook.adapters.cli.forwarded import Forwarded, networks
from letterbook.adapters.cli.telling import say
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.retaining import RetentionAtWork
from letterbook.adapters.tokens import GRAPH, ProviderTokens
from letterbook.adapters.wiring import Limits, open_book

SETTINGS = "LETTERBOOK_SERVING"
"""Where worker processes find what the command line said."""

PATIENCE = 5
"""Seconds that requests in hand get to finish when the server stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server, or each of its workers, has to know to open the book."""

    store: str
    public_url: str | None = None
    jwks: str | None = None
    issuer: str = ""
    audience: str = GRAPH
    proxies: str = ""
    local_webhooks: bool = False
    throttle: bool = False
    checkpoints: str | None = None
    checkpoint_every: int = 0
    encrypted: bool = False

    def open(self) -> Book:
        """The book; raises OSError or ValueError if the provider's keys cannot be used."""
        return open_book(
            self.store,
            public_url=self.public_url,
            provider=self._provider(),
            allow_local_webhooks=self.local_webhooks,
            throttle=Limits() if self.throttle else None,
            witnesses=[CheckpointFile(self.checkpoints)] if self.checkpoints else (),
            checkpoint_every=self.checkpoint_every,
            encrypted=self.encrypted,
        )

    def face(self, book: Book) -> ASGIApp:
        """What answers; behind proxies that are trusted, in their words."""
        return Forwarded(book.asgi(), networks(self.proxies)) if self.proxies else book.asgi()

    def _provider(self) -> ProviderTokens | None:
        if self.jwks is None:
            return None
        return ProviderTokens(Path(self.jwks), SystemClock(), self.issuer, self.audience)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server that speaks TLS shows, and the key that goes with it, if that is in a file of its own."""

    chain: str
    key: str | None = None

    def check(self) -> None:
        """Raise OSError if clients could not be served with it; nobody is asked for a password."""
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key, password="")


class Served:
    """The Graph face of a book that is open as long as it is served."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._face: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take note of the beginning and the end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._face is not None:
            await self._face(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        with short_turns(), self._settings.open() as book, RetentionAtWork(book.retain):
            self._face = self._settings.face(book)
            book.wake_delivery()  # there may be letters that an earlier run could no longer deliver
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def app() -> Served:
    """What each worker process serves."""
    return Served(Settings(**json.loads(os.environ[SETTINGS])))


FILE = click.Path(exists=True, dir_okay=False, resolve_path=True)


def _known_networks(_context: click.Context, _option: click.Parameter, said: str | None) -> str:
    """What was said of proxies, refused if it is not addresses and networks."""
    try:
        networks(said) if said is not None else ()
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error
    return said or ""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8025,
    show_default=True,
    help="The port; 0 takes a free one.",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer."
)
@click.option("--tls-cert", type=FILE, help="Speak HTTPS: a PEM file with the certificate and its chain.")
@click.option("--tls-key", type=FILE, help="The key of the certificate, if it is in a file of its own.")
@click.option("--public-url", metavar="URL", help="The address clients use, where a proxy hides it.")
@click.option(
    "--forwarded-allow-ips",
    metavar="NETWORKS",
    callback=_known_networks,
    help="Proxies whose X-Forwarded-Proto and X-Forwarded-Host are believed: addresses, or networks as in "
    "10.0.0.0/8, with commas between them. Nobody's are, otherwise.",
)
@click.option(
    "--jwks",
    type=FILE,
    help="Also admit the tokens of an identity provider: a file with its public keys.",
)
@click.option("--issuer", help="Who issues the provider's tokens; goes with --jwks.")
@click.option("--audience", default=GRAPH, show_default=True, help="For whom the provider's tokens are.")
@click.option(
    "--allow-local-webhooks",
    is_flag=True,
    help="Let notifications go to this machine, by http too; else they go to public addresses only.",
)
@click.option(
    "--throttle",
    type=click.Choice(["off", "graph"]),
    default="off",
    show_default=True,
    help="Answer 429 to an application that asks more of a mailbox than Graph lets it.",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Sign a mailbox whenever so many events have come.",
)
@click.option(
    "--checkpoints",
    type=click.Path(dir_okay=False, writable=True, resolve_path=True),
    help="Add every checkpoint that is signed to this file.",
)
@encrypted_option
@at_desk
def serve(
    desk: Desk,
    host: str,
    port: int,
    workers: int,
    tls_cert: str | None,
    tls_key: str | None,
    public_url: str | None,
    forwarded_allow_ips: str,
    jwks: str | None,
    issuer: str | None,
    audience: str,
    allow_local_webhooks: bool,
    throttle: str,
    checkpoint_every: int,
    checkpoints: str | None,
    encrypted: bool,
) -> None:
    """Serve the Graph face over HTTP or HTTPS until Ctrl-C.

    \b
    letterbook serve
    letterbook serve --store mail.db --port 0 --workers 4
    letterbook serve --tls-cert localhost.pem --tls-key localhost-key.pem
    letterbook serve --jwks keys.json --issuer https://login.example.com/v2.0
    """
    if bool(jwks) != bool(issuer):
        raise click.UsageError("--jwks and --issuer go together.")
    if tls_key and not tls_cert:
        raise click.UsageError("--tls-key needs --tls-cert.")
    settings = Settings(
        store=str(desk.store.absolute()),
        public_url=public_url,
        jwks=jwks,
        issuer=issuer or "",
        audience=audience,
        proxies=forwarded_allow_ips,
        local_webhooks=allow_local_webhooks,
        throttle=throttle == "graph",
        checkpoints=checkpoints,
        checkpoint_every=checkpoint_every,
        encrypted=encrypted,
    )
    certificate = Certificate(tls_cert, tls_key) if tls_cert else None
    _try(settings)
    if certificate:
        _try_certificate(certificate)
    with listening(host, port) as ear:
        _warn(host, certificate)
        announce(desk, settings, _address(host, ear.getsockname()[1], certificate), workers)
        _run(settings, certificate, ear, workers)


def _try(settings: Settings) -> None:
    """Begin a new store, and find out what is wrong before anyone relies on it."""
    try:
        settings.open().close()
    except ValueError as error:
        raise click.ClickException(f"{settings.jwks} cannot be used: {error}") from error


def _try_certificate(certificate: Certificate) -> None:
    try:
        certificate.check()
    except OSError as error:
        raise click.ClickException(f"{certificate.chain} cannot be used: {error}") from error


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; its port is known before the first request can come."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=2048)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host} port {port}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Why, without the address once more."""
    return (error.strerror or str(error)).partition(" (")[0]


def _address(host: str, port: int, certificate: Certificate | None) -> str:
    scheme = "https" if certificate else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _warn(host: str, certificate: Certificate | None) -> None:
    if not is_loopback(host) and certificate is None:
        click.secho(
            f"Warning: {host} is not a loopback address. Other machines can reach this server, and what they "
            "send, tokens included, is not encrypted. Serve with --tls-cert, or behind a proxy with TLS.",
            err=True,
            fg="yellow",
        )


def announce(desk: Desk, settings: Settings, address: str, workers: int) -> None:
    """Say where the server is; to people also what to do next."""
    url = (settings.public_url or address).rstrip("/")
    data = {"url": url, "listening": address, "store": settings.store, "workers": workers, "pid": os.getpid()}
    desk.answer(data, lambda: _tell(shlex.quote(settings.store), url))


def _tell(store: str, url: str) -> None:
    say(f"Letterbook serves {store} at {url}", "bold")
    say(f"  A mailbox:  letterbook user add alexw@contoso.com --name 'Alex Wilber' --store {store}")
    say(f"  A token:    TOKEN=$(letterbook token alexw@contoso.com --store {store})")
    say(f'  A request:  curl -H "Authorization: Bearer $TOKEN" {url}/v1.0/me/messages')
    say("Ctrl-C stops it.")


def _run(settings: Settings, certificate: Certificate | None, ear: socket.socket, workers: int) -> None:
    """Serve until told to stop, by Ctrl-C or by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if workers == 1:
            uvicorn.Server(_config(Served(settings), 1, certificate)).run([ear])
        else:
            os.environ[SETTINGS] = json.dumps(asdict(settings))
            Multiprocess(_config(f"{__name__}:app", workers, certificate), [ear]).run()
    except KeyboardInterrupt:
        pass  # the server has finished its work before it passes the signal on
    click.echo("Stopped.", err=True)


TURN = 0.000_5
"""Seconds that a thread which reads a long list keeps others waiting; Python's own 5 ms are many answers."""


@contextmanager
def short_turns() -> Iterator[None]:
    """While a process does nothing but serve."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _config(what: Served | str, workers: int, certificate: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        what,
        factory=isinstance(what, str),
        workers=workers,
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # it knows nothing of X-Forwarded-Host
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
        timeout_graceful_shutdown=PATIENCE,
    )
