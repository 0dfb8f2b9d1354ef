"""B8: durable creation of drafts in mailboxes that grow."""

from collections.abc import Iterator
from functools import partial

from benchmarks import mailboxes, sample
from benchmarks.filling import TO
from benchmarks.harness import Bench, Finding, Reading, crowd

RATE = "drafts/s"


def measure(bench: Bench) -> Iterator[Finding]:
    """Drafts per second."""
    sizes = bench.sizes
    large, small = (f"at {size:,}" for size in (sizes.large, sizes.small))
    rounds = bench.take_turns(
        {large: partial(create, bench, sizes.large), small: partial(create, bench, sizes.small)}
    )
    smaller = sizes.large < 1_000_000
    claim = rounds.claim("B8", f"{RATE} {large} ÷ {small}", RATE, large, small, smaller=smaller)
    yield Finding(f"Creation in a mailbox that grows, {sizes.threads} threads", (claim,))


def create(bench: Bench, size: int) -> Reading:
    """Drafts into a mailbox that holds many."""
    with mailboxes.opened(mailboxes.to_write_to(bench, size)) as (_, alex):

        def draft() -> None:
            alex.create_draft(subject=sample.SUBJECT, body=sample.BODY, body_type="html", to=TO)

        return {RATE: crowd(draft, bench.sizes.threads, bench.sizes)}
