"""Replay Graph's examples and publish the score: ``make conformance``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conformance.lived_in import Builder
from tests.conformance.replaying import replayed
from tests.conformance.report import publish, score, unexpected
from tests.looping import Conversations
from tests.notifying.receiver import receiving


def main() -> int:
    """Gives the exit status: whether every example is answered as printed or refused on purpose."""
    with Conversations() as loop, TemporaryDirectory() as place, receiving() as endpoint:
        run = list(replayed(Builder(Path(place), loop, endpoint.url)))
    wrong = unexpected(run)
    sys.stdout.write("\n".join([*wrong, score(run), ""]))
    if not wrong:
        publish(run)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
