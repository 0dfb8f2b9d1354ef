"""What changed: messages of a folder, and folders."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors, search_folders
from letterbook.adapters.graph.answers import MessageAnswers
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.delta_links import Followed, fresh_link, link_on, opened
from letterbook.adapters.graph.folders import FolderAnswers
from letterbook.adapters.graph.option_values import LARGEST_PAGE
from letterbook.adapters.graph.options import DEFAULT_PAGE, Options
from letterbook.application.folder_changes import TreeWatch, follow_folders
from letterbook.application.following import (
    Change,
    Gone,
    LostTrack,
    ResyncWasOrdered,
    Spot,
    Step,
    begin,
    resume,
)
from letterbook.application.message_changes import FolderWatch, Row, follow_messages, turns_search
from letterbook.application.ports import Session
from letterbook.application.public_ids import Kind, public
from letterbook.application.querying import NEWEST_FIRST, Compare, Field, Is
from letterbook.domain.facts import Fact
from letterbook.domain.well_known import ROOT, well_known_id

T = TypeVar("T")

_MESSAGE, _FOLDER = "#microsoft.graph.message", "#microsoft.graph.mailFolder"
_FROM = (Is.ABOVE, Is.AT_LEAST)


async def messages(call: Call) -> Response:
    """GET F/messages/delta."""
    return await run_in_threadpool(_messages, call)


async def of_mailbox(_call: Call) -> Response:
    """GET U/messages/delta: Graph tracks messages in folders only."""
    raise errors.untracked_type("message")


async def folders(call: Call) -> Response:
    """GET U/mailFolders/delta: all folders of the mailbox."""
    return await run_in_threadpool(_folders, call, well_known_id(call.mailbox, ROOT))


async def child_folders(call: Call) -> Response:
    """GET F/childFolders/delta: all folders below one."""
    return await run_in_threadpool(_folders, call, call.folder_id())


# -- messages --


def _messages(call: Call) -> Response:
    folder = call.engine.folder(call.mailbox, call.folder_id())
    followed = Followed("message", folder.folder)
    spot = opened(call, followed)
    wish, answers, turns = _folder_watch(call, folder.folder), call.messages(), None
    if folder.search is not None:
        turns = turns_search(folder.folder, folder.search)
        call.use(folder.folder)

    def follow(session: Session, at: Spot) -> Step[Row]:
        watch = wish if folder.search is None else _into_search(session, call.mailbox, wish)
        step = follow_messages(session, call.mailbox, watch, at)
        while (fits := _fitting(answers, step)) is not None:
            step = follow_messages(session, call.mailbox, replace(watch, top=fits), at)
        return step

    step = _step(call, spot, follow, turns)
    return _page(call, followed, step, [_shown_message(answers, each) for each in step.found])


def _into_search(session: Session, mailbox: UUID, watch: FolderWatch) -> FolderWatch:
    """The same watch of a search folder, with what that looks for at the moment that is told of."""
    folders = session.views.folders(mailbox)
    search = search_folders.row_of(folders, watch.folder).search
    assert search is not None, "a search folder stays one"
    return replace(watch, search=search_folders.found_by(search, folders))


def _fitting(answers: MessageAnswers, step: Step[Row]) -> int | None:
    """How many messages of a page fit into an answer with the files in them; ``None``: they all do."""
    rows = [each for each in step.found if not isinstance(each, Gone)]
    fits = len(answers.fitting(rows))
    return None if fits == len(rows) else fits


def _folder_watch(call: Call, folder: UUID) -> FolderWatch:
    where, order = call.options.where, call.options.order
    if where is not None and not _is_lower_bound(where):
        raise errors.not_tracked_so("$filter", "receivedDateTime ge value")
    if order != NEWEST_FIRST:
        raise errors.not_tracked_so("$orderby", "receivedDateTime desc")
    return FolderWatch(
        folder=folder,
        where=where if isinstance(where, Compare) else None,
        only=_change_type(call.options),
        top=_page_size(call),
        newest_first="$orderby" in call.options.given,
        bodies=call.options.shows_bodies,
        lasting=call.has_immutable_ids,
    )


def _is_lower_bound(where: object) -> bool:
    return isinstance(where, Compare) and where.field is Field.RECEIVED and where.how in _FROM


def _change_type(options: Options) -> Change | None:
    given = options.given.get("changeType")
    if given is None:
        return None
    try:
        return Change(given.lower())
    except ValueError:
        raise errors.not_tracked_so("changeType", "created, updated or deleted") from None


def _shown_message(answers: MessageAnswers, each: Row | Gone) -> bytes:
    if isinstance(each, Gone):
        return to_json({"@odata.type": _MESSAGE} | _removed(Kind.MESSAGE, each))
    return answers.typed(each)


# -- folders --


def _folders(call: Call, below: UUID) -> Response:
    call.engine.folder(call.mailbox, below)
    followed = Followed("mailFolder", below)
    spot = opened(call, followed)
    hidden = call.options.given.get("includeHiddenFolders", "").lower() == "true"
    watch = TreeWatch(below=below, hidden=hidden, top=_page_size(call))
    step = _step(call, spot, lambda session, at: follow_folders(session, call.mailbox, watch, at))
    return _page(call, followed, step, [*_shown_folders(call, step.found)])


def _shown_folders(call: Call, found: Iterable[UUID | Gone]) -> Iterator[bytes]:
    """Folders as they are now; of one that went a moment ago, the next round tells."""
    answers = FolderAnswers(call)
    for each in found:
        if isinstance(each, Gone):
            yield to_json({"@odata.type": _FOLDER} | _removed(Kind.FOLDER, each))
        elif (shown := answers.told(each)) is not None:
            yield to_json({"@odata.type": _FOLDER} | shown)


# -- both --


def _removed(kind: Kind, gone: Gone) -> dict[str, object]:
    return {"id": public(kind, gone.name, gone.moves), "@removed": {"reason": gone.why}}


def _page_size(call: Call) -> int:
    """What ``$top`` and the preference allow, whichever is less."""
    asked = [call.options.top] if "$top" in call.options.given else []
    preferred = call.page_size()
    asked += [preferred] if preferred else []
    return min([*(asked or [DEFAULT_PAGE]), LARGEST_PAGE])


def _step(
    call: Call,
    spot: Spot | None,
    follow: Callable[[Session, Spot], Step[T]],
    turns: Callable[[Fact], bool] | None = None,
) -> Step[T]:
    """The page at a spot; ``None``: at the beginning, or with ``$deltatoken=latest`` at the end."""
    latest = (call.options.deltatoken or "").lower() == "latest"
    with call.engine.store.reading() as session:
        if spot is None:
            start = begin(session, call.mailbox)
            return Step([], start.end()) if latest else follow(session, start)
        try:
            return follow(session, resume(session, call.mailbox, spot, turns))
        except LostTrack as lost:
            say = errors.sync_state_gone if isinstance(lost, ResyncWasOrdered) else errors.resync_required
            raise say(fresh_link(call)) from None


def _page(call: Call, followed: Followed, step: Step[T], shown: list[bytes]) -> Response:
    name, link = link_on(call, followed, step.spot)
    parts = [
        b'{"@odata.context":' + to_json(f"{call.root}/$metadata#Collection({followed.of})"),
        to_json(name) + b":" + to_json(link),
        b'"value":[' + b",".join(shown) + b"]}",
    ]
    preferred = call.page_size()
    applied = [f"odata.maxpagesize={min(preferred, LARGEST_PAGE)}"] if preferred else []
    return call.page(b",".join(parts), *applied)
