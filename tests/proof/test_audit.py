"""The walk of docs/audit.md is done, command by command, and what it says is printed is printed."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proof.independent import FILE, ROOT
from tests.test_readme import environment, run_shell
from tests.warm import warm_letterbook

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def blocks() -> Iterator[tuple[str, str]]:
    """The fenced blocks of the page: language and text."""
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        yield found[1], found[2]


def words(line: str) -> str:
    """A line without the spaces that put it into columns."""
    return " ".join(line.split())


def as_pattern(promised: str) -> re.Pattern[str]:
    """Lines that follow each other somewhere in an answer; an ellipsis stands for anything in its line."""
    lines = [words(line) for line in promised.splitlines() if line.strip()]
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in lines]
    return re.compile(r"(?:\n.*)*?\n.*?".join(patterns))


END_OF_BLOCK = "-- end of block --"


def as_typed(language: str, text: str) -> str:
    """A block as it is typed into a shell, and a mark behind what it prints."""
    typed = text if language == "sh" else f"python3 - << 'END_OF_PYTHON'\n{text}END_OF_PYTHON\n"
    return f"{typed}echo '{END_OF_BLOCK}'\n"


def test_the_walk_can_be_walked(tmp_path: Path) -> None:
    """In one folder and one shell, from the first command to the last: what is set stays set."""
    shutil.copy(FILE, tmp_path)
    walked = [block for block in blocks() if block[0] in ("sh", "python")]
    script = "".join(as_typed(*block) for block in walked)
    with warm_letterbook() as warm:
        printed = run_shell(script, tmp_path, PATH=os.pathsep.join([warm, environment()["PATH"]]))
    answers = iter(printed.split(f"{END_OF_BLOCK}\n"))
    answer = ""
    for language, text in blocks():
        if language in ("sh", "python"):
            answer = next(answers)
        else:
            assert as_pattern(text).search("\n".join(map(words, answer.splitlines()))), answer
    assert [*answers] == [""]
    assert [language for language, _ in walked].count("sh") == 13
    assert [language for language, _ in walked].count("python") == 2


def test_a_promise_that_is_not_kept_is_noticed() -> None:
    """Or the walk would show nothing."""
    assert as_pattern("one …\ntwo\n").search("zero\none 1\nand\ntwo")
    assert not as_pattern("one …\ntwo\n").search("two\none 1")


@pytest.mark.parametrize("page", ["audit.md", "proofs.md"])
def test_the_verifier_is_short_and_knows_nothing_of_letterbook(page: str) -> None:
    """As both pages say."""
    source = FILE.read_text(encoding="utf-8")
    imported = re.findall(r"^\s*(?:import|from) (\w+)", source, re.MULTILINE)
    assert len(source.splitlines()) < 200
    assert "letterbook" not in imported
    assert set(imported) - {"cryptography"} <= set(__import__("sys").stdlib_module_names)
    assert "verifier.py" in (ROOT / "docs" / page).read_text(encoding="utf-8")
