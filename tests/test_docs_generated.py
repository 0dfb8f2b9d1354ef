"""The pages made from the code say what the code says."""

import subprocess
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from letterbook.domain.facts import catalogue
from letterbook.domain.message import MessageFact
from tests import warm

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The script that writes the pages; it is no part of a package."""
    spec = spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(generate: ModuleType) -> None:
    for path, page in generate.pages().items():
        assert path.read_text(encoding="utf-8") == page, f"{path.name} is out of date: run make docs"


def test_the_catalogue_names_every_fact_with_its_fields(generate: ModuleType) -> None:
    page = generate.facts_page()
    for kind in catalogue():
        section = page.partition(f"## `{kind.stored_name}`\n")[2].partition("\n## ")[0]
        assert f"**{kind.__name__}**" in section
        assert all(f"| `{name}` |" in section for name in kind.model_fields if name != "on")


def test_the_life_of_a_message_shows_every_fact_that_can_happen_to_one(generate: ModuleType) -> None:
    happened = {fact for facts in generate.walk().values() for fact in facts}
    assert happened == {kind.__name__ for kind in get_args(MessageFact)}


def test_the_life_of_a_message_goes_from_draft_to_sent_items_and_never_back(generate: ModuleType) -> None:
    page = generate.life_page()
    assert "Draft_Drafts --> SentMessage_SentItems : Sent\n" in page
    assert not any(
        "--> Draft" in line for line in page.splitlines() if "Message_" in line.partition("-->")[0]
    )


def check(docs: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the script of a folder to see whether its pages are up to date."""
    return warm.run(str(docs / "generate.py"), "--check")


def test_a_page_that_is_out_of_date_fails_the_check_and_is_not_touched(tmp_path: Path) -> None:
    for name in ("generate.py", "facts.md", "message-life.md"):
        (tmp_path / name).write_text((ROOT / "docs" / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert check(tmp_path).returncode == 0
    (tmp_path / "facts.md").write_text("stale", encoding="utf-8")
    (tmp_path / "message-life.md").unlink()
    found = check(tmp_path)
    assert found.returncode == 1
    assert "facts.md is out of date" in found.stderr
    assert "message-life.md is out of date" in found.stderr
    assert (tmp_path / "facts.md").read_text(encoding="utf-8") == "stale"
