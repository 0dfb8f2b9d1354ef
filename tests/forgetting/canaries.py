"""Words that must be nowhere any more, looked for in every file of a store."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path


def spellings(word: str) -> Iterator[bytes]:
    """The ways in which a word may be written somewhere."""
    for case in {word, word.casefold()}:
        yield case.encode()
        yield case.encode("utf-16-le")
        yield case.encode("utf-16-be")
        yield json.dumps(case)[1:-1].encode()


def files_of(store: Path) -> list[Path]:
    """Every file of a store: the database, its log, blobs, uploads, earlier lists, and its key."""
    beside = [path for path in store.parent.glob(f"{store.name}*") if path.suffix != ".outgoing"]
    return [
        each for path in beside for each in (path.rglob("*") if path.is_dir() else [path]) if each.is_file()
    ]


def found(store: Path, words: Iterable[str]) -> set[tuple[str, str]]:
    """Which words are in which files."""
    sought = {word: set(spellings(word)) for word in words}
    hits: set[tuple[str, str]] = set()
    for path in files_of(store):
        held = path.read_bytes()
        hits |= {(path.name, word) for word, ways in sought.items() if any(way in held for way in ways)}
    return hits
