"""Mentions of a message, and the open extensions on it."""

from uuid import UUID

from starlette.responses import Response

from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.expanding import asked_of
from letterbook.adapters.graph.extension_names import plain_name
from letterbook.adapters.graph.hanging import (
    as_it_is,
    extension_object,
    extension_objects,
    mention_object,
    newest_first,
)
from letterbook.adapters.graph.lists import Shown, counted, one, paged
from letterbook.adapters.graph.reading import extension_of, mentioned
from letterbook.adapters.graph.wire import WireExtension, WireMention, read
from letterbook.application import jobs
from letterbook.application.public_ids import Kind
from letterbook.domain import refusals
from letterbook.domain.letter import Extension
from letterbook.domain.message import Message, RemoveExtension, SetExtension, Unmention


def _path(call: Call, what: str) -> str:
    message = call.keys["message"].replace("=", "%3D")
    return f"{call.owner_path}/messages('{message}')/{what}"


def _message(call: Call) -> Message:
    return call.message()


def _url(call: Call, message: Message) -> str:
    return call.odata_id(call.item_id(Kind.MESSAGE, call.meant(), message.moves))


async def list_(call: Call) -> Response:
    """GET M/mentions."""
    return paged(call, _path(call, "mentions"), _mentions(call))


async def count(call: Call) -> Response:
    """GET M/mentions/$count."""
    return counted(_mentions(call))


def _mentions(call: Call) -> list[Shown]:
    """Those that are asked for."""
    message = _message(call)
    url, wanted = _url(call, message), asked_of("mentions", call.options.given, beta=call.beta)
    every = [mention_object(mention, url) for mention in newest_first(message)]
    return wanted.chosen(every, as_it_is)


async def add(call: Call) -> Response:
    """POST M/mentions: not in Graph's pages, but the collection is there to be added to."""
    name, person = call.meant(), mentioned(read(WireMention, await call.body()).mentioned)
    mention_id, on = call.engine.ids.new(), call.on()
    answer = await call.change(lambda work: jobs.mention(work, call.mailbox, name, mention_id, person, on))
    mention = next(m for m in answer.message.mentions if m.mentioned.same_as(person))
    shown = mention_object(mention, call.odata_id(call.id_of(answer.row)))
    return one(call, _path(call, "mentions"), shown, 201)


def _mention_id(call: Call) -> UUID:
    try:
        return UUID(call.keys["mention"])
    except ValueError:
        raise refusals.IdMalformed from None


async def get(call: Call) -> Response:
    """GET M/mentions/{id}."""
    message = _message(call)
    shown = mention_object(message.mention(_mention_id(call)), _url(call, message))
    return one(call, _path(call, "mentions"), shown)


async def remove(call: Call) -> Response:
    """DELETE M/mentions/{id}."""
    name, ask, on = call.meant(), Unmention(_mention_id(call)), call.on()
    await call.change(lambda work: jobs.ask_message(work, call.mailbox, name, ask, on))
    return gone()


def _extension_name(call: Call) -> str:
    """The name of an extension, from its name or its id in the path."""
    return plain_name(call.keys["extension"])


async def list_extensions(call: Call) -> Response:
    """GET M/extensions."""
    return paged(call, _path(call, "extensions"), _extensions(call))


async def count_extensions(call: Call) -> Response:
    """GET M/extensions/$count."""
    return counted(_extensions(call))


def _extensions(call: Call) -> list[Shown]:
    """Those that are asked for."""
    message, wanted = _message(call), asked_of("extensions", call.options.given, beta=call.beta)
    every = extension_objects(message.extensions, wanted)
    return wanted.chosen(every, as_it_is)


async def add_extension(call: Call) -> Response:
    """POST M/extensions."""
    return await _set(call, extension_of(read(WireExtension, await call.body())), 201)


async def get_extension(call: Call) -> Response:
    """GET M/extensions/{name or id}."""
    shown = extension_object(_message(call).extension(_extension_name(call)))
    return one(call, _path(call, "extensions"), shown)


async def update_extension(call: Call) -> Response:
    """PATCH M/extensions/{name or id}: given values are set or added."""
    said = extension_of(read(WireExtension, await call.body()))
    return await _set(call, Extension(name=_extension_name(call), values=said.values), 200)


async def _set(call: Call, extension: Extension, status: int) -> Response:
    name, on = call.meant(), call.on()
    ask = SetExtension(extension, must_exist=status == 200)
    answer = await call.change(lambda work: jobs.ask_message(work, call.mailbox, name, ask, on))
    shown = extension_object(answer.message.extension(extension.name))
    return one(call, _path(call, "extensions"), shown, status)


async def remove_extension(call: Call) -> Response:
    """DELETE M/extensions/{name or id}."""
    name, ask, on = call.meant(), RemoveExtension(_extension_name(call)), call.on()
    await call.change(lambda work: jobs.ask_message(work, call.mailbox, name, ask, on))
    return gone()
