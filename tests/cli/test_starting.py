"""What commands import. Starting is most of what many of them take: which libraries stay out is counted."""

import subprocess
import sys

import pytest

from tests.graph.client import ALEX, book_of_three

SERVING = frozenset({"asyncio", "httptools", "ssl", "starlette", "uvicorn", "uvloop"})
SPEAKING_GRAPH = frozenset({"babel", "jwt", "odata_query", "sly"})
NOTIFYING = frozenset({"httpx", "cryptography.x509"})
OTHERS = frozenset({"icalendar", "sqlite_utils", "cryptography.hazmat.primitives.serialization"})
HEAVY = SERVING | SPEAKING_GRAPH | NOTIFYING | OTHERS
"""What takes long to import, and is needed by the fewest commands."""

RUN = "from letterbook.__main__ import main; main()"
TELL = "import atexit, sys; atexit.register(lambda: print('', *sys.modules, sep='\\n', file=sys.stderr)); "


def imported(program: str, *words: str) -> frozenset[str]:
    """The modules that a program has imported by its end."""
    done = subprocess.run([sys.executable, "-c", TELL + program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stderr.split())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a draft in it."""
    place = str(tmp_path_factory.mktemp("starting") / "mail.db")
    with book_of_three(place) as book:
        book.mailbox(ALEX).create_draft(subject="Lunch", to=["adelev@contoso.com"])
    return place


def test_a_program_that_opens_a_book_imports_no_server() -> None:
    """The Graph face is imported when somebody asks for it."""
    program = "from letterbook import open_book; open_book(':memory:').close()"
    modules = imported(f"{program}; import gc; assert gc.isenabled(), 'as it was before the import'")
    assert "letterbook.adapters.wiring" in modules
    assert modules & HEAVY == frozenset()
    assert "letterbook.adapters.graph.app" not in modules


def test_help_imports_nothing_that_is_only_worked_with() -> None:
    """All commands are known by then, and none has run."""
    modules = imported(RUN, "--help")
    assert {"letterbook.adapters.cli.serving", "letterbook.adapters.cli.demo"} <= modules
    assert modules & (HEAVY | {"rich"}) == frozenset()


def test_reading_imports_what_reading_takes(store: str) -> None:
    """Programs get JSON, for which nothing is drawn; people get tables."""
    where = ("--store", store, "--as", ALEX)
    assert imported(RUN, "drafts", *where, "--json") & (HEAVY | {"rich"}) == frozenset()
    for_people = imported(RUN, "drafts", *where)
    assert "rich" in for_people
    assert for_people & HEAVY == frozenset()


def test_writing_imports_no_more_than_reading(store: str) -> None:
    """A letter is begun without the libraries of the face."""
    modules = imported(RUN, "draft", "--to", ALEX, "--store", store, "--as", ALEX)
    assert modules & (HEAVY | {"rich"}) == frozenset()


def test_what_stays_out_is_what_the_face_takes() -> None:
    """The names above are those of modules that exist: serving and its tokens import most of them."""
    face = "from letterbook import open_book; book = open_book(':memory:'); book.asgi(); book.token('a'); "
    server = "import letterbook.adapters.cli.server, letterbook.adapters.webhooks.posting; "
    missing = HEAVY - imported(f"import gc; gc.disable(); {face}{server}assert not gc.isenabled()")
    assert missing == frozenset({"icalendar", "sqlite_utils", "uvloop"})
