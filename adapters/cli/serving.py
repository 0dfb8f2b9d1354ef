"""The command that serves the Graph face over HTTP."""

import ipaddress
import os
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from letterbook.adapters.book import Book
from letterbook.adapters.checkpoint_file import CheckpointFile
from letterbook.adapters.cli.desk import Desk, at_desk, encrypted_option
from letterbook.adapters.cli.forwarded import networks
from letterbook.adapters.cli.telling import say
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.door import GRAPH
from letterbook.adapters.wiring import Limits, WebhookRefused, open_book

if TYPE_CHECKING:
    from letterbook.adapters.tokens import ProviderTokens


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
    throttle: str = "off"
    checkpoints: str | None = None
    checkpoint_every: int = 0
    follow_past: bool = False
    checkpoint_webhook: str | None = None
    encrypted: bool = False

    def open(self) -> Book:
        """The book; raises OSError or ValueError if the provider's keys cannot be used."""
        return open_book(
            self.store,
            public_url=self.public_url,
            provider=self._provider(),
            allow_local_webhooks=self.local_webhooks,
            throttle=Limits.named(self.throttle),
            witnesses=[CheckpointFile(self.checkpoints)] if self.checkpoints else (),
            checkpoint_every=self.checkpoint_every,
            follow_past=self.follow_past,
            checkpoint_webhook=self.checkpoint_webhook,
            encrypted=self.encrypted,
        )

    def _provider(self) -> "ProviderTokens | None":
        if self.jwks is None:
            return None
        from letterbook.adapters.tokens import ProviderTokens  # with cryptography

        return ProviderTokens(Path(self.jwks), SystemClock(), self.issuer, self.audience)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server that speaks TLS shows, and the key that goes with it, if that is in a file of its own."""

    chain: str
    key: str | None = None

    def check(self) -> None:
        """Raise OSError if clients could not be served with it; nobody is asked for a password."""
        import ssl  # a server alone needs it

        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key, password="")


FILE = click.Path(exists=True, dir_okay=False, resolve_path=True)


def _known_networks(_context: click.Context, _option: click.Parameter, said: str | None) -> str:
    """What was said of proxies, refused if it is not addresses and networks."""
    try:
        networks(said) if said is not None else ()
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error
    return said or ""


def _known_limits(_context: click.Context, _option: click.Parameter, said: str) -> str:
    """What was said of throttling, refused if it makes no limits."""
    try:
        Limits.named(said)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error
    return said


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
    default="off",
    show_default=True,
    metavar="off|graph|N[/SECONDS]",
    callback=_known_limits,
    help="Answer 429 to an application that asks more of a mailbox than Graph lets it, or more than N times "
    "in so many seconds (600).",
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
@click.option(
    "--checkpoint-webhook",
    metavar="URL",
    help="Take every checkpoint that is signed to this URL, until it is accepted.",
)
@click.option(
    "--follow-past",
    is_flag=True,
    help="Keep every mailbox ready for questions about earlier moments, also before the first one.",
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
    checkpoint_webhook: str | None,
    follow_past: bool,
    encrypted: bool,
) -> None:
    """Serve the Graph face over HTTP or HTTPS until Ctrl-C.

    \b
    letterbook serve
    letterbook serve --store mail.db --port 0 --workers 4
    letterbook serve --tls-cert localhost.pem --tls-key localhost-key.pem
    letterbook serve --jwks keys.json --issuer https://login.example.com/v2.0
    """
    from letterbook.adapters.cli.server import run  # uvicorn takes as long to import as many commands run

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
        throttle=throttle,
        checkpoints=checkpoints,
        checkpoint_every=checkpoint_every,
        follow_past=follow_past,
        checkpoint_webhook=checkpoint_webhook,
        encrypted=encrypted,
    )
    certificate = Certificate(tls_cert, tls_key) if tls_cert else None
    _try(settings)
    if certificate:
        _try_certificate(certificate)
    with listening(host, port) as ear:
        _warn(host, certificate)
        announce(desk, settings, _address(host, ear.getsockname()[1], certificate), workers)
        run(settings, certificate, ear, workers)


def _try(settings: Settings) -> None:
    """Begin a new store, and find out what is wrong before anyone relies on it."""
    try:
        settings.open().close()
    except WebhookRefused as refused:
        raise click.ClickException(str(refused)) from refused
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
