"""Taking mail elsewhere: every letter of a mailbox, folder by folder, one letter in memory at a time."""

from collections.abc import Iterator
from uuid import UUID

from letterbook.application.delivery import whole
from letterbook.application.engine import Engine
from letterbook.application.importing import FORWARDED, LAST_VERB, REPLIED
from letterbook.application.moving import FOLDERS, Marks, Progress, Taken, Target
from letterbook.application.querying import Field, Order, PageQuery, Place
from letterbook.application.rows import FolderRow, PersonRow
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from letterbook.domain.message import Draft, Message
from letterbook.domain.refusals import NotFound

PAGE = 200
_OLDEST_FIRST = (Order(Field.RECEIVED),)
_TITLES = {name: title for name, title, *_ in WELL_KNOWN if name in FOLDERS.values()}
"""The folders that mail programs know by a name, and that name."""


def export_mail(engine: Engine, person: PersonRow, target: Target, progress: Progress | None = None) -> int:
    """Put every letter of a mailbox elsewhere; gives how many there were.

    Left out are search folders, which hold nothing, and what is beyond Deleted Items.
    """
    rows = engine.folders(person.mailbox)
    named = {row.folder: names for row in rows if (names := _names(row, rows, person.mailbox))}
    total = sum(row.total for row in rows if row.folder in named)
    done = 0
    for folder, names in sorted(named.items(), key=lambda each: each[1]):
        target.folder(names)
        for letter in _letters(engine, person, folder, names):
            target.put(letter)
            done += 1
            if progress:
                progress(done, max(done, total))
    return done


def _names(row: FolderRow, rows: list[FolderRow], mailbox: UUID) -> tuple[str, ...]:
    """The names of a folder and of those above it; none for one that is not taken along."""
    by_id = {each.folder: each for each in rows}
    top = well_known_id(mailbox, "msgfolderroot")
    empty = row.well_known not in (*_TITLES, None) and not row.total
    names: list[str] = []
    step: FolderRow | None = None if row.search or empty else row
    while step and step.folder != top:
        names.insert(0, _title(step, rows))
        step = by_id.get(step.parent) if step.parent else None
    return tuple(names) if step else ()


def _title(row: FolderRow, rows: list[FolderRow]) -> str:
    """What other programs call a folder that every mailbox has, unless a neighbour is called so."""
    title = _TITLES.get(row.well_known or "", row.name)
    neighbours = (each.name for each in rows if each.parent == row.parent and each.folder != row.folder)
    taken = any(name.casefold() == title.casefold() for name in neighbours)
    return row.name if taken else title


def _letters(engine: Engine, person: PersonRow, folder: UUID, names: tuple[str, ...]) -> Iterator[Taken]:
    after: Place | None = None
    while True:
        query = PageQuery(folder=folder, order=_OLDEST_FIRST, top=PAGE, after=after, bodies=False)
        page = engine.page(person.mailbox, query)
        for leaf in page:
            yield from _taken(engine, person, leaf.message, names)
        if len(page) < PAGE:
            return
        after = Place(page[-1].place, page[-1].message)


def _taken(engine: Engine, person: PersonRow, name: UUID, names: tuple[str, ...]) -> Iterator[Taken]:
    """A letter, unless somebody deleted it for good a moment ago."""
    try:
        message = engine.message(person.mailbox, name)
    except NotFound:
        return
    author = message.letter.author
    yield Taken(
        key=name.hex,
        folder=names,
        mime=engine.mime.render(whole(engine, message.letter, message)),
        sender=_envelope(author.address if author else person.address),
        received_at=message.received_at,
        marks=_marks(message),
    )


def _envelope(address: str) -> str:
    """An address for the line before a letter, which must be one word."""
    return address if address.isascii() and address.isprintable() and " " not in address and address else "-"


def _marks(message: Message) -> Marks:
    verbs = {each.value for each in message.letter.properties if each.id.casefold() == LAST_VERB.casefold()}
    return Marks(
        is_read=message.is_read,
        is_draft=isinstance(message, Draft),
        answered=bool(verbs & {REPLIED, "103"}),
        forwarded=FORWARDED in verbs,
        flag=message.flag,
        categories=message.categories,
    )
