"""The README runs: every example in it is taken out of it and done, and every link in the documentation leads
somewhere.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from textwrap import dedent
from time import monotonic, sleep
from typing import Any, cast

import pytest

from letterbook import open_book
from letterbook.domain.facts import Fact
from letterbook.domain.message import MessageFact, evolve
from tests.warm import warm_letterbook

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPERS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
RECORDS = sorted(ROOT.glob("docs/adr/*.md"))

PORT = "8025"
"""The port that the README uses; here it is whichever is free."""

HEADING_OR_FENCE = re.compile(
    r"^#+ (?P<heading>[^\n]+)$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)

CURL = f"""\
    #!{sys.executable}
    import sys
    from urllib.request import Request, urlopen
    said, words = {{"-H": [], "-d": [], "-X": [], "-w": []}}, iter(sys.argv[1:])
    for word in words:
        said.get(word, said.setdefault("", [])).append(next(words) if word in said and word else word)
    url = next(word for word in said[""] if word.startswith("http"))
    body = said["-d"][0].encode() if said["-d"] else None
    headers = dict(line.split(": ", 1) for line in said["-H"])
    method = said["-X"][0] if said["-X"] else "POST" if body else "GET"
    with urlopen(Request(url, body, headers, method=method)) as answer:
        print(answer.read().decode())
    """
"""What stands in for curl on a machine that has Python and make, and nothing else."""


@dataclass(frozen=True)
class Block:
    """A fenced block of the README, and the headings it stands below."""

    section: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    """Every fenced block, in order."""
    section = ""
    for found in re.finditer(
        r"^#+ (?P<heading>[^\n]+)$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$", README, re.M | re.S
    ):
        if found["heading"]:
            section = found["heading"]
        else:
            yield Block(section, found["kind"], found["text"])


def of(section: str, language: str) -> list[str]:
    """The blocks of a section in one language."""
    found = [block.text for block in blocks() if (block.section, block.language) == (section, language)]
    assert found, f"the README has no {language} below {section!r}"
    return found


def run_python(*snippets: str) -> str:
    """Do examples in Python one after the other, as in one session; gives what they print."""
    names: dict[str, Any] = {"__name__": "readme"}
    with redirect_stdout(StringIO()) as printed:
        for snippet in snippets:
            exec(compile(snippet, "README.md", "exec"), names)  # noqa: S102 - our own examples
    return printed.getvalue()


def environment(**more: str) -> dict[str, str]:
    """What a shell knows in which letterbook is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LETTERBOOK_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return kept | {"PATH": path, "PYTHONWARNINGS": "", "COLUMNS": "200"} | more


def run_shell(script: str, folder: Path, **more: str) -> str:
    """Do an example of the command line; fails if any of its commands fails."""
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Office:
    """The store that the README's commands made, being served, and what those commands printed."""

    folder: Path
    port: str
    printed: str

    def here(self, snippet: str) -> str:
        """An example, with the port that is really served."""
        return snippet.replace(PORT, self.port)


def free_port() -> str:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def served(command: str, folder: Path, port: str) -> Iterator[None]:
    """The README's server, at work until the block ends."""
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command.split(), cwd=folder, env=environment(), stdout=log, stderr=log)
        try:
            wait_for(server, int(port), folder / "server.log")
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Wait until a server listens."""
    until = monotonic() + 30
    while monotonic() < until and server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise AssertionError(f"the server does not listen: {log.read_text()}")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The section on the command line makes a store, the one on HTTP serves it."""
    folder, port = tmp_path_factory.mktemp("readme"), free_port()
    (commands,) = of("Command line", "sh")
    with warm_letterbook() as warm:
        printed = run_shell(commands, folder, PATH=os.pathsep.join([warm, environment()["PATH"]]))
    serve = of("Plain HTTP", "sh")[0].replace(PORT, port)
    with served(serve, folder, port):
        yield Office(folder, port, printed)


@pytest.fixture(scope="module", params=["stand-in", *(["curl"] if shutil.which("curl") else [])])
def tools(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the shell finds curl: the machine's own, if it has one, and the stand-in in any case."""
    here, path = tmp_path_factory.mktemp("bin"), environment()["PATH"]
    if request.param == "curl":
        return path
    (here / "curl").write_text(dedent(CURL), encoding="utf-8")
    (here / "curl").chmod(0o755)
    return os.pathsep.join([str(here), path])


# --- The examples ----------------------------------------------------------------------------------


def test_the_python_example_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (promised,) = of("Python", "text")
    assert run_python(*of("Python", "python")) == promised


def test_the_command_line_example_does_the_main_job(office: Office) -> None:
    told = re.findall(r"^\d +[-\d]{10} [:\d]{8}Z +([A-Z]\w+)", office.printed, re.M)
    assert told == ["DraftCreated", "DraftUpdated", "MentionAdded", "Sent", "Delivered"]
    assert re.search(r"Alex Wilber +Lunch", office.printed), "it is in the Inbox of its recipient"
    assert re.search(r"Adele Vance +Lunch", office.printed), "and among what its sender has sent"
    assert re.search(r"alexw@contoso\.com +6 +equal", office.printed), "the views are rebuilt as they were"


def test_the_curl_example_does_the_main_job(office: Office, tools: str) -> None:
    printed = run_shell(office.here(of("Plain HTTP", "sh")[1]), office.folder, PATH=tools)
    patched, mentioned, found = (json.loads(line) for line in printed.splitlines() if line)
    assert patched["importance"] == "high"
    assert mentioned["mentioned"] == {"name": "Dana Swope", "address": "danas@contoso.com"}
    (sent,) = found["value"]
    assert (sent["subject"], sent["importance"]) == ("9/9/2018: concert", "high")
    assert sent["toRecipients"][0]["emailAddress"]["name"] == "Adele Vance"


# The SDK warns about its own parts as they are imported.
@pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning")
def test_the_sdk_examples_print_what_they_say(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(office.folder)
    section = "The official Graph SDK"
    (promised,) = of(section, "text")
    assert run_python(*(office.here(snippet) for snippet in of(section, "python"))) == promised


def test_every_example_is_done_by_one_of_these_tests() -> None:
    """Whoever adds an example has to say here how it is done."""
    examples = [(b.section, b.language) for b in blocks() if b.language not in ("text", "mermaid")]
    assert examples == [
        ("Two commands", "sh"),
        ("Two commands", "sh"),
        ("Python", "python"),
        ("Command line", "sh"),
        ("Plain HTTP", "sh"),
        ("Plain HTTP", "sh"),
        ("The official Graph SDK", "python"),
        ("The official Graph SDK", "python"),
    ]


def test_make_knows_the_two_commands() -> None:
    """They set up a fresh clone, so what is asked here is only whether they are there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    promised = re.findall(r"^make (\S+)", of("Two commands", "sh")[0], re.M)
    promised += re.findall(r"`make (\w+)`", README)
    assert set(promised) == {"demo", "test", "bench"}
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in promised)


# --- The picture, the tree, the links --------------------------------------------------------------


Arrow = tuple[str, str, str]
"""A state, a fact, and the state after it, by their names; ``[*]`` is before the beginning."""


def drawn() -> set[Arrow]:
    """The arrows of the README's picture."""
    (picture,) = of("The domain", "mermaid")
    lines = re.findall(r"^ +(\S+) --> (\S+): (.+)$", picture, re.M)
    return {(start, fact, end) for start, end, label in lines for fact in label.split(", ")}


def walked(folder: Path) -> set[Arrow]:
    """The arrows that real letters go along."""
    with open_book(folder / "mail.db", deliver=False) as book:
        alex, adele = book.mailbox("alexw@contoso.com"), book.mailbox("adelev@contoso.com")
        letter = alex.create_draft(to=[adele.address, "nobody@contoso.invalid"])
        alex.update_draft(letter, subject="9/9/2018: concert")
        alex.mention(letter, "danas@contoso.com")
        alex.attach(letter, "seats.txt", b"Row 7")
        alex.send(letter)
        book.deliver()
        (arrived,) = adele.folder("inbox")
        adele.mark_read(arrived)
        thrown_away = alex.create_draft()
        ends = [(alex, letter), (adele, arrived), (alex, thrown_away)]
        for box, message in ends * 3:
            box.delete(message)
        return {arrow for box, message in ends for arrow in steps(box.history(message))}


def steps(facts: Iterable[Fact]) -> Iterator[Arrow]:
    """How the facts of one message lead from state to state."""
    before, state = "[*]", None
    for fact in facts:
        state = evolve(state, cast(MessageFact, fact))
        yield before, type(fact).__name__, type(state).__name__
        before = type(state).__name__


def test_the_picture_shows_ways_that_letters_go(tmp_path: Path) -> None:
    real = walked(tmp_path)
    assert drawn() <= real
    turning = {arrow for arrow in real if arrow[0] != arrow[2]}
    assert turning <= drawn(), "every way from one state to another is in it"


def test_everything_in_the_tree_exists() -> None:
    (tree,) = of("Where things are", "text")
    top = ""
    for indent, name in re.findall(r"^( *)(\S+)", tree, re.M):
        top = top if indent else name
        assert (ROOT / (f"{top}{name}" if indent else name)).exists(), name


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_leads_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", paper.read_text(encoding="utf-8"))
    assert [target for target in targets if not (paper.parent / target).exists()] == []


# --- The decisions ---------------------------------------------------------------------------------


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_has_nygards_five_headings(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    headings = re.findall(r"^(#+ .+)$", text, re.M)
    assert re.fullmatch(rf"# {int(record.name[:4])}\. .+", headings[0])
    assert headings[1:] == ["## Status", "## Context", "## Decision", "## Consequences"]
    assert re.search(r"^## Status\n\n(Accepted|Superseded by ADR \d+), \d{4}-\d\d-\d\d\.$", text, re.M)


def test_whatever_amends_a_decision_is_a_later_one() -> None:
    for record in RECORDS:
        status = record.read_text(encoding="utf-8").split("## Status")[1].split("## Context")[0]
        for number, file in re.findall(r"Amended by \[ADR (\d+)\]\(([^)]+)\)", status):
            assert (record.parent / file).exists()
            assert int(number) == int(file[:4]) > int(record.name[:4])


def test_the_index_lists_every_decision() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert re.findall(r"\(adr/([^)]+)\)", index) == [record.name for record in RECORDS]
