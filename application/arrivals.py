"""What an owner's wishes do with a letter that has just arrived: overrides, rules, automatic replies.

Everything happens in the transaction that delivers the letter, so it happens once, or not at all.
"""

from dataclasses import replace
from uuid import UUID, uuid5

from letterbook.application import meeting_news, passing_on, replying
from letterbook.application.engine import Engine
from letterbook.application.names import received_name
from letterbook.application.ports import Parcel
from letterbook.application.rows import PersonRow
from letterbook.application.work import Work
from letterbook.domain import overrides, text
from letterbook.domain.facts import Occasion
from letterbook.domain.inbox_rules import in_order
from letterbook.domain.letter import Body, Inference, Letter
from letterbook.domain.mailbox import Mailbox, well_known_id
from letterbook.domain.message import Delete, Move, Receive, Update
from letterbook.domain.people import EmailAddress
from letterbook.domain.sorting import Arrival, PassOn, Sorted, sort

RULES = "system:rules"


def arrive(engine: Engine, work: Work, person: PersonRow, name: UUID, letter: Receive, on: Occasion) -> None:
    """Take a letter in, and do with it what its new owner wants; once, however often it is delivered.

    Only what comes into the inbox is looked at: what goes elsewhere, such as junk, is focused and left alone.
    """
    in_inbox = letter.folder == well_known_id(person.mailbox, "inbox")
    home = work.mailbox(person.mailbox)
    received = replace(letter, letter=_classified(letter.letter, home if in_inbox else None))
    _, facts = work.ask_message(person.mailbox, name, received, on)
    if facts:
        meeting_news.place(work, person.mailbox, name, on)
    if facts and in_inbox:
        _follow_rules(engine, work, person.mailbox, name, received, on)
        replying.reply(engine, work, person.mailbox, name, received, on)


def _classified(letter: Letter, home: Mailbox | None) -> Letter:
    """Focused, unless the owner said otherwise of this sender: the author's own mark is not for others."""
    said = overrides.about(home.preferences.overrides, letter.author or EmailAddress()) if home else None
    wanted = said.classify_as if said else Inference.FOCUSED
    return letter if letter.inference == wanted else letter.model_copy(update={"inference": wanted})


# --- Rules -----------------------------------------------------------------------------------------


def _follow_rules(
    engine: Engine, work: Work, mailbox: UUID, name: UUID, received: Receive, on: Occasion
) -> None:
    home = work.mailbox(mailbox)
    if not home.preferences.rules:
        return
    wanted = sort(_arrival(engine, received, home.owner), in_order(home.preferences.rules))
    if wanted.rules:
        by_rule = Occasion(at=on.at, actor=RULES, cause=f"rule:{','.join(map(str, wanted.rules))}")
        _mark(work, mailbox, name, wanted, by_rule)
        for number, folder in enumerate(wanted.copies):
            _copy(
                work, mailbox, received_name(mailbox, name, uuid5(folder, str(number))), received, folder, on
            )
        for each in wanted.passed_on:
            _pass_on(engine, work, mailbox, name, received, each, by_rule)
        _file(work, mailbox, name, wanted, by_rule)


def _arrival(engine: Engine, received: Receive, owner: EmailAddress) -> Arrival:
    body = received.letter.body
    size = body.blob.size if body.blob else len(body.content or "")
    return Arrival(
        letter=received.letter,
        attachments=received.attachments,
        owner=owner,
        size=size + sum(attachment.size for attachment in received.attachments),
        read_body=lambda: _plain(engine.whole_letter(received.letter).body),
    )


def _plain(body: Body) -> str:
    content = body.content or ""
    return text.plain(content) if body.kind == "html" else content


def _mark(work: Work, mailbox: UUID, name: UUID, wanted: Sorted, on: Occasion) -> None:
    changes = Letter(importance=wanted.importance) if wanted.importance else Letter()
    categories = wanted.categories or None
    ask = Update(changes=changes, is_read=wanted.is_read, categories=categories)
    work.ask_message(mailbox, name, ask, on)


def _copy(work: Work, mailbox: UUID, name: UUID, received: Receive, folder: UUID, on: Occasion) -> None:
    if work.mailbox(mailbox).holds_messages(folder):
        work.ask_message(mailbox, name, replace(received, folder=folder), on)
        meeting_news.place(work, mailbox, name, on)


def _file(work: Work, mailbox: UUID, name: UUID, wanted: Sorted, on: Occasion) -> None:
    """Destroyed, thrown away, or put into a folder that is still there; else it stays in the inbox.

    What is held is not destroyed: it stays beyond Deleted Items.
    """
    bin_, beyond = (well_known_id(mailbox, each) for each in ("deleteditems", "recoverableitemsdeletions"))
    if wanted.destroyed:
        work.ask_message(mailbox, name, Move(beyond), on)
        if not work.holds_on(mailbox, name):
            work.ask_message(mailbox, name, Delete(bin=bin_, beyond=beyond), on)
    elif wanted.discarded:
        work.ask_message(mailbox, name, Move(bin_), on)
    elif wanted.folder and work.mailbox(mailbox).holds_messages(wanted.folder):
        work.ask_message(mailbox, name, Move(wanted.folder), on)


def _pass_on(
    engine: Engine, work: Work, mailbox: UUID, name: UUID, received: Receive, wanted: PassOn, on: Occasion
) -> None:
    if wanted.how == "redirect_to":
        work.post(Parcel(mailbox, name, person.address, due=on.at) for person in wanted.people)
        return
    new_name = received_name(mailbox, name, uuid5(wanted.rule, wanted.how))
    passing_on.forward(engine, work, mailbox, new_name, received, wanted, on)
