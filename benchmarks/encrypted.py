"""What encryption costs: lives of messages in an encrypted store, beside one that is not."""

from collections.abc import Iterator
from functools import partial

from benchmarks import lives_in_process
from benchmarks.harness import Bench, Finding

SEALED, CLEAR = "encrypted", "in clear"


def measure(bench: Bench) -> Iterator[Finding]:
    """Lives per second, alone and in a crowd."""
    for threads in (1, bench.sizes.threads):
        rounds = bench.take_turns(
            {
                SEALED: partial(lives_in_process.ours, bench, threads, encrypted=True),
                CLEAR: partial(lives_in_process.ours, bench, threads),
            }
        )
        lives = lives_in_process.LIVES
        claim = rounds.claim("", f"{lives}, {SEALED} ÷ {CLEAR}", lives, SEALED, CLEAR)
        yield Finding(f"Lives in an encrypted store, threads: {threads}", (claim,))
