"""The warm process outlives whatever becomes of those who ask it for programs."""

import os
import time

from tests import warm


def test_a_program_that_has_ended_can_be_killed() -> None:
    """Whoever kills it need not have heard of that."""
    with warm.started("-c", "print('done')") as program:
        assert program.stdout.readline() == "done\n"
        for _ in range(200):
            program.kill()
        assert program.wait() in (0, -9)


def test_nobody_has_to_wait_for_the_end() -> None:
    """Who asked has gone, and the next one is served all the same."""
    with warm.started("-c", "import time; time.sleep(0.2)") as program:
        program._ends.close()
        time.sleep(0.5)
        program.returncode = 0
    assert warm.run("-c", "print('next')").stdout == "next\n"


def test_what_is_killed_is_told_by_its_signal() -> None:
    with warm.started("-c", "import time; time.sleep(60)") as program:
        os.kill(program.pid, 9)
        assert program.wait() == -9
