"""The server as a process of its own."""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

import httpx


@dataclass
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    client: httpx.Client

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        """Tell it to stop; gives its exit code and what it said on the side for errors."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=15)
        return self.process.returncode, errors


@contextmanager
def serving_on(store: Path, *words: str, trusting: ssl.SSLContext | bool = True) -> Iterator[Server]:
    """Start `letterbook serve` on a free port, and wait until it listens."""
    command = [sys.executable, "-m", "letterbook", "serve", "--store", str(store), "--port", "0", "--json"]
    with subprocess.Popen([*command, *words], stdout=PIPE, stderr=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            with httpx.Client(base_url=said["listening"], timeout=15, verify=trusting) as client:
                yield Server(process, said, client)
        finally:
            if process.poll() is None:
                process.kill()
