"""B14: a search for a frequent and a rare word, beside Dovecot's SEARCH with the best index it comes with.

Letterbook answers with the first 25 messages in full, Dovecot with the number of every message it found.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import quote

from benchmarks import letters, mailboxes
from benchmarks.dovecot import best_index, dovecot, index_inbox, program
from benchmarks.harness import Bench, Finding, Reading, Run
from benchmarks.load import Load
from benchmarks.processes import answer, put_load, serving
from letterbook import open_book

OURS = "Letterbook"
RATE = "steps/s"
WORDS = {"a frequent word": letters.COMMON, "a rare word": letters.RARE}
_USER = "alexw"


def measure(bench: Bench) -> Iterator[Finding]:
    """Searches per second, one at a time."""
    size = bench.sizes.searched
    title = f"$search in {size:,} messages"
    path = mailboxes.store(bench, size)
    with open_book(path, deliver=False) as book:
        token = book.token(mailboxes.OWNER)
    with ExitStack() as servers:
        port = servers.enter_context(serving(str(path)))
        for word in WORDS.values():
            assert answer(port, token, _path(word, ""))["value"], f"some letters hold {word}"
        runs: dict[str, Run] = {
            f"{OURS}, {what}": partial(_ours, bench, port, token, word) for what, word in WORDS.items()
        }
        peer = _add_peer(bench, servers, runs) if bench.sizes.peers and program() else ""
        rounds = bench.take_turns(runs)
    claims = [
        rounds.claim(
            "B14",
            f"searches/s for {what} ÷ {peer}",
            RATE,
            f"{OURS}, {what}",
            f"{peer}, {what}",
            smaller=size < 100_000,
        )
        for what in (WORDS if peer else ())
    ]
    beside = tuple(rounds.series(who, quantity) for who in runs for quantity in ("p50 ms", "p99 ms"))
    yield Finding(title if peer else f"{title}; Dovecot is not here", tuple(claims), beside)


def _path(word: str, new: str = "&n={new}") -> str:
    quoted = quote(f'"{word}"')
    return f"/v1.0/me/messages?$top=25&$search={quoted}{new}"


def _ours(bench: Bench, port: int, token: str, word: str) -> Reading:
    return put_load(_load(bench, "gets", port, token, path=_path(word)))


def _add_peer(bench: Bench, servers: ExitStack, runs: dict[str, Run]) -> str:
    """Dovecot on the same letters; gives how it is called."""
    index = best_index()
    peer = f"Dovecot, {index} index" if index else "Dovecot, no index"
    mail = kept_mail(bench, bench.sizes.searched, index)
    folder = bench.new_folder("dovecot")
    port = servers.enter_context(dovecot(folder, mail=mail, index=index))
    for what, word in WORDS.items():
        runs[f"{peer}, {what}"] = partial(_peer, bench, port, word)
    return peer


def _peer(bench: Bench, port: int, word: str) -> Reading:
    return put_load(_load(bench, "imap-searches", port, _USER, word=word))


def _load(bench: Bench, kind: str, port: int, caller: str, path: str = "/", word: str = "") -> Load:
    sizes = bench.sizes
    return Load(kind, port, [caller], sizes.seconds, sizes.warm_up, path, word)


def kept_mail(bench: Bench, size: int, index: str) -> Path:
    """Dovecot's own files of a mailbox of the same letters, made once and kept for the next run."""
    shelf = bench.kept or bench.folder / "kept"
    name = f"dovecot-{size}-{index or 'plain'}-{letters.key()}"
    mail = shelf / name
    if not mail.exists():
        bench.tell(f"writing {size:,} letters into Dovecot, kept for the next run (minutes)")
        part = mailboxes.fresh(shelf / f"{name}.part")
        folder = bench.new_folder("dovecot")
        with dovecot(folder, "never", mail=part, index=index) as port:
            put_load(Load("imap-fill", port, [_USER], 1, 0, str(size)))
            if index:
                index_inbox(folder, _USER)
        part.rename(mail)
    return mail
