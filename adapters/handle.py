"""What every part of a mailbox's Python face works with: its engine, its owner, and names for things."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from email.utils import getaddresses
from functools import partial
from operator import index
from uuid import UUID

from pydantic import BaseModel

from letterbook.application import jobs
from letterbook.application.engine import Engine
from letterbook.application.jobs import Answer, NewMessage
from letterbook.application.meetings import as_far_as_known
from letterbook.application.public_ids import Kind, private
from letterbook.application.rows import Leaf, MessageRow, PersonRow
from letterbook.application.shown import ShownMessage
from letterbook.domain.facts import Occasion
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from letterbook.domain.message import MessageCommand
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import RecipientUnresolved

Person = str | EmailAddress
"""Somebody: ``"adele@contoso.com"``, ``"Adele Vance <adele@contoso.com>"``, or an address with a name."""

_MOST = 2**53
"""More than any mailbox holds, and less than any database can count to."""
_WELL_KNOWN = frozenset(name for name, *_ in WELL_KNOWN)


class Handle:
    """A hold on one person's mailbox."""

    def __init__(self, engine: Engine, wake_delivery: Callable[[], None], person: PersonRow) -> None:
        self._engine = engine
        self._wake_delivery = wake_delivery
        self.id = person.mailbox
        self.address = person.address
        self.name = person.name

    def _create(self, new: NewMessage, name: UUID | None = None) -> ShownMessage:
        _check_letter(new)
        stowed, named, on = self._engine.stowed(new), name or self._engine.ids.new(), self._on()
        answer = self._engine.run(lambda work: jobs.create_draft(work, self.id, named, stowed, on))
        return self._shown(answer.row)

    def _send_new(self, new: NewMessage, *, keep: bool, name: UUID | None = None) -> None:
        _check_letter(new)
        stowed, named, on = self._engine.stowed(new), name or self._engine.ids.new(), self._on()
        self._engine.run(lambda work: jobs.send_mail(work, self.id, named, stowed, on, keep=keep))
        self._wake_delivery()

    def _from_mime(self, mime: bytes) -> NewMessage:
        new = jobs.new_from_mime(self._engine.mime.parse(mime, self._engine.clock.now()))
        return replace(new, uploaded=True)

    def _ask(self, message: ShownMessage | str, ask: MessageCommand) -> ShownMessage:
        name, on = self._name(message), self._on()
        answer: Answer = self._engine.run(lambda work: jobs.ask_message(work, self.id, name, ask, on))
        return self._shown(answer.row)

    def _shown(self, row: MessageRow | Leaf) -> ShownMessage:
        """A message from its ready answer."""
        tail = as_far_as_known(row.head, row.tail, partial(self._engine.meeting, self.id))
        return ShownMessage(row.message, row.head + row.beta + row.body + tail)

    def _on(self) -> Occasion:
        return self._engine.occasion(self.address)

    def _folder_id(self, folder: str) -> UUID:
        if folder.lower() in _WELL_KNOWN:
            return well_known_id(self.id, folder.lower())
        return private(Kind.FOLDER, folder)

    @staticmethod
    def _name(message: ShownMessage | str) -> UUID:
        return private(Kind.MESSAGE, message if isinstance(message, str) else message.id)


def check_writable(*texts: str | None) -> None:
    """Raises ``ValueError`` for half of a surrogate pair in a text: UTF-8 has no place for it (RFC 3629)."""
    for text in texts:
        if text and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"half of a surrogate pair is no character: {text[:100]!a}") from None


def _check_letter(new: NewMessage) -> None:
    """Raises ``TypeError`` or ``ValueError`` for what no letter is made of."""
    check_writable(new.letter.subject, new.letter.body.content)
    for header in new.letter.headers:
        check_writable(header.name, header.value)
    for file in new.attachments:
        if not isinstance(file, BaseModel):
            raise TypeError("an attachment is a FileAttachment: Mailbox.file() makes one")
        check_writable(file.name, file.content_type)


def how_many(most: int) -> int:
    """How many are wanted at most. Raises ``ValueError`` for less than none, ``TypeError`` for no number."""
    if index(most) < 0:
        raise ValueError(f"{most} is less than none")
    return min(index(most), _MOST)


def person(who: Person) -> EmailAddress:
    """The one whom an entry names. Refuses one that names several."""
    found = _people(who)
    if len(found) > 1:
        raise RecipientUnresolved(f"{who}")
    return found[0]


def people(who: Iterable[Person]) -> tuple[EmailAddress, ...]:
    """Addresses from the ways people write them."""
    several = [who] if isinstance(who, (str, EmailAddress)) else who
    return tuple(person for each in several for person in _people(each))


def _people(who: Person) -> list[EmailAddress]:
    """Everyone that one entry names; refuses an entry that would lose somebody."""
    if isinstance(who, EmailAddress):
        check_writable(who.name, who.address)
        return [who]
    if not isinstance(who, str):
        raise RecipientUnresolved(f"{who}")
    check_writable(who)
    found = [EmailAddress(name=name, address=address) for name, address in getaddresses([who])]
    if not found or not all(person.deliverable for person in found):
        raise RecipientUnresolved(who)
    return found
