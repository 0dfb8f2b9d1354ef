"""Programs for tests, forked from a process that is warm: each is a process of its own, and starts at once.

To import the program takes longer than most tests of it do. The warm process has imported it once. It starts
whatever ``python`` could start (:func:`started`, :func:`run`), and the command ``letterbook``, for which a
stand-in on the search path hands on what the shell handed over: the words, the folder, the environment, the
files. That the program starts from cold is tested where starting is (``tests/cli/test_starting.py``).
"""

import gc
import marshal
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import TextIO

ROOT = Path(__file__).parents[1]
STAND_IN = """\
    #!{python} -IS
    import marshal, os, socket, sys
    with socket.socket(socket.AF_UNIX) as warm:
        warm.connect({address!r})
        socket.send_fds(warm, [b"."], [0, 1, 2])
        warm.sendall(marshal.dumps((["-m", "letterbook", *sys.argv[1:]], os.getcwd(), dict(os.environ))))
        warm.shutdown(socket.SHUT_WR)
        pid, code = warm.recv(4), warm.recv(4)
    sys.exit(int.from_bytes(code, "little", signed=True) & 0xFF if code else "the warm process is gone")
"""


# --- Where programs are started --------------------------------------------------------------------


@dataclass
class Program:
    """A program that runs. Speaks as ``subprocess.Popen`` does; what it says has to fit into a pipe."""

    pid: int
    stdout: TextIO
    stderr: TextIO
    _ends: socket.socket
    returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it has ended; the negative number of a signal that has ended it."""
        try:
            return self.wait(0)
        except BlockingIOError:
            return None

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, once it has ended. Raises TimeoutError if that takes longer."""
        if self.returncode is None:
            self._ends.settimeout(timeout)
            told = self._ends.recv(4)
            assert told, "the warm process is gone"
            self.returncode = int.from_bytes(told, "little", signed=True)
        return self.returncode

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """What it and whatever it has started say until all of them end."""
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()

    def send_signal(self, number: signal.Signals) -> None:
        """A signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has, and nobody has told so yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        """``kill -9``."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """``kill``."""
        self.send_signal(signal.SIGTERM)


@contextmanager
def started(*words: str) -> Iterator[Program]:
    """What ``python`` with these words would start; killed at the end of the block, if it still runs."""
    with ExitStack() as open_files:
        (said, saying), (erred, erring) = os.pipe(), os.pipe()
        out, err = (open_files.enter_context(os.fdopen(end, encoding="utf-8")) for end in (said, erred))
        ends = open_files.enter_context(socket.socket(socket.AF_UNIX))
        ends.connect(str(_warm()))
        with Path(os.devnull).open("rb") as silence:
            socket.send_fds(ends, [b"."], [silence.fileno(), saying, erring])
        os.close(saying)
        os.close(erring)
        ends.sendall(marshal.dumps((words, str(Path.cwd()), dict(os.environ))))
        ends.shutdown(socket.SHUT_WR)
        pid = ends.recv(4)
        assert pid, "the warm process is gone"
        program = Program(int.from_bytes(pid, "little"), out, err, ends)
        try:
            yield program
        finally:
            program.kill()
            program.wait()


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """What ``python`` with these words would do, as it was when it was done."""
    with started(*words) as program:
        said, errors = program.communicate()
        return subprocess.CompletedProcess(words, program.wait(), said, errors)


@contextmanager
def warm_letterbook() -> Iterator[str]:
    """A folder for the search path in which ``letterbook`` is the stand-in."""
    with TemporaryDirectory() as folder:
        stand_in = Path(folder, "letterbook")
        text = dedent(STAND_IN).format(python=sys.executable, address=str(_warm()))
        stand_in.write_text(text, encoding="utf-8")
        stand_in.chmod(0o755)
        yield folder


_until_the_end = ExitStack()


@cache
def _warm() -> Path:
    """Where the warm process listens; it is started for the first who asks."""
    address = Path(_until_the_end.enter_context(TemporaryDirectory()), "warm")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        command = [sys.executable, "-m", "tests.warm", str(listener.fileno())]
        warm = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
    _until_the_end.callback(warm.communicate)
    return address


def end() -> None:
    """Nobody will start anything any more."""
    _until_the_end.close()
    _warm.cache_clear()


# --- The warm process ------------------------------------------------------------------------------


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
            words, folder, environment = marshal.loads(said)  # noqa: S302 - our own tests said it
            _become(words, folder, environment, files)
            return True
        for file in (*files, alive):
            os.close(file)
        _tell(asker, pid)
        self._answers[ended] = pid, asker
        self._ready.register(ended, selectors.EVENT_READ)
        return False

    def _ended(self, pipe: int) -> None:
        """A process has ended, and with it the last that held the other end of its pipe."""
        pid, asker = self._answers.pop(pipe)
        self._ready.unregister(pipe)
        os.close(pipe)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with asker:
            _tell(asker, code)


def _tell(asker: socket.socket, number: int) -> None:
    """Answer, unless nobody listens any more."""
    with suppress(BrokenPipeError, ConnectionResetError):
        asker.sendall(number.to_bytes(4, "little", signed=True))


def _become(words: list[str], folder: str, environment: dict[str, str], files: list[int]) -> None:
    """Be the process that was asked for."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - to the end
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - the same
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [*words]


def _python() -> None:
    """What ``python`` does with its words: ``-c`` and a program, ``-m`` and a module, or a file."""
    how, what, *_ = sys.argv
    if how == "-c":
        del sys.argv[1]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own tests said it
    elif how == "-m":
        del sys.argv[0]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(how, run_name="__main__")


if __name__ == "__main__":
    import letterbook.adapters.cli.commands
    import letterbook.adapters.cli.drawing
    import letterbook.adapters.cli.server
    import letterbook.adapters.graph.app
    import letterbook.adapters.tokens  # noqa: F401 - what most programs import

    gc.freeze()
    if Kitchen(socket.socket(fileno=int(sys.argv[1]))).serve():
        _python()
