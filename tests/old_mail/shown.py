"""Everything that the views of a book show, as JSON: what a frozen store is compared by."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from letterbook import Book, Mailbox
from letterbook.application.delivery import whole
from letterbook.application.querying import PageQuery
from letterbook.domain.facts import Value

WORDS = ("offsite", "会議", "subject:lunch", "from:megan", "menu OR large", "kept")
"""What is searched for in each mailbox."""


def views(book: Book) -> dict[str, Any]:
    """Where each history ends, and what each mailbox shows."""
    people = book.users()
    return {
        person.address: {
            "mailbox": str(person.mailbox),
            "name": person.name,
            **_shown(book, book.mailbox(person.address)),
        }
        for person in people
    }


def _shown(book: Book, box: Mailbox) -> dict[str, Any]:
    folders = box.folders()
    with book.engine.store.reading() as session:
        head = session.history.head(box.id)
    state = book.engine.mailbox(box.id)
    return {
        "head": [head.seq, head.hash.hex()],
        "folders": to_jsonable_python([asdict(folder) for folder in folders]),
        "messages": {str(folder.folder): _messages(book, box, folder.folder) for folder in folders},
        "found": {words: [message.subject for message in box.search(words)] for words in WORDS},
        "preferences": {
            "settings": to_jsonable_python(state.preferences.settings),
            **{
                name: _values(getattr(state.preferences, name))
                for name in ("categories", "overrides", "rules")
            },
            "told": sorted(state.preferences.told),
        },
        "keeping": {
            "holds": _values(state.keeping.holds.placed),
            "retentions": _values(state.keeping.retentions),
        },
        "trust": {"blocked": sorted(state.trust.blocked), "delegates": dict(state.trust.delegates)},
    }


def _values(known: Mapping[UUID, Value]) -> list[Any]:
    return [to_jsonable_python(each) for each in known.values()]


def _messages(book: Book, box: Mailbox, folder: UUID) -> list[Any]:
    """The messages of a folder, newest first: their rows, and what else their history tells."""
    leaves = book.engine.page(box.id, PageQuery(folder=folder, top=1000))
    return [_shortened(json.loads(leaf.ready) | _beside(book, box, leaf.message)) for leaf in leaves]


def _beside(book: Book, box: Mailbox, name: UUID) -> dict[str, Any]:
    message = book.engine.message(box.id, name)
    return {
        "kind": type(message).__name__,
        "attachments": [to_jsonable_python(each) for each in message.attachments],
        "mentions": [to_jsonable_python(each.mentioned) for each in message.mentions],
        "extensions": [to_jsonable_python(each) for each in message.extensions],
        "facts": [each.fact.stored_name for each in book.engine.history(box.id, name)],
        "mime": sha256(book.engine.mime.render(whole(book.engine, message.letter, message))).hexdigest(),
    }


def _shortened(value: Any) -> Any:
    """The same with long texts as their hash."""
    match value:
        case dict():
            return {key: _shortened(each) for key, each in value.items()}
        case list():
            return [_shortened(each) for each in value]
        case str() if len(value) > 500:
            return f"sha256 {sha256(value.encode()).hexdigest()} of {len(value)} characters"
        case _:
            return value
