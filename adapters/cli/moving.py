"""Commands that bring mail in and take it elsewhere: import, export."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from letterbook.adapters.cli.desk import Desk, as_option, at_desk, encrypted_option
from letterbook.adapters.cli.keeping import sharing_bar
from letterbook.adapters.cli.telling import say
from letterbook.adapters.mail_files.facts import is_facts
from letterbook.adapters.mail_files.formats import SOURCES, TARGETS
from letterbook.application.importing import Report
from letterbook.application.transcribing import Restored

FACTS = "facts"


@click.command(name="import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice((*SOURCES, FACTS)),
    help="What it is; found out where it is not said.",
)
@click.option("--folder", metavar="FOLDER", help="The folder to put it below: a well-known name or an id.")
@encrypted_option
@as_option
@at_desk
def import_(
    desk: Desk, path: Path, format_: str | None, folder: str | None, encrypted: bool, who: str | None
) -> None:
    """Bring in mail that another program kept.

    PATH is an mbox file or a folder of them, a Maildir, a folder of .eml files, messages of Graph as JSON,
    or the facts of another store, which are read into a new one. Letters keep their folders, dates and marks;
    nothing is delivered. What has a Message-ID that the mailbox holds already is named, and left out. Whoever
    is stopped runs it again: it goes on where it stopped. Exit code 1 if a letter could not be read.

    \b
    letterbook import ~/Maildir
    letterbook import Takeout.mbox --as alexw@contoso.com
    letterbook import facts.jsonl --store new.db
    """
    if format_ == FACTS or (format_ is None and is_facts(path)):
        _import_facts(desk, path, encrypted)
        return
    with desk.mailbox(who) as box, sharing_bar(desk, "Importing") as tell:
        report = box.import_mail(path, format=format_, folder=folder, progress=tell)
    desk.answer(asdict(report), lambda: _tell(report))
    sys.exit(1 if report.unreadable else 0)


def _import_facts(desk: Desk, path: Path, encrypted: bool) -> None:
    with desk.book(may_begin=True, encrypted=encrypted) as book, sharing_bar(desk, "Importing") as tell:
        restored = book.import_facts(path, tell)
    desk.answer(asdict(restored), lambda: _tell_restored(restored))


def _tell_restored(restored: Restored) -> None:
    before = f", {restored.already:,} were here before" if restored.already else ""
    say(f"{restored.events:,} facts are here now, every seal as it was{before}.")


def _tell(report: Report) -> None:
    say(f"Imported: {report.imported:,}")
    counted = {
        "Here already from the same place": report.already,
        "Left out, their Message-ID is here already": report.duplicates,
        "Left out, they cannot be read": report.unreadable,
    }
    for what, count in counted.items():
        if count:
            say(f"{what}: {count:,}")
    for each in report.left_out:
        say(f"  {each.origin}: {each.why}")
    more = report.duplicates + report.unreadable - len(report.left_out)
    if more:
        say(f"  and {more:,} more")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice((*TARGETS, FACTS)),
    default="maildir",
    show_default=True,
    help="How it is written.",
)
@as_option
@at_desk
def export(desk: Desk, path: Path, format_: str, who: str | None) -> None:
    """Write mail for other programs to read, or the facts of the whole store.

    PATH becomes a new folder: mbox files, a Maildir, or .eml files; or with "--format facts" a file of JSON
    Lines with every fact of every mailbox and the files they name. It is whole or not there.

    \b
    letterbook export Mail --as alexw@contoso.com
    letterbook export facts.jsonl --format facts
    """
    if format_ == FACTS:
        with desk.book() as book, sharing_bar(desk, "Exporting") as tell:
            count = book.export_facts(path, tell)
    else:
        with desk.mailbox(who) as box, sharing_bar(desk, "Exporting") as tell:
            count = box.export_mail(path, format=format_, progress=tell)
    what = "facts" if format_ == FACTS else "letters"
    desk.answer({"path": str(path), what: count}, lambda: say(f"{count:,} {what} are in {path}."))
