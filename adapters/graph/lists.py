"""Answers made of small objects: one, or a list of which a request may choose a part."""

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import collection, entity
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.hanging import as_it_is, shown_several
from letterbook.adapters.graph.shown_filters import Findable, in_order
from letterbook.domain.mailbox import MailboxCommand
from letterbook.domain.named import one_of
from letterbook.domain.preferences import Preferences
from letterbook.domain.refusals import IdMalformed

T = TypeVar("T")

Shown = dict[str, Any]
Several = list[Shown]


def context(call: Call, path: str, *, single: bool = False) -> str:
    """The context of an answer: what it is, and which properties were chosen."""
    chosen = f"({','.join(call.options.select)})" if call.options.select else ""
    return f"{call.root}/$metadata#{path}{chosen}{'/$entity' if single else ''}"


def chosen(call: Call, whole: Shown, *always: str) -> Shown:
    """The properties that a request selects, and those that always come."""
    if not call.options.select:
        return whole
    wanted = {name.lower() for name in (*always, *call.options.select)}
    return {name: value for name, value in whole.items() if name.lower() in wanted or "@" in name}


def one(call: Call, path: str, shown: Shown, status: int = 200, **headers: str) -> Response:
    """One object as a whole answer."""
    return call.json(entity(context(call, path, single=True), chosen(call, shown, "id")), status, **headers)


def several(call: Call, path: str, shown: list[Shown], by: Findable) -> Response:
    """A list as a whole answer: those that the request asks for, all of them unless it asks for a page."""
    return paged(call, path, found(call, shown, by))


def found(call: Call, shown: list[Shown], by: Findable) -> list[Shown]:
    """Those that a request asks for, in its order."""
    given = call.options.given
    if "$filter" in given:
        shown = list(filter(by.filter(given["$filter"]), shown))
    return in_order(shown, by.order(given["$orderby"]), as_it_is) if "$orderby" in given else shown


def paged(call: Call, path: str, shown: list[Shown]) -> Response:
    """A list as a whole answer: all of it, unless the request asks for a page. None of them is searched."""
    options = call.options
    if "$search" in options.given:
        raise errors.bad_request("The query parameter '$search' is not supported.")
    end = options.skip + options.top if "$top" in options.given else len(shown)
    more: Shown = {"@odata.count": len(shown)} if options.count else {}
    if end < len(shown):
        more["@odata.nextLink"] = call.link(options.link(skip=str(end)))
    page = [chosen(call, each, "id") for each in shown[options.skip : end]]
    return call.json(collection(context(call, path), page, **more))


def counted(things: Sized) -> Response:
    """How many there are, as text (``$count``)."""
    return Response(str(len(things)), media_type="text/plain")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A collection that the owner of a mailbox keeps in their preferences.

    ``path`` is where it is below the mailbox, ``key`` what the path calls the id of one thing in it; ``by``
    is what they are found and sorted by.
    """

    path: str
    key: str
    known: Callable[[Preferences], Mapping[UUID, T]]
    shown: Callable[[T], Shown]
    by: Findable

    def name(self, call: Call) -> UUID:
        """The name of the thing of the path."""
        try:
            return UUID(call.keys[self.key])
        except ValueError:
            raise IdMalformed from None

    def find(self, call: Call) -> T:
        """The thing of the path."""
        return one_of(self._all(call), self.name(call))

    def list(self, call: Call) -> Response:
        """All of them."""
        return several(call, self._where(call), self._every(call), self.by)

    def count(self, call: Call) -> Response:
        """How many there are of those that are asked for."""
        return counted(found(call, self._every(call), self.by))

    def around(self, call: Call) -> Response:
        """What the collection belongs to: nothing but whose it is, unless the collection is expanded."""
        path, _, name = self.path.partition("/")
        inside: Shown = {}
        for each in call.options.expand:
            where = f"{call.root}/$metadata#{call.owner_path}/{path}/{name}"
            inside |= shown_several(each, where, self._every(call))
        whole = {**chosen(call, {"id": str(call.mailbox)}), **inside}
        return call.json(entity(context(call, f"{call.owner_path}/{path}", single=True), whole))

    def one(self, call: Call, thing: T, status: int = 200) -> Response:
        """One of them."""
        return one(call, self._where(call), self.shown(thing), status)

    async def change(self, call: Call, ask: MailboxCommand) -> Mapping[UUID, T]:
        """Change one of them: all of them as they are then."""
        on = call.on()
        after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
        return self.known(after.preferences)

    async def remove(self, call: Call, ask: MailboxCommand) -> Response:
        """Take one of them away."""
        await self.change(call, ask)
        return gone()

    def _every(self, call: Call) -> Several:
        return [self.shown(each) for each in self._all(call).values()]

    def _all(self, call: Call) -> Mapping[UUID, T]:
        return self.known(call.engine.mailbox(call.mailbox).preferences)

    def _where(self, call: Call) -> str:
        return f"{call.owner_path}/{self.path}"
