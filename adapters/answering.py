"""The part of a mailbox's Python face that works with messages that are there: answer, copy, file."""

from collections.abc import Iterable
from uuid import UUID

from letterbook.adapters.handle import Handle, Person, people, person
from letterbook.application import filing
from letterbook.application.answering import Answering, answer
from letterbook.application.jobs import NewMessage
from letterbook.application.shown import ShownMessage
from letterbook.domain.attachments import FileAttachment
from letterbook.domain.letter import AnswerKind, Letter
from letterbook.domain.people import EmailAddress
from letterbook.domain.trust import AllowSending, ForbidSending, SendingRight


class AnsweringHandle(Handle):
    """A hold on a mailbox whose messages can be answered, copied and put elsewhere.

    A ``comment`` stands above the quoted original, and is in its format: HTML if that is HTML.
    """

    def reply(
        self,
        message: ShownMessage | str,
        comment: str = "",
        *,
        cc: Iterable[Person] = (),
        attachments: Iterable[FileAttachment] = (),
    ) -> None:
        """Answer the author of a message, or whom the author named for replies."""
        new = _said(cc=cc, attachments=attachments)
        self._send_answer(AnswerKind.REPLY, message, comment, new)

    def reply_all(
        self, message: ShownMessage | str, comment: str = "", *, attachments: Iterable[FileAttachment] = ()
    ) -> None:
        """Answer everyone who got a message, and its author."""
        self._send_answer(AnswerKind.REPLY_ALL, message, comment, _said(attachments=attachments))

    def forward(
        self,
        message: ShownMessage | str,
        to: Iterable[Person],
        comment: str = "",
        *,
        attachments: Iterable[FileAttachment] = (),
    ) -> None:
        """Send a message on, with everything that is attached to it."""
        new = _said(to=to, attachments=attachments)
        self._send_answer(AnswerKind.FORWARD, message, comment, new)

    def create_reply(self, message: ShownMessage | str, comment: str = "") -> ShownMessage:
        """Begin a reply in Drafts."""
        return self._begin_answer(AnswerKind.REPLY, message, comment, _said())

    def create_reply_all(self, message: ShownMessage | str, comment: str = "") -> ShownMessage:
        """Begin a reply to all in Drafts."""
        return self._begin_answer(AnswerKind.REPLY_ALL, message, comment, _said())

    def create_forward(
        self, message: ShownMessage | str, to: Iterable[Person] = (), comment: str = ""
    ) -> ShownMessage:
        """Begin a forward in Drafts."""
        return self._begin_answer(AnswerKind.FORWARD, message, comment, _said(to=to))

    def copy(self, message: ShownMessage | str, folder: str) -> ShownMessage:
        """Put a copy of a message into a folder, named by id or well-known name."""
        name, new_name, target, on = (
            self._name(message),
            self._engine.ids.new(),
            self._folder_id(folder),
            self._on(),
        )
        made = self._engine.run(lambda work: filing.copy(work, self.id, name, new_name, target, on))
        return self._shown(made.row)

    def delete_for_good(self, message: ShownMessage | str) -> None:
        """Delete a message, wherever it is, so that it cannot be had back. Its history stays."""
        name, on = self._name(message), self._on()
        self._engine.run(lambda work: filing.delete_for_good(work, self.id, name, on))

    def allow_sending(self, who: Person, *, on_behalf: bool = False) -> None:
        """Let somebody else write in this mailbox's name: as its owner, or ``on_behalf`` of its owner."""
        how = SendingRight.ON_BEHALF if on_behalf else SendingRight.AS
        delegate, on = person(who), self._on()
        self._engine.run(lambda work: work.ask_mailbox(self.id, AllowSending(delegate, how), on))

    def forbid_sending(self, who: Person) -> None:
        """Let somebody else no longer write in this mailbox's name."""
        delegate, on = person(who), self._on()
        self._engine.run(lambda work: work.ask_mailbox(self.id, ForbidSending(delegate), on))

    # -- inside --

    def _begin_answer(
        self, how: AnswerKind, message: ShownMessage | str, comment: str, new: NewMessage
    ) -> ShownMessage:
        name = self._engine.ids.new()
        return self._create(self._answer(name, how, message, comment, new), name)

    def _send_answer(
        self, how: AnswerKind, message: ShownMessage | str, comment: str, new: NewMessage
    ) -> None:
        name = self._engine.ids.new()
        self._send_new(self._answer(name, how, message, comment, new), keep=True, name=name)

    def _answer(
        self, name: UUID, how: AnswerKind, message: ShownMessage | str, comment: str, new: NewMessage
    ) -> NewMessage:
        owner = EmailAddress(name=self.name, address=self.address)
        ask = Answering(original=self._name(message), how=how, comment=comment, new=new)
        return answer(self._engine, self.id, name, owner, ask)


def _said(
    to: Iterable[Person] = (), cc: Iterable[Person] = (), attachments: Iterable[FileAttachment] = ()
) -> NewMessage:
    """What is said besides the comment; nobody named leaves the recipients to the original."""
    named = {"to": people(to), "cc": people(cc)}
    letter = Letter.model_validate({name: who for name, who in named.items() if who})
    return NewMessage(letter=letter, attachments=tuple(attachments), uploaded=True)
