"""What changed, for people: one line for each fact, or for each thing that is different."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from letterbook.adapters.book import MailboxHandle
from letterbook.adapters.cli.telling import moment, table
from letterbook.application.public_ids import Kind, public
from letterbook.application.timeline import Changed, Difference, Moment
from letterbook.domain.facts import Forgotten, kind_of, name_of

LONGEST = 60
"""Characters of a value that a line shows."""

_TELLING = frozenset(
    {
        *(
            "origin",
            "subject",
            "displayName",
            "parentFolderId",
            "from",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
        ),
        *("attachments", "mentions"),
    }
)

Folders = Mapping[str, str]


def history(box: MailboxHandle, moments: Sequence[Moment], *, title: str = "", drawn: bool = False) -> None:
    """What happened to a message, first to last."""
    folders = _folders(box)
    columns = ["version", "when", "fact", "by", "why", "what changed"]
    table(columns, [_row(each, folders) for each in moments], title=title, drawn=drawn)


def _folders(box: MailboxHandle) -> Folders:
    return {public(Kind.FOLDER, folder.folder): folder.name for folder in box.folders()}


def _row(each: Moment, folders: Folders) -> list[str]:
    fact = each.recorded.fact
    said = changes(each.changes, folders, is_new=each.recorded.version == 1)
    return [
        str(each.recorded.version),
        moment(fact.on.at),
        kind_of(name_of(fact)).__name__,
        fact.on.actor,
        _why(fact.on.cause),
        "forgotten" if isinstance(fact, Forgotten) else said,
    ]


def _why(cause: str) -> str:
    """What led to a fact; of the id of a request or message only the beginning, as JSON has all of it."""
    kind, _, name = cause.partition(":")
    return f"{kind} {name.rpartition('/')[2][:8]}" if kind in ("request", "message", "fact") else cause


def differences(box: MailboxHandle, found: Sequence[Difference]) -> None:
    """What is different between two points."""
    folders = _folders(box)
    rows = [
        [each.how, each.what, each.name, changes(each.changes, folders, is_new=each.how == "added"), each.id]
        for each in found
    ]
    table(["how", "what", "name", "what changed", "id"], rows, nothing="nothing is different")


def changes(changed: Iterable[Changed], folders: Folders, *, is_new: bool) -> str:
    """Properties as they were and as they are; of something new, what tells it from others, as it is."""
    shown = [each for each in changed if not is_new or each.name in _TELLING]
    return "; ".join(_change(each, folders, is_new) for each in shown)


def _change(each: Changed, folders: Folders, is_new: bool) -> str:
    before, after = (_short(each.name, value, folders) for value in (each.before, each.after))
    if is_new or each.before is None:
        return f"{each.name}: {after}"
    return f"{each.name}: {before} -> {after}"


def _short(name: str, value: Any, folders: Folders) -> str:
    """A value in a few words."""
    if name == "parentFolderId" and isinstance(value, str):
        return folders.get(value, "a folder that is gone")
    text = _words(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _words(value: Any) -> str:
    """People by name, other things by what they are called, flags by their status; all else as JSON."""
    match value:
        case None:
            return "none"
        case str():
            return value
        case {"emailAddress": {"name": who, "address": address}}:
            return f"{who} <{address}>" if who and who != address else str(address)
        case {"mentioned": {"name": who, "address": address}}:
            return str(who or address)
        case {"name": str(name)}:
            return name
        case {"flagStatus": str(status)}:
            return status
        case {"content": str(content)}:
            return " ".join(content.split())
        case list():
            return ", ".join(_words(each) for each in value)
        case _:
            return json.dumps(value, ensure_ascii=False)
