"""How fast a history is verified, by Letterbook and by the independent verifier, beside hashing alone.

Hashing alone is the limit: one SHA-256 over the bytes of each event, all of them in memory, and nothing read,
compared or put into a tree.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter
from types import ModuleType

from benchmarks import filling, mailboxes
from benchmarks.bars import Bar
from benchmarks.harness import Bench, Claim, Finding, Reading
from letterbook import Book, Checkpoint, Mailbox, Witnesses

OURS, INDEPENDENT, HASHING = "letterbook verify", "docs/verifier.py", "hashing alone"
RATE = "events/s"
BAR = Bar("V1", "events/s of the independent verifier", 50_000)
_VERIFIER = Path(__file__).resolve().parent.parent / "docs" / "verifier.py"


def measure(bench: Bench) -> Iterator[Finding]:
    """Events per second, with a checkpoint from outside that covers all of them."""
    path = bench.new_folder("verified") / "mail.db"
    with mailboxes.opened(path) as (book, alex):
        bench.tell("writing a history to verify")
        filling.fill(book, alex.id, bench.sizes.rebuilt_lives)
        checkpoint, material, verifier = alex.checkpoint(), covered(book, alex), load()
        rounds = bench.take_turns(
            {
                OURS: lambda: ours(book, checkpoint),
                INDEPENDENT: lambda: independent(verifier, path, book, checkpoint),
                HASHING: lambda: hashing(material),
            }
        )
    absolute = Claim(f"{INDEPENDENT}, {RATE}", rounds.series(INDEPENDENT, RATE), bar=BAR)
    yield Finding(
        f"Verifying {checkpoint.size:,} events",
        (
            absolute,
            rounds.claim("", f"{INDEPENDENT} ÷ {HASHING}", RATE, INDEPENDENT, HASHING),
            rounds.claim("", f"{OURS} ÷ {HASHING}", RATE, OURS, HASHING),
        ),
    )


def load() -> ModuleType:
    """The independent verifier, which is no part of a package."""
    spec = spec_from_file_location("letterbook_verifier", _VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def covered(book: Book, alex: Mailbox) -> list[bytes]:
    """What the hash of each event covers besides the hash before it."""
    with book.engine.store.reading() as session:
        return [event.covered or b"" for event in session.evidence.events(alex.id)]


def ours(book: Book, checkpoint: Checkpoint) -> Reading:
    """Look at the whole store."""
    begin = perf_counter()
    report = book.verify(Witnesses([checkpoint]))
    seconds = perf_counter() - begin
    assert report.good, "nobody has tampered with it"
    return {RATE: sum(each.events for each in report.mailboxes) / seconds}


def independent(verifier: ModuleType, path: Path, book: Book, checkpoint: Checkpoint) -> Reading:
    """Look at the mailbox through nothing but SQLite."""
    keys = [book.checkpoints.notary.public]
    with closing(sqlite3.connect(path)) as connection:
        begin = perf_counter()
        outside = list(verifier.read_notes(checkpoint.note, keys))
        size, _, bad = verifier.check_mailbox(connection, checkpoint.mailbox.bytes, outside, keys)
        seconds = perf_counter() - begin
    assert bad is None, "nobody has tampered with it"
    return {RATE: size / seconds}


def hashing(material: list[bytes]) -> Reading:
    """One hash for each event."""
    begin, previous = perf_counter(), bytes(32)
    for each in material:
        previous = sha256(previous + each).digest()
    return {RATE: len(material) / (perf_counter() - begin)}
