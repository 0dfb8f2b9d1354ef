"""The processes of a measured run: servers, and the load that is put on them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.load import Load


@contextmanager
def serving(what: str) -> Iterator[int]:
    """``benchmarks.server`` on a store (or ``--empty``); gives its port."""
    with _started("benchmarks.server", what) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise RuntimeError(f"the server for {what} did not start")
        yield int(line)


@contextmanager
def _started(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def put_load(load: Load) -> dict[str, float]:
    """Run a load in a process of its own; gives what it measured."""
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(load)), stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return {name: float(value) for name, value in found.items()}
