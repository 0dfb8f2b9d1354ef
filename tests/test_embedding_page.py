"""The page for embedders is true: its examples are done, and every name in it can be imported."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import letterbook
from letterbook.application.delivery import GIVE_UP_AFTER

PAGE = (Path(__file__).parent.parent / "docs/embedding.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(python|text)\n(.*?)^```$", PAGE, re.M | re.S)


def test_the_examples_print_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, as in one session."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "embedding"}
    with redirect_stdout(StringIO()) as printed:
        for kind, text in BLOCKS:
            if kind == "python":
                exec(compile(text, "embedding.md", "exec"), names)  # noqa: S102 - our own examples
    promised = [text for kind, text in BLOCKS if kind == "text"]
    assert (printed.getvalue(), len(promised)) == ("".join(promised), 2)


def test_every_name_on_the_page_is_public() -> None:
    """Whatever is written in code with a capital and is one word."""
    named = set(re.findall(r"`([A-Z]\w+)`", PAGE)) - {"ValueError", "TypeError"}
    assert len(named) > 10
    assert named <= set(letterbook.__all__)


def test_the_page_knows_when_delivery_gives_up() -> None:
    assert f"After {GIVE_UP_AFTER} attempts" in PAGE
