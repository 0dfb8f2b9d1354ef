"""The two sets of tests: nothing is lost between them, and none of them is a matter of time."""

import os
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests import folders
from tests.chance import PART, WHOLE, examples, profile_of
from tests.folders import place_of

ROOT = Path(__file__).parents[1]


@cache
def modules() -> dict[str, str]:
    """The text of every module of the tests."""
    found = (ROOT / "tests").rglob("*.py")
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in found}


def done_by(target: str) -> str:
    """What make does for a target, once everything is set up."""
    recipe = re.search(rf"^{target}:.*\n\t@(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert recipe is not None
    return recipe[1]


def test_the_whole_set_is_the_set_of_every_change_and_what_is_marked() -> None:
    """One command but for the marks, so that neither sees a folder or an option that the other does not."""
    assert done_by("test-all").replace(' -m ""', "") == done_by("test")
    assert '-m "" ' in done_by("test-all")
    assert "-m" not in done_by("test").partition("pytest")[2]


def test_the_only_mark_that_leaves_tests_out_is_slow() -> None:
    """No test is skipped on the quiet, and none is left out by another word."""
    marked = re.compile(r"pytest\.mark\.(\w+)|pytest\.(skip|importorskip|xfail)\(")
    used = {found[1] or found[2] for text in modules().values() for found in marked.finditer(text)}
    assert used == {"filterwarnings", "parametrize", "slow", "usefixtures"}


@pytest.mark.parametrize(
    ("marks", "profile"), [("", WHOLE), ("slow", WHOLE), ("slow or not slow", WHOLE), ("not slow", PART)]
)
def test_a_run_tries_a_part_only_where_it_leaves_out_what_is_slow(marks: str, profile: str) -> None:
    assert profile_of(marks) == profile


def test_this_run_tries_what_its_marks_say(pytestconfig: pytest.Config) -> None:
    is_whole = profile_of(pytestconfig.option.markexpr) == WHOLE
    assert [examples(number) for number in (200, 20, 6)] == ([200, 20, 6] if is_whole else [50, 10, 6])


@pytest.mark.slow
def test_the_whole_set_tries_everything() -> None:
    assert examples(200) == 200
    assert settings().max_examples == 100


@pytest.mark.parametrize("marks", ["", "slow", "slow or not slow"])
def test_the_whole_set_keeps_its_files_on_the_disk(tmp_path: Path, marks: str) -> None:
    assert place_of(marks, memory=tmp_path, room=0) is None


def test_a_run_that_tries_a_part_keeps_them_in_memory_where_there_is_room(tmp_path: Path) -> None:
    assert place_of("not slow", memory=tmp_path, room=0) == tmp_path
    assert place_of("not slow", memory=tmp_path, room=2**62) is None
    assert place_of("not slow", memory=tmp_path / "nowhere", room=0) is None


def test_what_a_run_starts_keeps_its_files_where_the_run_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unless whoever started it said where."""
    monkeypatch.setattr(folders, "place_of", {"not slow": tmp_path}.get)
    for said in (str(tmp_path / "here"), None):
        if said:
            monkeypatch.setenv("TMPDIR", said)
        else:
            monkeypatch.delenv("TMPDIR")
        monkeypatch.setattr(tempfile, "tempdir", None)
        folders.settle("not slow")
        assert (os.environ["TMPDIR"], tempfile.tempdir) == (
            said or str(tmp_path),
            None if said else str(tmp_path),
        )


def test_no_example_fails_by_taking_long() -> None:
    """Correctness is never tested by timing; how long an example may take is said in one place."""
    assert settings().deadline is None
    assert [path for path, text in modules().items() if re.search(r"\bdeadline=", text)] == [
        "tests/chance.py"
    ]


def test_every_number_of_examples_is_one_of_both_sets() -> None:
    """A number that is written down alone would be the same on every change and in the whole set."""
    said = re.compile(r"\bmax_examples\b=(?!examples\()")
    assert [path for path, text in modules().items() if said.search(text)] == ["tests/chance.py"]
