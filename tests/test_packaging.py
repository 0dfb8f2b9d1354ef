"""What is installed is what is written here: packages, links, pins and the wheel."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LINKED = ("domain", "application", "adapters")


def settings() -> dict[str, Any]:
    """The project's own pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules_of(folder: str) -> list[Path]:
    """Every module of a top-level folder, relative to the root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py"))


def dotted(path: Path) -> str:
    """The import name of a module file: `domain/facts.py` is `letterbook.domain.facts`."""
    parts = path.with_suffix("").parts
    return ".".join(("letterbook", *(part for part in parts if part not in ("letterbook", "__init__"))))


def direct_dependencies() -> list[Requirement]:
    """What the project itself asks for: at run time, in tests and in development."""
    pyproject = settings()
    groups = pyproject["dependency-groups"]
    asked = [*pyproject["project"]["dependencies"], *groups["test"], *groups["dev"]]
    return [Requirement(line) for line in asked]


def locked() -> dict[str, str]:
    """Name and version of every pin in the lock."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.M)
    }


def test_every_package_in_the_tree_is_in_the_list() -> None:
    """The list is explicit, so a subpackage that is not in it would be missing from the wheel."""
    in_tree = {dotted(module.parent) for folder in LINKED for module in modules_of(folder)}
    assert in_tree - set(settings()["tool"]["setuptools"]["packages"]) == set()


def test_every_package_in_the_list_is_in_the_tree() -> None:
    """A package that is gone must leave the list, or no wheel can be built."""
    listed = settings()["tool"]["setuptools"]["packages"]
    assert [name for name in listed if not (ROOT / name.replace(".", "/") / "__init__.py").exists()] == []


@pytest.mark.parametrize("folder", LINKED)
def test_the_links_are_relative(folder: str) -> None:
    """An absolute link would point at the machine it was made on."""
    assert (ROOT / "letterbook" / folder).readlink() == Path("..") / folder


def test_the_lock_names_no_address() -> None:
    """Where packages are fetched from is the business of whoever installs them."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert not re.search(r"^-|^\s+--(?!hash=sha256:)|\s@\s", lock, re.M)


def test_every_pin_has_a_hash() -> None:
    """A pin without a hash would trust whatever carries the right name."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [number for number, line in enumerate(lines) if "==" in line and not line.startswith((" ", "#"))]
    assert pins
    assert [lines[pin] for pin in pins if not lines[pin + 1].startswith("    --hash=sha256:")] == []


def test_the_lock_pins_every_direct_dependency() -> None:
    """A dependency added to pyproject.toml needs `make lock`, and must lie within its own bounds."""
    pins = locked()
    unmet = [
        str(asked)
        for asked in direct_dependencies()
        if not asked.specifier.contains(pins.get(canonicalize_name(asked.name), "0.dev0"))
    ]
    assert unmet == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer would; built from a copy, to leave no traces in the tree."""
    source = tmp_path_factory.mktemp("source")
    for file in (ROOT / "pyproject.toml", ROOT / "LICENSE", *ROOT.glob("*.md")):
        shutil.copy(file, source)
    for folder in ("letterbook", *LINKED):
        shutil.copytree(ROOT / folder, source / folder, symlinks=True)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    with ZipFile(built) as archive:
        archive.extractall(out / "unpacked")
    return out / "unpacked"


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    """The top-level folders are found under letterbook/, complete and typed."""
    missing = [
        str(module)
        for folder in LINKED
        for module in modules_of(folder)
        if not (wheel / "letterbook" / module).exists()
    ]
    assert missing == []
    assert (wheel / "letterbook" / "py.typed").exists()


def test_the_wheel_claims_only_its_own_name(wheel: Path) -> None:
    """A top-level `domain` in the wheel would clash with an embedder's own."""
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {"letterbook"}


def test_the_wheel_imports(wheel: Path, tmp_path: Path) -> None:
    """Every module comes out of the wheel itself, with the tree out of reach."""
    names = [dotted(module) for folder in LINKED for module in modules_of(folder)]
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[2:]:\n"
        "    found = importlib.import_module(name).__file__\n"
        "    assert found.startswith(sys.argv[1]), found\n"
    )
    command = [sys.executable, "-c", program, str(wheel), *names]
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
