"""The domain reads no clock, invents no name and touches no world."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path(__file__).resolve().parents[2] / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

PURE = {
    "base64",
    "binascii",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "html",
    "html.parser",
    "math",
    "pydantic",
    "re",
    "types",
    "typing",
    "uuid",
}
"""What a rule may lean on. Nothing here has a clock, chance or a way out, but for the names below."""
IMPURE_NAMES = {
    *("now", "today", "utcnow", "uuid1", "uuid4", "uuid6", "uuid7", "uuid8", "getnode"),
    *("open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "globals"),
}


def imported(module: ast.AST) -> Iterator[str]:
    """The modules that a module imports, by full name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def named(module: ast.AST) -> Iterator[str]:
    """Every name, attribute and imported name that a module uses."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def impurities(source: str) -> set[str]:
    """Everything in a module that is not pure."""
    module = ast.parse(source)
    strangers = {
        name for name in imported(module) if name not in PURE and not name.startswith("letterbook.domain")
    }
    # `re.compile` only reads a pattern; the builtin of that name runs text
    calls = {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)} & {"compile"}
    return strangers | ({*named(module)} & IMPURE_NAMES - calls)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(DOMAIN).as_posix())
def test_the_domain_is_pure(path: Path) -> None:
    assert impurities(path.read_text(encoding="utf-8")) == set()


def test_every_module_of_the_domain_is_looked_at() -> None:
    assert {path.stem for path in MODULES} >= {"facts", "rules", "fold", "mailbox", "text"}


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "from letterbook.application.ports import Clock",
        "from . import facts",
        "datetime.now(UTC)",
        "date.today()",
        "from uuid import uuid4",
        "uuid.uuid1()",
        "open('x')",
        "def f(): import sqlite3",
    ],
)
def test_this_test_sees_what_is_not_pure(line: str) -> None:
    assert impurities(line)
