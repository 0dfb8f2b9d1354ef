"""``python -m benchmarks.rebuild_alone STORE`` makes the views of a store again; says how long and how large.

The time is that of rows and full text. It has a process of its own, because only its peak of memory can be
told from that of everything before it.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.mailboxes import opened

EVENTS, SECONDS, MEGABYTES = "events", "seconds", "MB above idle"
_STATUS = Path("/proc/self/status")


def main() -> None:
    """Rebuild what the command line names."""
    with opened(Path(sys.argv[1])) as (book, _):
        idle, begin = peak(), perf_counter()
        rebuilt = book.rebuild()
        seconds = perf_counter() - begin
    events = sum(each.events for each in rebuilt)
    print(json.dumps({EVENTS: events, SECONDS: seconds, MEGABYTES: peak() - idle}))


def peak() -> float:
    """The most memory this process ever held, in MB.

    Linux lets ``ru_maxrss`` begin with what the parent held when it started us, so its own record is asked
    first (getrusage(2), proc(5)).
    """
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
