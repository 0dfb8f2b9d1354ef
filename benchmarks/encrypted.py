"""What encryption costs: lives of messages and large parts in an encrypted store, beside one that is not."""

import shutil
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from time import process_time

from benchmarks import lives_in_process
from benchmarks.harness import FULL, Bench, Finding, Reading
from letterbook.adapters.blobs import FolderBlobs
from letterbook.adapters.file_forms import CLEAR, Form
from letterbook.adapters.sealed_files import Sealed

SEALED, PLAIN = "encrypted", "in clear"
PIECE = 1024 * 1024
CPU = "ms of processor time"
FORMS: dict[str, Form] = {SEALED: Sealed(bytes(32)), PLAIN: CLEAR}


def measure(bench: Bench) -> Iterator[Finding]:
    """Lives per second, alone and in a crowd; processor time of files, large and small."""
    for threads in (1, bench.sizes.threads):
        rounds = bench.take_turns(
            {
                SEALED: partial(lives_in_process.ours, bench, threads, encrypted=True),
                PLAIN: partial(lives_in_process.ours, bench, threads),
            }
        )
        lives = lives_in_process.LIVES
        claim = rounds.claim("", f"{lives}, {SEALED} ÷ {PLAIN}", lives, SEALED, PLAIN)
        yield Finding(f"Lives in an encrypted store, threads: {threads}", (claim,))
    large = 150 if bench.sizes is FULL else 15
    yield _files(bench, f"A file of {large} MB, kept and read", large, PIECE, 1)
    yield _files(bench, "An attachment of 100 KB, kept and read", 1, 100_000, 200)


def _files(bench: Bench, what: str, pieces: int, length: int, times: int) -> Finding:
    rounds = bench.take_turns(
        {name: partial(keep_and_read, bench, form, pieces, length, times) for name, form in FORMS.items()}
    )
    return Finding(what, (rounds.claim("", f"{CPU}, {SEALED} ÷ {PLAIN}", CPU, SEALED, PLAIN),))


def keep_and_read(bench: Bench, form: Form, pieces: int, length: int, times: int) -> Reading:
    """Files that come in pieces, each other bytes than the one before."""
    folder = bench.new_folder("blobs")
    blobs, begin = FolderBlobs(folder, form), process_time()
    for number in range(times):
        ref = blobs.keep(repeat(number.to_bytes(8) + bytes(length - 8), pieces))
        for _ in blobs.pieces(ref):
            pass
    taken = process_time() - begin
    shutil.rmtree(folder)
    return {CPU: 1000 * taken / times}
