"""Whatever happens between two pages: whoever follows the links ends with what the server has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from letterbook.application import folder_changes
from letterbook.domain.refusals import Refused
from tests.chance import examples
from tests.graph.client import ADELE, ALEX, Graph, book_of_three, stranger_at
from tests.graph.follower import ARCHIVE, DRAFTS, FOLDERS, INBOX, Follower, follow
from tests.looping import Conversations

STEADY = settings(
    max_examples=examples(60),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PLACES = ("inbox", "drafts", "archive", "deleteditems")
FOLLOWED = (
    *((INBOX, 1, False), (DRAFTS, 2, False), (ARCHIVE, 1, True), (DRAFTS, 0, True)),
    *((FOLDERS, 1, False), (FOLDERS, 3, False)),
)
"""Who follows what, how many things a page may hold (0: as many as the server likes), and by which ids."""


class World:
    """Alex's mailbox, what happens in it, and everybody who follows it."""

    def __init__(self, alex: Graph) -> None:
        self.alex = alex
        self.mailbox = alex.book.mailbox(ALEX)
        self.messages: list[str] = []
        self.folders: list[str] = []
        self.names = (f"Folder {number}" for number in count())
        self.followed = (*FOLLOWED, *_searches(alex))
        self.followers = [
            follow(alex, path, size=size, lasting=lasting) for path, size, lasting in self.followed
        ]
        for follower in self.followers[len(FOLLOWED) :]:
            follower.may_lose_track = True

    def happens(self, what: str, which: int) -> None:
        """Something happens to one of the messages or folders there are, or somebody asks for a page."""
        if what == "page":
            self.followers[which % len(self.followers)].step()
            return
        things = self.folders if "folder" in what else self.messages
        with suppress(Refused):
            if what in NEW:
                NEW[what](self, which)
            elif things:
                LATER[what](self, things[which % len(things)])

    def check(self) -> None:
        """Everybody has what the server has once they have caught up, and there is no more news then."""
        for (path, size, lasting), follower in zip(self.followed, self.followers, strict=True):
            follower.catch_up()
            there = what_is_at(self.alex.lasting if lasting else self.alex, path)
            assert follower.known == there, (path, size, lasting)
            assert follower.round() == [], "nothing happened since"


def _searches(alex: Graph) -> Iterator[tuple[str, int, bool]]:
    """Search folders, out of sight of whoever follows folders, and who follows their messages."""
    kinds: list[tuple[Any, ...]] = [
        (["inbox", "drafts"], False, "isRead eq true", 1, False),
        (["msgfolderroot"], True, "isRead eq false or startswith(subject, 'Draft')", 2, False),
        (["inbox", "archive"], True, "contains(subject, 'r')", 0, True),
    ]
    for sources, nested, condition, size, lasting in kinds:
        said = {"displayName": condition, "sourceFolderIds": sources, "includeNestedFolders": nested}
        kind = {"@odata.type": "microsoft.graph.mailSearchFolder", "filterQuery": condition}
        made = alex.made(f"{FOLDERS}/searchfolders/childFolders", said | kind)
        yield f"{FOLDERS}/{made['id']}/messages", size, lasting


def what_is_at(alex: Graph, path: str) -> dict[str, dict[str, Any]]:
    """What the server has, by id."""
    if path != FOLDERS:
        return {each["id"]: each for each in alex.values(f"{path}?$top=1000")}
    found, waiting = dict[str, dict[str, Any]](), [FOLDERS]
    while waiting:
        listed = alex.values(f"{waiting.pop()}?$top=1000")
        found |= {each["id"]: each for each in listed}
        waiting += [f"{FOLDERS}/{each['id']}/childFolders" for each in listed]
    return found


def _write(world: World, which: int) -> None:
    places = (*PLACES, *world.folders)
    folder = places[which % len(places)]
    made = world.mailbox.create_draft(subject=f"Draft {which}", to=[ADELE], folder=folder)
    world.messages.append(made.id)


def _receive(world: World, which: int) -> None:
    world.alex.book.mailbox(ADELE).send_mail(subject=f"Letter {which}", to=[ALEX])
    world.alex.book.deliver()
    world.messages.append(world.mailbox.folder("inbox", top=1)[0].id)


def _make_folder(world: World, which: int) -> None:
    places = ("msgfolderroot", "inbox", *world.folders)
    said = {"displayName": next(world.names), "isHidden": which % 5 == 0}
    _folder_made(world, places[which % len(places)], said)


def _move(world: World, message: str) -> None:
    places = (*PLACES, *world.folders)
    world.mailbox.move(message, places[len(world.mailbox.history(message)) % len(places)])


def _toggle(world: World, message: str) -> None:
    world.mailbox.mark_read(message, is_read=not world.mailbox.message(message).is_read)


def _copy(world: World, message: str) -> None:
    copied = world.alex.post(f"/me/messages/{message}/copy", json={"destinationId": "archive"})
    if copied.is_success:
        world.messages.append(copied.json()["id"])


def _search(world: World, which: int) -> None:
    """A search folder, in sight."""
    said = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": next(world.names),
        "includeNestedFolders": which % 2 == 0,
        "sourceFolderIds": ["inbox", *world.folders[:1]],
        "filterQuery": "isRead eq true",
    }
    _folder_made(world, "inbox", said)


def _folder_made(world: World, above: str, said: dict[str, Any]) -> None:
    """A folder, unless it is refused: below a search folder there is none."""
    answer = world.alex.post(f"{FOLDERS}/{above}/childFolders", json=said)
    if answer.is_success:
        world.folders.append(answer.json()["id"])


def _act(action: str, destination: str = "") -> Callable[[World, str], object]:
    """An action on a folder, with all that is in it; it may be refused."""

    def act(world: World, folder: str) -> None:
        said = {"destinationId": destination or world.folders[0]} if action in ("move", "copy") else {}
        answer = world.alex.post(f"{FOLDERS}/{folder}/{action}", json=said)
        if action == "copy" and answer.is_success:
            world.folders.append(answer.json()["id"])
        _look_around(world)

    return act


def _delete_folder(world: World, folder: str) -> None:
    world.alex.delete(f"{FOLDERS}/{folder}")
    _look_around(world)


def _look_around(world: World) -> None:
    """Folders may be gone."""
    world.folders[:] = [each for each in world.folders if world.alex.get(f"{FOLDERS}/{each}").is_success]


NEW: dict[str, Callable[[World, int], None]] = {
    "write": _write,
    "receive": _receive,
    "make folder": _make_folder,
    "make search folder": _search,
}
LATER: dict[str, Callable[[World, str], object]] = {
    "toggle": _toggle,
    "rewrite": lambda world, message: world.mailbox.update_draft(message, subject="Rewritten"),
    "move": _move,
    "delete": lambda world, message: world.mailbox.delete(message),
    "send": lambda world, message: world.mailbox.send(message),
    "copy": _copy,
    "move folder": _act("move"),
    "archive folder": _act("move", "archive"),
    "copy folder": _act("copy", "inbox"),
    "destroy folder": _act("permanentDelete"),
    "delete folder": _delete_folder,
    "rename folder": lambda world, folder: world.alex.patch(
        f"{FOLDERS}/{folder}", json={"displayName": next(world.names)}
    ),
}
MAIL = [*NEW, *LATER, "write", "move", "move", *["page"] * 8]
HOUSEKEEPING = [*(word for word in (*NEW, *LATER) if "folder" in word), "write", "move", *["page"] * 5]
LIVED_IN = [
    *(("write", where) for where in (1, 1, 1, 2, 0)),
    *(("make folder", where) for where in (1, 2, 0)),
    *(("page", who) for who in range(len(FOLLOWED) + 3) for _ in range(8)),
]
"""Messages and folders are there, one of these hidden, and everybody has been told of them."""


def stories(words: list[str]) -> some.SearchStrategy[list[tuple[str, int]]]:
    """Stories of these happenings, in a mailbox that is new or lived in."""
    happening = some.tuples(some.sampled_from(words), some.integers(0, 30))
    return some.builds(
        list.__add__, some.sampled_from([[], LIVED_IN]), some.lists(happening, min_size=8, max_size=60)
    )


@contextmanager
def world_in(place: str | Path, loop: Conversations) -> Iterator[World]:
    """A world in a book of its own."""
    with book_of_three(place) as book, stranger_at(book, loop) as nobody:
        yield World(nobody.holding(book.token(ALEX)))


def tell(world: World, story: list[tuple[str, int]]) -> None:
    """A story happens, and then everybody catches up."""
    for what, which in story:
        world.happens(what, which)
    world.check()


@STEADY
@given(story=stories(MAIL))
def test_followers_end_with_what_the_server_has(loop: Conversations, story: list[tuple[str, int]]) -> None:
    with world_in(":memory:", loop) as world:
        tell(world, story)


@STEADY
@given(story=stories(HOUSEKEEPING))
def test_so_they_do_while_folders_come_and_go(loop: Conversations, story: list[tuple[str, int]]) -> None:
    with world_in(":memory:", loop) as world:
        tell(world, story)


@settings(STEADY, max_examples=examples(20))
@given(story=stories(HOUSEKEEPING))
def test_so_they_do_where_all_is_told(
    loop: Conversations, monkeypatch: pytest.MonkeyPatch, story: list[tuple[str, int]]
) -> None:
    """After very much has happened, nobody looks what exactly."""
    monkeypatch.setattr(folder_changes, "MOST_TREES", 1)
    monkeypatch.setattr(folder_changes, "MOST_FACTS", 0)
    with world_in(":memory:", loop) as world:
        tell(world, story)


@settings(STEADY, max_examples=examples(20))
@given(story=stories(MAIL))
def test_so_they_do_with_views_in_a_file(
    loop: Conversations, tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, int]]
) -> None:
    with world_in(tmp_path_factory.mktemp("book") / "mail.db", loop) as world:
        tell(world, story)


def test_a_round_on_a_quiet_server_is_exact(alex: Graph) -> None:
    """Without anything happening meanwhile, the end of a round is what the server has, at once."""
    mailbox = alex.book.mailbox(ALEX)
    follower: Follower = follow(alex, DRAFTS, size=2)
    names = [mailbox.create_draft(subject=f"Draft {number}").id for number in range(5)]
    for change in (
        lambda: None,
        lambda: mailbox.mark_read(names[0], is_read=False),
        lambda: mailbox.delete(names[1]),
    ):
        change()
        follower.round()
        assert follower.known == what_is_at(alex, DRAFTS)
