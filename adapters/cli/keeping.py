"""Commands that look after the store: user, token, resync, rebuild, tidy."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import click

from letterbook.adapters.book import Book
from letterbook.adapters.cli.desk import Desk, Verbs, at_desk, encrypted_option, person
from letterbook.adapters.cli.telling import person_data, say, table
from letterbook.adapters.scopes import USUAL, check_useful, read_scopes, usual
from letterbook.application.points import read_point
from letterbook.application.rebuilding import Rebuilt
from letterbook.application.rows import PersonRow
from letterbook.application.tidying import Tidied
from letterbook.domain.refusals import PointUnknown

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST = 3650 * UNITS["d"]


class Lifetime(click.ParamType[timedelta]):
    """A stretch of time: ``90s``, ``15m``, ``24h``, ``7d``."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The stretch of time that the words mean."""
        if isinstance(value, timedelta):
            return value
        said = re.fullmatch(r"([1-9]\d{0,9})([smhd])", str(value).strip().lower())
        if not said or int(said[1]) * UNITS[said[2]] > LONGEST:
            self.fail(f"{value!r} is not a time of up to ten years, such as 90s, 15m, 24h or 7d.", param, ctx)
        return timedelta(seconds=int(said[1]) * UNITS[said[2]])


@click.group(cls=Verbs)
def user() -> None:
    """The people who have a mailbox."""


@user.command()
@click.argument("address")
@click.option("--name", default="", help="The name shown beside the address.")
@encrypted_option
@at_desk
def add(desk: Desk, address: str, name: str, encrypted: bool) -> None:
    """Open a mailbox; the first one begins the store.

    \b
    letterbook user add alexw@contoso.com --name "Alex Wilber"
    """
    with desk.book(may_begin=True, encrypted=encrypted) as book:
        added = book.add_user(address, name=name)
    desk.answer(person_data(added), lambda: say(f"{added.name} <{added.address}> has a mailbox."))


@user.command(name="list")
@click.option("--at", metavar="MOMENT", help="Everyone who had one at a moment (2026-01-31T12:00Z).")
@at_desk
def list_(desk: Desk, at: str | None) -> None:
    """Everyone who has a mailbox."""
    with desk.book() as book:
        people = book.users() if at is None else _people_then(book, at)
    data = [person_data(each) for each in people]
    rows = [[each.address, each.name] for each in people]
    desk.answer(data, lambda: table(["address", "name"], rows, nothing="Nobody has a mailbox yet."))


def _people_then(book: Book, at: str) -> list[PersonRow]:
    point = read_point(at)
    if isinstance(point, int):
        raise PointUnknown(at)  # a position is one of a mailbox
    return book.travel.at_moment(point).people()


@click.command()
@click.argument("address")
@click.option(
    "--scope", show_default=USUAL, help="What the token allows, with spaces between; .default is everything."
)
@click.option(
    "--app", is_flag=True, help="A token of an application, which may see every mailbox; ADDRESS is its id."
)
@click.option(
    "--lifetime", type=Lifetime(), default="24h", show_default=True, help="How long it is good for."
)
@at_desk
def token(desk: Desk, address: str, scope: str | None, app: bool, lifetime: timedelta) -> None:
    """Print a bearer token for the Graph face.

    Nothing else is printed. It works while a server runs, too.

    \b
    TOKEN=$(letterbook token alexw@contoso.com)
    letterbook token backup-robot --app --scope Mail.Read --lifetime 15m
    """
    try:
        scopes = usual(app=app) if scope is None else _scopes(scope, app=app)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--scope") from error
    with desk.book() as book:
        who = address if app else person(book, address).address
        made = book.token(who, scopes, app=app, lifetime=lifetime)
    data = {
        "access_token": made,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scope": scopes,
    }
    desk.answer(data, lambda: click.echo(made))


def _scopes(said: str, *, app: bool) -> str:
    """The scopes that open something; of others of Graph's a warning tells."""
    scopes = read_scopes(said, app=app)
    check_useful(scopes, app=app)
    for name in scopes.foreign:
        click.echo(f"Warning: nothing here asks for the scope '{name}'; it is left out.", err=True)
    return " ".join(scopes.known)


@click.command()
@click.argument("address")
@at_desk
def resync(desk: Desk, address: str) -> None:
    """Let whoever follows a mailbox begin anew.

    Delta links given out so far are answered 410 Gone, as when Graph lets one expire. It works while a server
    runs, too.

    \b
    letterbook resync alexw@contoso.com
    """
    with desk.book() as book:
        whose = person(book, address)
        book.mailbox(whose.address).order_resync()
    say_so = f"Whoever follows the mailbox of {whose.address} has to begin anew."
    desk.answer(person_data(whose), lambda: say(say_so))


@click.command()
@click.option("--verify", is_flag=True, help="Compare with what was there; exit code 1 if anything differs.")
@at_desk
def rebuild(desk: Desk, verify: bool) -> None:
    """Make all views again from the history.

    They are made beside the live ones, which are read and written meanwhile, and then take their place. With
    --verify every value of every row is compared with what was there, and whether a search looks at every
    message. Mailboxes that showed something else are named; what was made anew is right, and stays. Which
    words the index has for a message is not compared.

    A mailbox whose events are gone stops it, and is left as it is shown. One that is shown and never had an
    event is named, and shown no more. In both cases the exit code is 1, also without --verify.

    
    letterbook rebuild --verify
    """
    with desk.book() as book:
        shown = {each.mailbox: each.address for each in book.users()}
        with progress_bar(desk, "Rebuilding", count_events(book)) as tell:
            rebuilt = book.rebuild(tell, verify=verify)
        whose = shown | {each.mailbox: each.address for each in book.users()}
    data = [
        {"mailbox": whose.get(each.mailbox, str(each.mailbox)), "events": each.events, "equal": each.equal}
        for each in rebuilt
    ]
    desk.answer(data, lambda: _tell(rebuilt, whose))
    sys.exit(1 if any(each.equal is False for each in rebuilt) else 0)


_OUTCOMES = {None: "made again", True: "equal", False: "were different, made right"}


def _outcome(rebuilt: Rebuilt) -> str:
    return _OUTCOMES[rebuilt.equal] if rebuilt.events else "without any event"


@click.command()
@at_desk
def tidy(desk: Desk) -> None:
    """Remove what nothing needs any more.

    Blobs that no fact names, a day old or older: what refused requests left behind. Uploads that took too
    long. What a crash left half written. Search folders that nobody used for 45 days. It works while a server
    runs, too.
    """
    with desk.book() as book:
        tidied = book.tidy()
    desk.answer(asdict(tidied), lambda: _tell_tidied(tidied))


def _tell_tidied(tidied: Tidied) -> None:
    if tidied == Tidied():
        say("There was nothing to tidy up.")
        return
    say(f"Blobs that nothing named: {tidied.blobs} ({tidied.bytes} bytes)")
    say(f"Uploads that took too long: {tidied.uploads}")
    say(f"Files left half written: {tidied.leftovers}")
    say(f"Search folders that nobody used: {tidied.searches}")


def _tell(rebuilt: Sequence[Rebuilt], whose: dict[UUID, str]) -> None:
    rows = [
        [whose.get(each.mailbox, str(each.mailbox)), str(each.events), _outcome(each)] for each in rebuilt
    ]
    table(["mailbox", "events", "views"], rows, nothing="There are no mailboxes.")


def count_events(book: Book) -> int:
    """How many events all mailboxes have together."""
    with book.engine.store.reading() as session:
        return sum(session.history.head(mailbox).seq for mailbox in session.history.mailboxes())


@contextmanager
def progress_bar(desk: Desk, what: str, total: int) -> Iterator[Callable[[UUID, int], None]]:
    """A bar that counts events, for people who watch."""
    from letterbook.adapters.cli import drawing  # see telling

    with drawing.counting_events(what, total, quiet=desk.as_json) as (progress, task):
        yield lambda _mailbox, events: progress.advance(task, events)


@contextmanager
def sharing_bar(desk: Desk, what: str) -> Iterator[Callable[[float, float], None]]:
    """A bar of the share that is done, for people who watch."""
    from letterbook.adapters.cli import drawing  # see telling

    with drawing.sharing_told(what, quiet=desk.as_json) as tell:
        yield tell
