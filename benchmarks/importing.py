"""How fast mail is brought in: an mbox file into Letterbook, beside the same file into a Maildir of Python's.

Both read the same letters and have each of them on disk at the end. Letterbook also writes its views and the
search index.
"""

import mailbox
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks import letters
from benchmarks.bars import Bar
from benchmarks.harness import Bench, Claim, Finding, Reading
from benchmarks.mailboxes import OWNER, fresh
from letterbook import open_book

OURS = "Letterbook"
PEER = "Python's mailbox.Maildir"
RATE = "letters/s"
BAR = Bar("import", "letters/s from an mbox file ÷ Python's Maildir, each letter synced", 1)
_MARK = b"From alexw@contoso.com Mon Mar  2 09:30:00 2026\n"


def measure(bench: Bench) -> Iterator[Finding]:
    """Letters per second, from the first to the last."""
    size = bench.sizes.searched
    file = kept_file(bench, size)
    runs = {OURS: partial(_ours, bench, file, size), PEER: partial(_peer, bench, file, size)}
    rounds = bench.take_turns(runs, bench.sizes.few_rounds, bench.sizes.patience)
    ours, peer = (rounds.series(who, RATE) for who in (OURS, PEER))
    claim = Claim(f"{RATE} ÷ {PEER}", ours, peer, BAR, size < 100_000)
    yield Finding(f"Import of {size:,} letters from an mbox file", (claim,))


def kept_file(bench: Bench, size: int) -> Path:
    """The letters as an mbox file, made once and kept for the next run."""
    folder = (bench.kept or bench.folder / "kept") / f"mbox-{size}-{letters.key()}"
    if not folder.exists():
        bench.tell(f"writing {size:,} letters into an mbox file, kept for the next run")
        part = fresh(folder.with_suffix(".part"))
        with (part / "Inbox.mbox").open("wb") as file:
            for number in range(size):
                file.write(_MARK + letters.mime(number).replace(b"\r\n", b"\n") + b"\n")
        part.rename(folder)
    return folder / "Inbox.mbox"


def _ours(bench: Bench, file: Path, size: int) -> Reading:
    with open_book(bench.new_folder("import") / "mail.db", deliver=False) as book:
        alex = book.mailbox(OWNER)
        begin = perf_counter()
        report = alex.import_mail(file)
        took = perf_counter() - begin
    assert report.imported == size, report.left_out[:1]
    return {RATE: size / took}


def _peer(bench: Bench, file: Path, size: int) -> Reading:
    """Read and kept by Python's own ``mailbox``, which syncs each file; its folder is synced by nobody."""
    source = mailbox.mbox(file, create=False)
    target = mailbox.Maildir(bench.new_folder("maildir") / "Inbox", create=True)
    begin = perf_counter()
    count = sum(1 for _ in map(target.add, source))
    took = perf_counter() - begin
    source.close()
    assert count == size, "every letter was kept"
    return {RATE: size / took}
