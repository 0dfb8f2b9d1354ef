"""The processes of a measured run: servers, and the load that is put on them."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.load import Load, Refusal


@contextmanager
def serving(what: str, workers: int = 1) -> Iterator[int]:
    """``benchmarks.server`` on a store (or ``--empty``), so many processes; gives its port."""
    with _started("benchmarks.server", what, str(workers)) as server:
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
    return _said("benchmarks.load", said=json.dumps(asdict(load)))


def rebuilt(path: str) -> dict[str, float]:
    """Make the views of a store again in a process of its own; gives what it measured."""
    return _said("benchmarks.rebuild_alone", path)


def _said(module: str, *arguments: str, said: str = "") -> dict[str, float]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, input=said, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {name: float(value) for name, value in found.items()}


def answer(port: int, token: str, path: str) -> dict[str, Any]:
    """What a server answers to one GET. Raises :class:`Refusal` if it does not say yes."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        found = connection.getresponse()
        raw = found.read()
    if found.status != 200:
        raise Refusal(raw[:400].decode(errors="replace"))
    said: dict[str, Any] = json.loads(raw)
    return said
