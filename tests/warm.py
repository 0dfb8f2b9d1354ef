"""The command ``letterbook`` for long walks: each is a process of its own, forked from one that is warm.

To import the program takes longer than most commands do. The warm process has imported it once; a stand-in
named ``letterbook`` hands on what the shell handed over: the words, the folder, the environment, the files.
"""

import gc
import marshal
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

STAND_IN = """\
    #!{python} -IS
    import marshal, os, socket, sys
    with socket.socket(socket.AF_UNIX) as warm:
        warm.connect({address!r})
        socket.send_fds(warm, [b"."], [0, 1, 2])
        warm.sendall(marshal.dumps((sys.argv[1:], os.getcwd(), dict(os.environ))))
        warm.shutdown(socket.SHUT_WR)
        code = warm.recv(1)
    sys.exit(code[0] if code else "the warm process is gone")
"""


@contextmanager
def warm_letterbook(environment: dict[str, str]) -> Iterator[str]:
    """A search path on which ``letterbook`` is the stand-in, while the warm process is there."""
    with TemporaryDirectory() as folder:
        address, stand_in = str(Path(folder, "warm")), Path(folder, "letterbook")
        stand_in.write_text(dedent(STAND_IN).format(python=sys.executable, address=address), encoding="utf-8")
        stand_in.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen()
            command = [sys.executable, "-m", "tests.warm", str(listener.fileno())]
            place = Path(__file__).parents[1]
            warm = subprocess.Popen(
                command, cwd=place, env=environment, stdin=subprocess.PIPE, pass_fds=[listener.fileno()]
            )
        try:
            yield os.pathsep.join([folder, environment["PATH"]])
        finally:
            warm.communicate()
    assert warm.returncode == 0


class Kitchen:
    """The warm process at work."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ready = selectors.DefaultSelector()
        self._ready.register(listener, selectors.EVENT_READ)
        self._ready.register(sys.stdin, selectors.EVENT_READ)
        self._answers: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> bool:
        """Start a process for whoever asks, until nobody does; gives whether this is such a process."""
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is sys.stdin:
                    return False
                if key.fileobj is self._listener:
                    if self._fork():
                        return True
                else:
                    self._ended(key.fd)

    def _fork(self) -> bool:
        asker, _ = self._listener.accept()
        _, files, _, _ = socket.recv_fds(asker, 1, 3)
        said = b"".join(iter(lambda: asker.recv(1 << 16), b""))
        ended, alive = os.pipe()
        pid = os.fork()
        if pid == 0:
            words, folder, environment = marshal.loads(said)  # noqa: S302 - our own stand-in said it
            _become(words, folder, environment, files)
            return True
        for file in (*files, alive):
            os.close(file)
        self._answers[ended] = pid, asker
        self._ready.register(ended, selectors.EVENT_READ)
        return False

    def _ended(self, pipe: int) -> None:
        """A process has ended, and with it the last that held the other end of its pipe."""
        pid, asker = self._answers.pop(pipe)
        self._ready.unregister(pipe)
        os.close(pipe)
        with asker:
            asker.sendall(bytes([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF]))


def _become(words: list[str], folder: str, environment: dict[str, str], files: list[int]) -> None:
    """Be the process that the stand-in was started as."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - to the end
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - the same
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["letterbook", *words]


if __name__ == "__main__":
    from letterbook.__main__ import main
    from letterbook.adapters.cli import drawing  # noqa: F401 - tables are drawn by most commands

    gc.freeze()
    if Kitchen(socket.socket(fileno=int(sys.argv[1]))).serve():
        main()
