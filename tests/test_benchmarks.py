"""The benchmark runs: every measured thing once, tiny. How fast it was is not asked here."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import StringIO
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import pytest
from rich.console import Console

from benchmarks import (
    as_of_large,
    bystander,
    creating,
    dovecot,
    encrypted,
    importing,
    letters,
    listing,
    lives_in_process,
    lives_over_http,
    mailboxes,
    on_disk,
    paging,
    plots,
    processes,
    rebuild,
    rebuild_by_size,
    searching,
    verifying,
)
from benchmarks.__main__ import MEASURED, measured
from benchmarks.bars import BARS
from benchmarks.harness import QUICK, Bench, Claim, Dot, Finding, Reading, Series, Sizes
from benchmarks.load import Load, Refusal, Stopwatch, imap_lives, imap_searches
from benchmarks.report import as_json, publish, table, unmeasured
from benchmarks.sample import BODY, mime
from tests.warm import Program, started

TINY = Sizes(
    rounds=1,
    few_rounds=1,
    seconds=0.06,
    warm_up=0.01,
    threads=4,
    connections=(2,),
    rebuilt_lives=10,
    listed=30,
    mailboxes=(60, 120),
    searched=120,
    peers=False,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module keeps its mailboxes of some size."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def warm_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that start at once: how one starts from cold is the same for all that is measured over HTTP."""

    @contextmanager
    def start(module: str, *arguments: str) -> Iterator[Program]:
        with started("-m", module, *arguments) as server:
            try:
                yield server
            finally:
                server.terminate()
                server.wait()

    monkeypatch.setattr(processes, "_started", start)


@pytest.fixture
def bench(tmp_path: Path, kept: Path) -> Bench:
    return Bench(TINY, tmp_path, kept)


def quantities(findings: list[Finding]) -> dict[str, tuple[float, ...]]:
    """Every number of some findings, by what it says."""
    claimed = {claim.what: claim.values for finding in findings for claim in finding.claims}
    beside = {f"{each.who}: {each.unit}": each.values for finding in findings for each in finding.beside}
    return claimed | beside


def test_lives_in_process_are_measured_beside_stock_eventsourcing(bench: Bench) -> None:
    findings = list(lives_in_process.measure(bench))
    assert {claim.bar for finding in findings for claim in finding.claims if claim.bar} == {
        BARS["B3"],
        BARS["B4"],
        BARS["B5"],
    }
    assert all(value > 0 for values in quantities(findings).values() for value in values)


def test_one_thread_alone_needs_a_commit_for_every_write(bench: Bench) -> None:
    assert lives_in_process.ours(bench, threads=1)["commits per write"] == 1


def test_lives_in_an_encrypted_store_are_measured_beside_one_in_clear(bench: Bench) -> None:
    for finding in encrypted.measure(bench):
        (claim,) = finding.claims
        assert (claim.ours.who, claim.peer and claim.peer.who) == ("encrypted", "in clear")
        assert claim.median > 0


def test_lives_over_http_are_measured_without_dovecot_too(bench: Bench) -> None:
    (finding,) = lives_over_http.measure(bench)
    assert "Dovecot is not here" in finding.title
    assert {each.unit for each in finding.beside} == {"lives/s", "p50 ms", "p99 ms"}
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


@pytest.mark.usefixtures("warm_servers")
def test_pages_are_measured_beside_an_empty_answer(bench: Bench) -> None:
    (finding,) = listing.measure(bench)
    assert [claim.bar for claim in finding.claims] == [BARS["B6"], BARS["B6"], None, None]
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_a_rebuild_is_measured_beside_a_stock_projection(bench: Bench) -> None:
    (finding,) = rebuild.measure(bench)
    assert [claim.bar for claim in finding.claims] == [BARS["B9"], BARS["B10"]]
    assert all(value > 0 for value in finding.claims[0].values)


def test_verifying_is_measured_beside_hashing_alone(bench: Bench) -> None:
    (finding,) = verifying.measure(bench)
    assert [claim.bar for claim in finding.claims] == [verifying.BAR, None, None]
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_everything_can_be_asked_for_by_name(bench: Bench) -> None:
    assert [finding.title for finding in measured(bench, ["rebuild"])] == ["Rebuild of 40 events"]
    assert {"in-process", "http", "list", "disk", "search", "pages", "create", "bystander"} < set(MEASURED)


# --- Mailboxes that grow ---------------------------------------------------------------------------


def test_looking_back_is_measured_in_a_large_mailbox_and_leaves_it_as_it_is(bench: Bench) -> None:
    shelf = mailboxes.store(bench, 120).parent
    before = sorted(shelf.iterdir())
    (finding,) = as_of_large.measure(bench)
    assert len(finding.claims) == 14
    assert [series.who for series in finding.beside] == [as_of_large.FIRST, as_of_large.INTAKE]
    assert all(value > 0 for values in quantities([finding]).values() for value in values)
    assert sorted(shelf.iterdir()) == before


@pytest.mark.usefixtures("warm_servers")
def test_pages_are_measured_in_a_large_and_a_small_mailbox(bench: Bench) -> None:
    (finding,) = paging.measure(bench)
    assert [claim.bar for claim in finding.claims] == [BARS["B7"]] * len(paging.PAGES)
    assert {(dot.line, dot.x) for dot in finding.dots} == {
        (page, n) for page in paging.PAGES for n in (60, 120)
    }
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


@pytest.mark.usefixtures("warm_servers")
def test_a_bystander_is_measured_beside_hard_questions(bench: Bench) -> None:
    (finding,) = bystander.measure(bench)
    assert [claim.bar for claim in finding.claims] == [bystander.BAR] * 4
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_creation_is_measured_in_copies_so_that_the_kept_mailboxes_stay_as_they_are(bench: Bench) -> None:
    (finding,) = creating.measure(bench)
    assert finding.claims[0].bar == BARS["B8"]
    assert finding.claims[0].median > 0
    assert [mailboxes.held(mailboxes.store(bench, size)) for size in (60, 120)] == [60, 120]


def test_rebuilds_are_measured_by_the_size_of_the_mailbox_with_their_memory(bench: Bench) -> None:
    (finding,) = rebuild_by_size.measure(bench)
    assert [claim.bar for claim in finding.claims] == [BARS["B11"], BARS["B12"]]
    assert [dot.x for dot in finding.dots] == [60, 120]
    assert 0 <= finding.claims[1].median < 300  # so few letters may fit into what an idle process holds


def test_the_meter_of_memory_sees_what_a_process_holds() -> None:
    """In a process of its own, whose peak nothing else has raised before."""
    script = (
        "from benchmarks.rebuild_alone import peak\n"
        "idle = peak()\n"
        "held = b'x' * (64 * 2**20)\n"
        "print(peak() - idle)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 60 < float(told.stdout) < 80


def test_smaller_mailboxes_than_a_bar_speaks_of_give_a_hint_and_no_verdict(bench: Bench) -> None:
    (finding,) = creating.measure(bench)
    assert finding.claims[0].smaller
    console = Console(file=StringIO(), record=True, width=200)
    console.print(table([finding]))
    assert "a hint" in console.export_text()


def test_a_message_on_disk_is_more_than_its_events(bench: Bench) -> None:
    lives, drafts = on_disk.measure(bench)
    assert lives.claims[0].bar == BARS["B15"]
    for finding in (lives, drafts):
        (claim,) = finding.claims
        assert claim.median > 1
        parts = sum(each.median for each in finding.beside if each.who == "on disk")
        assert parts == pytest.approx(claim.ours.median, rel=0.01)


@pytest.mark.usefixtures("warm_servers")
def test_a_search_is_measured_without_dovecot_too(bench: Bench) -> None:
    (finding,) = searching.measure(bench)
    assert "Dovecot is not here" in finding.title
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_an_import_is_measured_beside_pythons_own(bench: Bench) -> None:
    (finding,) = importing.measure(bench)
    assert [claim.bar for claim in finding.claims] == [importing.BAR]
    assert finding.claims[0].smaller
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_a_mailbox_is_made_once_and_made_again_when_it_has_grown(bench: Bench) -> None:
    path = mailboxes.store(bench, 30)
    (path.parent / "mark").touch()
    assert (mailboxes.store(bench, 30).parent / "mark").exists()
    with mailboxes.opened(path) as (_, alex):
        for _ in range(4):
            alex.create_draft(subject="one more")
    assert not (mailboxes.store(bench, 30).parent / "mark").exists()
    assert mailboxes.held(path) == 30


def test_a_mailbox_of_another_file_format_is_not_used_again(bench: Bench, kept: Path) -> None:
    old = kept / "31-0123456789ab"
    shutil.copytree(mailboxes.store(bench, 30).parent, old)
    assert mailboxes.store(bench, 31).parent != old
    assert not old.exists()


def test_the_letters_of_a_large_mailbox_are_different_and_always_the_same() -> None:
    every = [letters.letter(number) for number in range(200)]
    assert every == [letters.letter(number) for number in range(200)]
    assert len({each.text for each in every}) == 200
    assert 40 < sum(letters.COMMON in each.text for each in every) < 160
    assert [number for number in range(200) if letters.RARE in every[number].text] == [17]
    assert letters.RARE in letters.mime(17).decode()


def test_the_quick_run_is_smaller_and_compares_a_large_with_a_small_mailbox() -> None:
    assert (QUICK.small, QUICK.medium, QUICK.large) == (1_000, 1_000, 10_000)
    assert (Sizes().small, Sizes().medium, Sizes().large) == (10_000, 100_000, 1_000_000)


# --- Plots -----------------------------------------------------------------------------------------


SVG = "{http://www.w3.org/2000/svg}"


def read(picture: str) -> ElementTree.Element:
    """A picture as its elements; fails if it is no valid XML."""
    return ElementTree.fromstring(picture)  # noqa: S314 - drawn here


def a_plot() -> str:
    """Two lines of three points, drawn."""
    dots = [
        Dot("throughput", line, x, Series(line, "lives/s", (low, low + 7, low + 20)))
        for line, base in (("Letterbook", 500), ("Dovecot <sdbox>", 300))
        for x, low in ((1, base), (4, 2 * base), (32, 3 * base))
    ]
    results = as_json([Finding("title", dots=tuple(dots))], TINY)
    (plot,) = (plot for plot in plots.PLOT_KINDS if plot.name == "throughput")
    return plots.svg(plot, plots.lines_of(results, plot.name), "measured today")


def test_a_plot_is_a_picture_with_its_numbers_in_words() -> None:
    picture = read(a_plot())
    assert picture.tag == f"{SVG}svg"
    (words,) = picture.findall(f"{SVG}desc")
    assert words.text is not None
    assert words.text.startswith("Letterbook: 507 lives/s at 1, 1,007 lives/s at 4, 1,507 lives/s at 32.")
    assert "Dovecot <sdbox>: 307 lives/s at 1" in words.text


def test_a_plot_has_a_dot_for_every_median_inside_its_frame() -> None:
    dots = [each for each in read(a_plot()).iter(f"{SVG}circle") if len(each)]
    assert len(dots) == 6
    assert all(plots.LEFT <= float(dot.attrib["cx"]) <= plots.WIDTH - plots.RIGHT for dot in dots)
    assert all(plots.TOP <= float(dot.attrib["cy"]) <= plots.HEIGHT - plots.BOTTOM for dot in dots)
    higher, lower = float(dots[2].attrib["cy"]), float(dots[0].attrib["cy"])
    assert higher < lower, "more is further up"


def test_every_plot_is_drawn_that_has_points(tmp_path: Path) -> None:
    dots = tuple(
        Dot(name, "one line", x, Series("who", "unit", (0.02 * x,)))
        for name in ("listing", "rebuild")
        for x in (1_000, 1_000_000)
    )
    drawn = plots.draw(as_json([Finding("title", dots=dots)], TINY), tmp_path / "plots")
    assert [path.name for path in drawn] == ["listing.svg", "rebuild.svg"]
    for path in drawn:
        labels = [each.text for each in read(path.read_text()).iter(f"{SVG}text")]
        assert {"1k", "1M"} < set(labels)


@pytest.mark.parametrize(
    ("highest", "ticks"), [(1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (1507, [0, 500, 1000, 1500, 2000]), (0, [0])]
)
def test_an_axis_has_round_numbers(highest: float, ticks: list[float]) -> None:
    assert plots._steps(highest) == pytest.approx(ticks)


# --- The harness -----------------------------------------------------------------------------------


def test_everyone_takes_a_turn_in_every_round_and_nobody_is_always_first(tmp_path: Path) -> None:
    order: list[str] = []

    def runner(name: str) -> Callable[[], Reading]:
        def run() -> Reading:
            order.append(name)
            return {"per second": len(order)}

        return run

    bench = Bench(Sizes(rounds=3), tmp_path)
    rounds = bench.take_turns({"A": runner("A"), "B": runner("B")})
    assert "".join(order) == "ABBAAB"
    assert rounds.series("A", "per second").values == (1, 4, 5)


def test_what_takes_too_long_gets_one_round(tmp_path: Path) -> None:
    rounds = Bench(Sizes(rounds=3), tmp_path).take_turns({"A": lambda: {"n": 1}}, patience=0)
    assert len(rounds.readings["A"]) == 1


def test_ratios_are_taken_round_by_round() -> None:
    ours, peer = Series("ours", "/s", (10, 40, 90)), Series("peer", "/s", (5, 10, 10))
    claim = Claim("what", ours, peer, BARS["B9"])
    assert list(claim.values) == [2, 4, 9]
    assert claim.median == 4
    assert claim.met is False


@pytest.mark.parametrize(("bar", "value", "met"), [("B2", 1.0, True), ("B2", 0.99, False)])
def test_a_bar_is_a_least_value(bar: str, value: float, met: bool) -> None:
    assert Claim("what", Series("ours", "", (value,)), bar=BARS[bar]).met is met


@pytest.mark.parametrize(("bar", "value", "met"), [("B5", 0.1, True), ("B5", 0.11, False)])
def test_or_a_most_value(bar: str, value: float, met: bool) -> None:
    assert Claim("what", Series("ours", "", (value,)), bar=BARS[bar]).met is met


def test_the_report_names_every_bar_also_those_nobody_measured(tmp_path: Path) -> None:
    finding = Finding("title", (Claim("writes", Series("ours", "/s", (2.0, 3.0)), bar=BARS["B2"]),))
    publish([finding], TINY, tmp_path / "results.json")
    written = json.loads((tmp_path / "results.json").read_text())
    assert written["findings"][0]["claims"][0]["bar"] == {"name": "B2", "needed": "≥ 1", "met": True}
    assert len(written["not_measured"]) == len(BARS) - 1 == len(unmeasured([finding]))
    assert as_json([finding], TINY)["rounds"] == 1


def test_the_sample_is_two_kilobytes_of_html_for_three_people() -> None:
    assert len(BODY.encode()) == 2048
    assert mime().count(b"@contoso.com>") == 5
    assert b"text/html" in mime()


# --- The load on peers -----------------------------------------------------------------------------


async def _answer_imap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An IMAP server that says yes to everyone but a stranger, and numbers what is appended."""
    writer.write(b"* OK ready\r\n")
    uid = 0
    while line := await reader.readline():
        tag, command, *rest = line.split(b" ")
        if command == b"APPEND":
            await reader.readexactly(int(rest[-1].strip(b"{+}\r\n")) + 2)
            uid += 1
            writer.write(b"%s OK [APPENDUID 17 %d] done.\r\n" % (tag, uid))
        elif command == b"LOGIN" and rest[0] == b"stranger":
            writer.write(b"%s NO [AUTHENTICATIONFAILED] who?\r\n" % tag)
        else:
            writer.write(b"* untagged\r\n%s OK done.\r\n" % tag)
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def an_imap_server() -> AsyncIterator[int]:
    hung_up = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer_imap(reader, writer)
        hung_up.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            await asyncio.wait_for(hung_up.wait(), timeout=5)


async def _imap(user: str) -> Stopwatch:
    now = asyncio.get_running_loop().time()
    watch = Stopwatch(begins=now, ends=now + 0.05)
    async with an_imap_server() as port:
        await imap_lives(Load("imap-lives", port, [user], 0.05, 0), user, watch)
    return watch


def test_a_life_over_imap_has_four_steps() -> None:
    watch = asyncio.run(_imap("alexw"))
    assert watch.lives > 0
    assert 0 <= len(watch.steps) - 4 * watch.lives <= 4


def test_a_search_over_imap_is_one_step() -> None:
    now = perf_counter()
    watch = Stopwatch(begins=now, ends=now + 0.05)

    async def search() -> None:
        async with an_imap_server() as port:
            await imap_searches(Load("imap-searches", port, ["alexw"], 0.05, 0, word="x"), "alexw", watch)

    asyncio.run(search())
    assert 0 <= len(watch.steps) - watch.lives <= 1


def test_a_step_slower_than_the_whole_run_is_as_slow_as_it_is() -> None:
    async def slow() -> bytes:
        await asyncio.sleep(0.04)
        return b""

    async def measured() -> Stopwatch:
        watch = Stopwatch(begins=perf_counter(), ends=perf_counter() + 0.01)
        await watch.step(asyncio.ensure_future(slow()))
        return watch

    reading = asyncio.run(measured()).reading()
    assert reading["p50 ms"] >= 40
    assert reading["steps/s"] <= 25


def test_a_load_that_is_refused_is_an_error_and_not_a_fast_answer() -> None:
    with pytest.raises(Refusal, match="who"):
        asyncio.run(_imap("stranger"))


def test_dovecot_keeps_to_the_folder_it_is_given() -> None:
    settings = dovecot.SETTINGS.format_map(
        dict.fromkeys(["internal", "internal_group", "login", "uid", "gid", "fsync", "indexing"], "x")
        | {"folder": "FOLDER", "mail": "FOLDER/mail", "port": 1143}
    )
    paths = [line.partition("=")[2] for line in settings.splitlines() if "/" in line]
    assert paths
    assert all("FOLDER/" in path for path in paths)
    assert "listen = 127.0.0.1" in settings
