"""The benchmark runs: every measured thing once, tiny. How fast it was is not asked here."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import dovecot, listing, lives_in_process, lives_over_http, rebuild
from benchmarks.__main__ import MEASURED, measured
from benchmarks.bars import BARS
from benchmarks.harness import Bench, Claim, Finding, Reading, Series, Sizes
from benchmarks.load import Load, Refusal, Stopwatch, imap_lives
from benchmarks.report import as_json, publish, unmeasured
from benchmarks.sample import BODY, mime

TINY = Sizes(
    rounds=1,
    seconds=0.1,
    warm_up=0.02,
    threads=4,
    connections=(2,),
    rebuilt_lives=10,
    listed=30,
    peers=False,
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(TINY, tmp_path)


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


def test_lives_over_http_are_measured_without_dovecot_too(bench: Bench) -> None:
    (finding,) = lives_over_http.measure(bench)
    assert "Dovecot is not here" in finding.title
    assert {each.unit for each in finding.beside} == {"lives/s", "p50 ms", "p99 ms"}
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_pages_are_measured_beside_an_empty_answer(bench: Bench) -> None:
    (finding,) = listing.measure(bench)
    assert finding.claims[0].bar == BARS["B6"]
    assert all(value > 0 for values in quantities([finding]).values() for value in values)


def test_a_rebuild_is_measured_beside_a_stock_projection(bench: Bench) -> None:
    (finding,) = rebuild.measure(bench)
    assert finding.claims[0].bar == BARS["B9"]
    assert all(value > 0 for value in finding.claims[0].values)


def test_everything_can_be_asked_for_by_name(bench: Bench) -> None:
    assert [finding.title for finding in measured(bench, ["rebuild"])] == ["Rebuild of 40 events"]
    assert set(MEASURED) == {"in-process", "http", "list", "rebuild"}


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
    console = Console(record=True, width=200, quiet=True)
    publish([finding], TINY, console, tmp_path / "results.json")
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


def test_a_load_that_is_refused_is_an_error_and_not_a_fast_answer() -> None:
    with pytest.raises(Refusal, match="who"):
        asyncio.run(_imap("stranger"))


def test_dovecot_keeps_to_the_folder_it_is_given() -> None:
    settings = dovecot.SETTINGS.format_map(
        dict.fromkeys(["internal", "internal_group", "login", "uid", "gid", "fsync"], "x")
        | {"folder": "FOLDER", "port": 1143}
    )
    paths = [line.partition("=")[2] for line in settings.splitlines() if "/" in line]
    assert paths
    assert all("FOLDER/" in path for path in paths)
    assert "listen = 127.0.0.1" in settings
