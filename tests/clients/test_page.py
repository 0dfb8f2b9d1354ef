"""docs/clients.md and the pins of the clients agree, and servers start as the page says."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from letterbook import open_book
from tests.authority import vouched_in
from tests.clients.known import CLIENTS
from tests.clients.node.tidy_lock import tidied
from tests.clients.running import HERE, ROOT
from tests.clients.snippets import PAGE, listed, snippets
from tests.serving import serving_on

NODE, PYTHON = HERE / "node", HERE / "python"
IN_PROCESS = "msgraph-sdk"
"""Runs in the tests' own environment; the README has its snippet."""


def asked_of_python() -> dict[str, str]:
    """The clients for Python by name, and their versions."""
    lines = (PYTHON / "requirements.in").read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)$", lines, re.M))


def asked_of_node() -> dict[str, str]:
    """The clients for JavaScript by name, and their versions."""
    found: dict[str, str] = json.loads((NODE / "package.json").read_text("utf-8"))["dependencies"]
    return found


def test_the_page_lists_every_client_that_is_run_in_its_version() -> None:
    page = listed()
    own = page.pop(IN_PROCESS)
    installed = asked_of_python() | asked_of_node()
    assert page == {client.name: installed[client.name] for client in CLIENTS}
    assert re.search(rf"^msgraph-sdk=={re.escape(own)}\.", (ROOT / "requirements.lock").read_text(), re.M)


def test_every_snippet_is_done_by_a_test() -> None:
    """Whoever adds one has to say here, or in known.py, how it is done."""
    done = {(client.name, "js" if client.program.endswith(".mjs") else "python") for client in CLIENTS}
    done |= {("Clients", "sh"), ("With TLS", "sh")}
    assert {(each.heading, each.language) for each in snippets()} == done


def test_the_environment_is_set_as_the_page_says(tmp_path: Path) -> None:
    (script,) = [each.text for each in snippets() if each.heading == "Clients"]
    with open_book(tmp_path / "mail.db") as book:
        book.add_user("alexw@contoso.com", name="Alex Wilber")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = os.environ | {"PATH": path, "LETTERBOOK_STORE": str(tmp_path / "mail.db")}
    shell = ["sh", "-eu", "-c", f'{script}\necho "$GRAPH $TOKEN"']
    said = subprocess.run(shell, env=known, check=True, capture_output=True, text=True).stdout
    assert re.fullmatch(r"http://127\.0\.0\.1:8025 [\w-]+\.[\w-]+\.[\w-]+\n", said)


def served() -> list[str]:
    """What the page passes to `letterbook serve`."""
    found = re.findall(r"^letterbook serve (.+)$", PAGE.read_text("utf-8"), re.M)
    assert len(found) == 3
    return found


@pytest.mark.parametrize("words", served())
def test_the_server_is_started_as_the_page_says(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouched = vouched_in(tmp_path)
    vouched.key.rename(tmp_path / "localhost-key.pem")
    monkeypatch.chdir(tmp_path)
    with serving_on(tmp_path / "mail.db", *shlex.split(words), trusting=vouched.trusting()) as server:
        assert server.client.get("/v1.0/me").status_code == 401


# --- The pins --------------------------------------------------------------------------------------


def test_the_python_lock_names_no_address_and_hashes_everything() -> None:
    lock = (PYTHON / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    pins = re.findall(r"^([\w.-]+)==(\S+)[^\n]*\n(.{4})", lock, re.M)
    assert len(pins) == len(re.findall(r"^[\w.-]+==", lock, re.M)) > 20
    assert {after for _, _, after in pins} == {"    "}
    assert lock.count(" \\\n    --hash=sha256:") >= len(pins)


def test_the_node_lock_names_no_address_and_hashes_everything() -> None:
    text = (NODE / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    assert "resolved" not in text
    assert tidied(text) == text, "`make lock` wrote it"
    packages = json.loads(text)["packages"]
    assert len(packages) > 20
    assert [
        name for name, each in packages.items() if name and not each["integrity"].startswith("sha512-")
    ] == []


def test_the_locks_pin_what_is_asked_for() -> None:
    locked = json.loads((NODE / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in asked_of_node().items():
        assert locked[f"node_modules/{name}"]["version"] == version
    lock = (PYTHON / "requirements.lock").read_text("utf-8").lower()
    for name, version in asked_of_python().items():
        assert f"\n{name.lower()}=={version} \\\n" in lock
