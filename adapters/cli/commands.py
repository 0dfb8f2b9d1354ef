"""``letterbook``: the list of its commands."""

import json
import sys
from io import TextIOWrapper

import click
from click.shell_completion import get_completion_class

from letterbook.adapters.cli import (
    answering,
    demo,
    erasing,
    holding,
    keeping,
    moving,
    past,
    proving,
    reading,
    serving,
    subscriptions,
    writing,
)
from letterbook.adapters.cli.desk import Verbs, json_option


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="letterbook")
def cli() -> None:
    """Letterbook keeps mailboxes as histories, and speaks the mail part of Microsoft Graph.

    \b
    letterbook user add alexw@contoso.com --name "Alex Wilber"
    letterbook draft --to adelev@contoso.com --subject Lunch --body "At noon?"
    letterbook send AAMk...
    letterbook sent

    The store is a file: --store, else $LETTERBOOK_STORE, else letterbook.db in this folder. Where the store
    holds several mailboxes, --as (or $LETTERBOOK_AS) says whose is meant.
    """


SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
def completion(shell: str, as_json: bool) -> None:
    """Print a script that completes commands.

    \b
    eval "$(letterbook completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells of the choice"
    script = kind(cli, {}, "letterbook", "_LETTERBOOK_COMPLETE").source()
    click.echo(json.dumps({"shell": shell, "script": script}) if as_json else script)


for command in (
    serving.serve,
    keeping.user,
    keeping.token,
    writing.draft,
    writing.update,
    writing.mention,
    writing.send,
    answering.reply,
    answering.forward,
    answering.move,
    answering.copy,
    reading.drafts,
    reading.sent,
    reading.folder,
    reading.search,
    reading.folders,
    reading.show,
    subscriptions.subscriptions,
    proving.checkpoint,
    proving.key,
    proving.prove,
    proving.verify,
    past.history,
    past.diff,
    past.fork,
    holding.hold,
    holding.retention,
    holding.retain,
    keeping.resync,
    keeping.rebuild,
    keeping.tidy,
    erasing.erase,
    moving.import_,
    moving.export,
    demo.demo,
    completion,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line. What the terminal's encoding lacks is shown as an escape, not refused."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="letterbook")
