"""Commands that prove what happened: checkpoint, key, prove, verify."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from letterbook.adapters.book import Book
from letterbook.adapters.checkpoint_file import CheckpointFile
from letterbook.adapters.cli.desk import Desk, as_option, at_desk, person
from letterbook.adapters.cli.keeping import count_events, progress_bar
from letterbook.adapters.cli.telling import say, table
from letterbook.adapters.wiring import StoreReadOnly
from letterbook.application.notes import Checkpoint, read_checkpoints, read_key, verifier_key
from letterbook.application.public_ids import Kind, private
from letterbook.application.troubles import StoreTrouble
from letterbook.application.verifying import Finding, Report, Verified, Witnesses, owners
from letterbook.domain import refusals

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CUT = (
    "Without a checkpoint from outside nobody can tell whether the newest events were cut off: --checkpoints."
)


@click.command()
@as_option
@click.option(
    "--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Add them to this file as well."
)
@at_desk
def checkpoint(desk: Desk, who: str | None, file: Path | None) -> None:
    """Sign every mailbox as it is now, and print it.

    A checkpoint says how long a history is and what is in it. Keep it where whoever can change the store
    cannot change it: then nobody can rewrite the history unnoticed, not even the owner of the store.

    \b
    letterbook checkpoint --to /mnt/elsewhere/checkpoints.txt
    """
    signed: list[Checkpoint] = []
    troubles: list[StoreTrouble] = []
    with desk.book() as book:
        for mailbox in _mailboxes(book, who):
            try:
                signed.append(book.checkpoints.sign(mailbox))
            except StoreTrouble as trouble:  # it keeps no other from being signed
                troubles.append(trouble)
    for each in signed if file else ():
        assert file is not None
        CheckpointFile(file)(each)
    data = [{"mailbox": str(each.mailbox), "events": each.size, "note": each.note} for each in signed]
    desk.answer(data, lambda: click.echo("\n".join(each.note for each in signed), nl=False))
    if troubles:
        raise troubles[0]


@click.command()
@as_option
@at_desk
def key(desk: Desk, who: str | None) -> None:
    """Print the public keys that checkpoints are signed with.

    One line for each mailbox: the same key under the name of each. Give it to whoever verifies, once, on a
    way that you both trust.
    """
    with desk.book() as book:
        public = book.checkpoints.notary.public
        keys = [verifier_key(public, mailbox) for mailbox in _mailboxes(book, who)]
    desk.answer(keys, lambda: click.echo("\n".join(keys)))


@click.command()
@click.argument("message", required=False)
@click.option("--since", type=FILE, help="Prove instead that mailboxes only grew since these checkpoints.")
@as_option
@at_desk
def prove(desk: Desk, message: str | None, since: Path | None, who: str | None) -> None:
    """Print a proof of everything that happened to a message.

    It is checked with `docs/verifier.py`, which needs no Letterbook. With --since it proves, for each
    checkpoint in a file, that the history of now begins with what was signed then.

    \b
    letterbook prove AAMk... > proof.json
    letterbook prove --since checkpoints.txt > growth.json
    """
    if (message is None) == (since is None):
        raise click.UsageError("Say which message, or --since which checkpoints.")
    if message is not None:
        proof: Any = _history_of(desk, message, who)
    else:
        assert since is not None
        proof = _growth(desk, since, who)
    click.echo(json.dumps(proof, indent=2))


def _history_of(desk: Desk, message: str, who: str | None) -> dict[str, Any]:
    """Of a message, in whichever mailbox it has a history; names are never given twice."""
    name = private(Kind.MESSAGE, message)
    with desk.book() as book:
        homes = _mailboxes(book, who)
        with book.engine.store.reading() as session:
            home = next((each for each in homes if session.evidence.about(each, name)), None)
        if home is None:
            raise refusals.NotFound
        return book.checkpoints.prove(home, name)


def _growth(desk: Desk, since: Path, who: str | None) -> list[dict[str, Any]]:
    """Of every checkpoint in the file, or of every one of somebody's; none is passed over."""
    with desk.book() as book:
        only = _mailboxes(book, who) if who else ()
        older = [each for each in _read(since) if not who or each.mailbox in only]
        if not older:
            raise click.ClickException(f"In {since} there is no checkpoint to prove anything about.")
        return [book.checkpoints.prove_growth(each) for each in older]


@click.command()
@click.option(
    "--checkpoints", "files", type=FILE, multiple=True, help="Checkpoints that were kept outside the store."
)
@click.option("--keys", type=FILE, help="The keys to believe, instead of the one that is in the store.")
@as_option
@at_desk
def verify(desk: Desk, files: tuple[Path, ...], keys: Path | None, who: str | None) -> None:
    """Look for whatever somebody changed in the history.

    Every event, every blob and every checkpoint is looked at; the first event of each mailbox that is not
    what was recorded is named, and the exit code is 1. It works while a server runs, too.

    \b
    letterbook verify --checkpoints /mnt/elsewhere/checkpoints.txt
    """
    kept = Witnesses([each for file in files for each in _read(file)], _keys(keys) if keys else ())
    with _to_verify(desk) as book:
        mine = _mailboxes(book, who) if who else []
        if len(mine) > 1:
            raise click.ClickException(
                f"{len(mine)} mailboxes were opened for {who}: verify all, without --as."
            )
        only = mine[0] if mine else None
        with progress_bar(desk, "Verifying", count_events(book)) as tell:
            report = book.verify(kept, tell, only=only)
        whose = {each.mailbox: each.owner for each in report.mailboxes if each.owner}
    desk.answer(_data(report, whose), lambda: _tell(report, whose))
    sys.exit(0 if report.good else 1)


@contextmanager
def _to_verify(desk: Desk) -> Iterator[Book]:
    """The store, open; a copy that may only be read has somebody else to look at it."""
    try:
        with desk.book() as book:
            yield book
    except StoreReadOnly as no:
        how = "docs/verifier.py checks a copy that may only be read (docs/audit.md)"
        raise click.ClickException(f"{no}: {how}.") from no


def _mailboxes(book: Book, who: str | None) -> list[UUID]:
    """Every mailbox that has a history, or somebody's: the history tells whose it is, not what is shown."""
    with book.engine.store.reading() as session:
        told = owners(session)
    if not who:
        return list(told)
    named = [mailbox for mailbox, owner in told.items() if who.casefold() in (str(mailbox), owner.casefold())]
    if named:
        return named
    shown = person(book, who).mailbox
    if owner := told.get(shown):
        raise click.ClickException(f"The mailbox that is shown as that of {who} was opened for {owner}.")
    return [shown]


def _read(file: Path) -> list[Checkpoint]:
    try:
        return read_checkpoints(file.read_text(encoding="utf-8"))
    except ValueError as no:
        raise click.ClickException(f"{file} is not made of checkpoints: {no}") from no


def _keys(file: Path) -> list[bytes]:
    try:
        keys = [read_key(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except ValueError as no:
        raise click.ClickException(f"{file} is not made of keys: {no}") from no
    if not keys:
        raise click.ClickException(f"{file} has no key in it.")
    return keys


def _data(report: Report, whose: dict[UUID, str]) -> dict[str, Any]:
    return {
        "good": report.good,
        "mailboxes": [
            {
                "mailbox": _owner(each.mailbox, whose),
                "events": each.events,
                "signed": each.signed,
                "witnessed": each.witnessed,
            }
            for each in report.mailboxes
        ],
        "findings": [
            {"mailbox": _owner(each.mailbox, whose), "event": each.seq, "until": each.until, "why": each.why}
            for each in report.findings
        ],
    }


def _tell(report: Report, whose: dict[UUID, str]) -> None:
    rows = [_row(each, whose) for each in report.mailboxes]
    table(["mailbox", "events", "signed", "outside", "result"], rows, nothing="There are no mailboxes.")
    for finding in report.findings:
        say(_sentence(finding, whose), "bold red")
    if any(each.witnessed == 0 for each in report.mailboxes):
        say(CUT, "dim")


def _row(each: Verified, whose: dict[UUID, str]) -> list[str]:
    numbers = (each.events, each.signed, each.witnessed)
    return [_owner(each.mailbox, whose), *map(str, numbers), "BAD" if each.findings else "good"]


def _sentence(finding: Finding, whose: dict[UUID, str]) -> str:
    return f"{_owner(finding.mailbox, whose)}: {finding}" if finding.mailbox else str(finding)


def _owner(mailbox: UUID | None, whose: dict[UUID, str]) -> str:
    return whose.get(mailbox, str(mailbox)) if mailbox else ""
