"""Replies and forwards: sent in one go, or begun as drafts; from JSON or MIME."""

from dataclasses import replace
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.action_wire import WireAnswer, WireForward
from letterbook.adapters.graph.call import Call, accepted
from letterbook.adapters.graph.messages import created, mail_in
from letterbook.adapters.graph.reading import new_message, person
from letterbook.adapters.graph.routing import Handler
from letterbook.adapters.graph.wire import WireMessage, read
from letterbook.application import jobs
from letterbook.application.answering import Answering, answer
from letterbook.application.jobs import NewMessage, new_from_mime
from letterbook.domain.letter import AnswerKind, Letter
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import NoRecipients


def sending(how: AnswerKind) -> Handler:
    """POST M/reply, M/replyAll, M/forward."""

    async def handler(call: Call) -> Response:
        name, new = await _begun(call, how, addressed=True)
        on = call.on()
        await call.change(lambda work: jobs.send_mail(work, call.mailbox, name, new, on))
        call.delivery_due()
        return accepted()

    return handler


def creating(how: AnswerKind) -> Handler:
    """POST M/createReply, M/createReplyAll, M/createForward."""

    async def handler(call: Call) -> Response:
        name, new = await _begun(call, how, addressed=False)
        on = call.on()
        made = await call.change(lambda work: jobs.create_draft(work, call.mailbox, name, new, on))
        return created(call, made)

    return handler


async def _begun(call: Call, how: AnswerKind, *, addressed: bool) -> tuple[UUID, NewMessage]:
    """The draft of an answer, and its name; ``addressed`` if it has to go to somebody at once."""
    original, name = call.message_id(), call.engine.ids.new()
    raw = await call.body()
    return name, await run_in_threadpool(_answer, call, original, name, how, raw, addressed)


def _answer(
    call: Call, original: UUID, name: UUID, how: AnswerKind, raw: bytes, addressed: bool
) -> NewMessage:
    ask = _asked(call, original, how, raw, addressed)
    owner = EmailAddress(name=call.person.name, address=call.person.address)
    return answer(call.engine, call.mailbox, name, owner, ask)


def _asked(call: Call, original: UUID, how: AnswerKind, raw: bytes, addressed: bool) -> Answering:
    """What a request says about the answer; one that is not MIME may say nothing at all."""
    if (raw.strip() or call.says_mime()) and call.is_mime():
        return Answering(original=original, how=how, new=new_from_mime(mail_in(call, raw)))
    shape = WireForward if how is AnswerKind.FORWARD else WireAnswer
    said = read(shape, raw) if raw.strip() else shape()
    message = said.message or WireMessage()
    if said.comment and message.body is not None:
        raise errors.contradiction("Specify either 'comment' or the 'body' of 'message', not both.")
    new = new_message(message, None, call.engine.ids, call.engine.clock.now(), beta=call.beta, answers=True)
    if isinstance(said, WireForward):
        new = _addressed(said, new, addressed or bool(said.model_fields_set))
    return Answering(original=original, how=how, comment=said.comment or "", new=new, zone=call.time_zone())


def _addressed(said: WireForward, new: NewMessage, required: bool) -> NewMessage:
    """To whom a forward goes: its parameter says so or its message, not both.

    Saying neither is refused (*createForward*), but for a draft of which nothing at all is said: the sample
    of the same page has no body.
    """
    to = tuple(person(each) for each in said.to_recipients or ())
    if to and new.letter.to:
        raise errors.contradiction("Specify either 'toRecipients' or those of 'message', not both.")
    if required and not to and not new.letter.recipients:
        raise NoRecipients
    if not to:
        return new
    return replace(new, letter=new.letter.changed_by(Letter(to=to)))
