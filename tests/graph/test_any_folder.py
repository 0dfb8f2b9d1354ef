"""Whatever is said about folders, it is answered; what is refused leaves no trace, and views stay true."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from letterbook.adapters.book import Book
from letterbook.application.public_ids import Kind, public
from tests.chance import examples
from tests.graph.client import ALEX, Graph, book_of_three, state_of, stranger_at
from tests.looping import Conversations

QUICK = settings(
    max_examples=examples(150),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEARCH = "#microsoft.graph.mailSearchFolder"
NAMES = some.sampled_from(["A", "a", "B", "b" * 255, "c" * 256, " ", "", "💌", "\0", "Inbox"])
PLACES = ["inbox", "archive", "deleteditems", "searchfolders", "recoverableitemsdeletions", "nonsense", ""]
FILTERS = ["isRead eq false", "contains(subject,'A')", "subject", "x eq 1", "categories/any(c:c eq 'x')", ""]


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    """One book for everything that is said here."""
    with book_of_three(":memory:") as book:
        yield book


@pytest.fixture(scope="module")
def alex(book: Book, loop: Conversations) -> Iterator[Graph]:
    """Alex, at the beta version, which has every endpoint."""
    with stranger_at(book, loop) as nobody:
        yield nobody.holding(book.token(ALEX)).beta


places = some.sampled_from(PLACES)
bodies = some.fixed_dictionaries(
    {"displayName": NAMES | some.none() | some.integers()},
    optional={
        "@odata.type": some.sampled_from([SEARCH, "microsoft.graph.mailFolder", "x"]),
        "isHidden": some.booleans() | some.text(max_size=3),
        "includeNestedFolders": some.booleans(),
        "sourceFolderIds": some.lists(places, max_size=2) | some.integers(),
        "filterQuery": some.sampled_from(FILTERS) | some.none(),
        "totalItemCount": some.integers(),
    },
)
named = some.fixed_dictionaries({"displayName": some.text("ABCDE", min_size=1, max_size=2)})
searching = some.fixed_dictionaries(
    {
        "@odata.type": some.just(SEARCH),
        "displayName": some.text("XYZ", min_size=1, max_size=2),
        "includeNestedFolders": some.booleans(),
        "sourceFolderIds": some.lists(some.sampled_from(PLACES[:4]), min_size=1, max_size=2),
        "filterQuery": some.sampled_from(FILTERS[:2]),
    }
)
PARAMETERS = {
    "move": some.fixed_dictionaries({"destinationId": some.integers(0, 9) | places}),
    "copy": some.fixed_dictionaries({"destinationId": some.integers(0, 9) | places}),
    "permanentDelete": some.just({}),
    "DELETE": some.just({}),
    "updateAllMessagesReadState": some.fixed_dictionaries(
        {"isRead": some.booleans() | some.text(max_size=4)}
    ),
    "childFolders": named | searching | bodies,
    "messages": some.fixed_dictionaries({"subject": some.text("ABC", max_size=3), "isRead": some.booleans()}),
    "PATCH": named | searching | bodies,
}
asks = some.sampled_from([*sorted(PARAMETERS), *["childFolders"] * 3, "messages", "move", "copy"]).flatmap(
    lambda action: some.tuples(some.just(action), some.integers(0, 9) | places, PARAMETERS[action])
)


def known(graph: Graph) -> list[str]:
    """The folders that Alex has made and still has."""
    rows = graph.book.mailbox(ALEX).folders()
    return [public(Kind.FOLDER, row.folder) for row in rows if row.well_known is None]


def one_of(folders: list[str], which: int | str) -> str:
    """A place by its name, or a folder by its number."""
    return which if isinstance(which, str) else folders[which % len(folders)] if folders else "inbox"


@QUICK
@given(said=some.lists(asks, min_size=1, max_size=8))
def test_anything_can_be_done_with_folders(
    alex: Graph, said: list[tuple[str, int | str, dict[str, object]]]
) -> None:
    for action, which, parameters in said:
        folders = known(alex)
        target = parameters.get("destinationId")
        if isinstance(target, int):
            parameters["destinationId"] = one_of(folders, target)
        path = f"/me/mailFolders/{quote(one_of(folders, which))}"
        before = state_of(alex.book)
        if action.isupper():
            answer = alex.request(action, path, json=parameters)
        else:
            answer = alex.post(f"{path}/{action}", json=parameters)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert state_of(alex.book) == before
    counted(alex)


def counted(graph: Graph) -> None:
    """Every folder that is there counts what it shows, and nothing is shown that is nowhere."""
    shown = {message["id"] for message in graph.values("/me/messages?$top=1000")}
    parents = set[str]()
    for folder in [*known(graph), *PLACES[:5]]:
        said = graph.read(f"/me/mailFolders/{folder}")
        held = graph.values(f"/me/mailFolders/{folder}/messages?$top=1000")
        assert said["totalItemCount"] == len(held)
        assert said["unreadItemCount"] == sum(not message["isRead"] for message in held)
        parents |= {message["parentFolderId"] for message in held}
        shown -= {message["id"] for message in held}
    for parent in parents:
        graph.read(f"/me/mailFolders/{parent}")
    assert not shown, "these are in no folder"


words = some.text(max_size=12) | some.sampled_from(
    [
        "displayName",
        "childFolders",
        "$top=1",
        "(",
        ")",
        ";",
        ",",
        "'",
        " eq ",
        "null",
        "5",
        "desc",
        "$expand=",
    ]
)
options = some.tuples(
    some.sampled_from(["$filter", "$orderby", "$expand", "$select", "$top", "$skip", "$count"]),
    some.lists(words, max_size=5).map("".join),
)


@QUICK
@given(chosen=some.lists(options, max_size=3))
def test_any_query_can_be_asked_of_folders(alex: Graph, chosen: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in chosen)
    for path in ("/me/mailFolders", "/me/mailFolders/inbox", "/me/mailFolders/inbox/childFolders/$count"):
        assert alex.get(f"{path}?{query}").status_code in (200, 400)


def test_after_all_this_the_history_still_tells_what_the_views_show(book: Book) -> None:
    assert all(result.equal for result in book.rebuild(verify=True))
