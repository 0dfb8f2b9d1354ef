"""How a client is run: as a program of its own, with a server of its own, pointed at it as the page says."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

from letterbook import open_book
from tests.authority import Vouched
from tests.clients.plot import ADELE, ALEX, INVITATION, NUMBERS
from tests.clients.snippets import PAGE, pointing
from tests.serving import serving_on

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALLED = ROOT / "build" / "clients"
SCOPES = "Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite User.Read User.ReadBasic.All"


PATIENCE = 300
"""Seconds that a client may take for all its steps."""


@dataclass(frozen=True)
class Done:
    """How each step of a client went, why its program ended early if it did, and the store it left behind."""

    wrong: dict[str, str | None]
    ended: str
    store: Path


@dataclass(frozen=True)
class Client:
    """A released client, the program that uses it, and the steps that the program takes."""

    name: str
    program: str
    steps: tuple[str, ...]
    tls: bool = False
    drafts: bool = True
    mentions: bool = False
    attaches: bool = True
    uploads: bool = False

    def command(self, folder: Path) -> list[str]:
        """How the program is started, once its snippet and its own folder are in place."""
        return _node(self, folder) if self.program.endswith(".mjs") else _python(self, folder)


def _python(client: Client, folder: Path) -> list[str]:
    interpreter = INSTALLED / "python" / "bin" / "python"
    assert interpreter.exists(), "clients for Python are not installed: `make clients` does it"
    (folder / "pointed.py").write_text(pointing(client.name), "utf-8")
    return [str(interpreter), str(HERE / "python" / client.program)]


def _node(client: Client, folder: Path) -> list[str]:
    """Node looks for packages above the file that imports them, so the program is put below them."""
    modules = INSTALLED / "node" / "node_modules"
    assert shutil.which("node"), "Node 20 or newer is missing, which clients for JavaScript run on"
    assert modules.is_dir(), "clients for JavaScript are not installed: `make clients` does it"
    for module in (HERE / "node").glob("*.mjs"):
        shutil.copy(module, folder)
    (folder / "pointed.mjs").write_text(pointing(client.name), "utf-8")
    (folder / "node_modules").symlink_to(modules)
    return ["node", str(folder / client.program)]


def furnish(store: Path) -> str:
    """People, a letter that waits, twelve more in Archive; gives a token for Alex."""
    with open_book(store, deliver=False) as book:
        alex, adele = book.mailbox(ALEX, name="Alex Wilber"), book.mailbox(ADELE, name="Adele Vance")
        adele.send_mail(subject=INVITATION, body="The new cafeteria is open.", to=[ALEX])
        book.deliver()
        for number in NUMBERS:
            alex.move(alex.create_draft(subject=number, body="A letter."), "archive")
        return book.token(ALEX, SCOPES)


def run(client: Client, folder: Path, vouched: Vouched) -> Done:
    """What a client did with a store in a folder."""
    command = client.command(folder)
    token = furnish(folder / "mail.db")
    words = ("--tls-cert", str(vouched.chain), "--tls-key", str(vouched.key)) if client.tls else ()
    with serving_on(folder / "mail.db", *words, trusting=vouched.trusting()) as server:
        url = server.said["url"].replace("https://127.0.0.1", "https://localhost")
        said, ended = _heard(command, _environment(folder, vouched, GRAPH=url, TOKEN=token))
    told = [json.loads(line) for line in said.splitlines() if line.startswith('{"step"')]
    return Done({each["step"]: each["wrong"] for each in told}, ended, folder / "mail.db")


def _heard(command: list[str], environment: dict[str, str]) -> tuple[str, str]:
    """What a program said, and why steps that it did not tell of were not taken."""
    with subprocess.Popen(command, env=environment, stdout=PIPE, stderr=STDOUT, text=True) as process:
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    return said, f"not taken, exit code {process.returncode}: {said}"


def _environment(folder: Path, vouched: Vouched, **more: str) -> dict[str, str]:
    """What a client finds: the snippet that points it, and whom it is told to trust."""
    paths = os.pathsep.join([str(ROOT), str(folder)])
    trusted = re.findall(r"^export (\w+)=authority.pem", PAGE.read_text("utf-8"), re.M)
    assert len(trusted) == 3
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | dict.fromkeys(trusted, str(vouched.authority)) | {"PYTHONPATH": paths} | more
