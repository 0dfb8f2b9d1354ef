"""What is published of a replay: docs/conformance.md, and the score in the README."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from tests.conformance.examples import Example, refused_on_purpose
from tests.conformance.replaying import Replayed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance.md"
README = ROOT / "README.md"
SCORE = re.compile(r"(?<=<!-- conformance -->\n).*?(?=\n<!-- /conformance -->)", re.DOTALL)
NOTICE = (
    "<!-- Made by `make conformance` from a replay. Change the code or tests/conformance, not this page. -->"
)
HOW = """\
Each is asked of a fresh server, whose mailbox holds what the page talks about. The status, the members, their
JSON types and what repeats the request have to be as printed; and every answer has to fit the types of
Graph's schema: enum values, forms of dates, no member that the type does not have. Annotations that only
`odata.metadata=full` shows are not asked for.

`U` is `me` or `users/{user}`, `F` a folder of it, `M` a message of it or of a folder.
"""


def unexpected(run: Iterable[Replayed]) -> list[str]:
    """What fails and is not refused on purpose, and what is said to be refused but passes."""
    known = refused_on_purpose()
    return [
        f"{each.example.name}: {'; '.join(each.differences) or 'passes, but is listed in refused.json'}"
        for each in run
        if each.passed == (each.example.name in known)
    ]


def score(run: Sequence[Replayed]) -> str:
    """The score in words, folded like the README's other lines."""
    passed = sum(each.passed for each in run)
    refused = sum(each.example.name in refused_on_purpose() for each in run)
    return (
        f"Of the {len(run)} requests that Graph's documentation prints on its pages about mail, {passed}\n"
        f"are answered as printed, and {refused} otherwise on purpose: [which, and why](docs/conformance.md)."
    )


def page(run: Sequence[Replayed]) -> str:
    """The whole report."""
    in_order = sorted(run, key=_endpoint)
    lines = [_row(name, list(group)) for name, group in groupby(in_order, key=_endpoint)]
    return "\n".join(
        (
            NOTICE,
            "\n# Conformance\n",
            score(run).replace("docs/conformance.md", "#answered-otherwise-on-purpose").replace("\n", " ")
            + "\n",
            HOW,
            "## By endpoint\n",
            "| Endpoint | Examples | As printed | Otherwise on purpose |\n| --- | --- | --- | --- |",
            *lines,
            "\n## Answered otherwise on purpose\n",
            *_reasons(run),
            "",
        )
    )


def _endpoint(each: Replayed) -> str:
    method, _, path = each.example.endpoint().partition(" ")
    return f"{path} {method}"


def _row(name: str, group: list[Replayed]) -> str:
    refused = sum(each.example.name in refused_on_purpose() for each in group)
    shown = group[0].example.endpoint()
    return f"| `{shown}` | {len(group)} | {sum(each.passed for each in group)} | {refused or ''} |"


def _reasons(run: Iterable[Replayed]) -> Iterable[str]:
    known = refused_on_purpose()
    names = {each.example.name: each.example for each in run}
    for why in dict.fromkeys(known.values()):
        listed = [_named(names[name]) for name, reason in known.items() if reason == why]
        yield "\n".join((f"**{why}**\n", *listed, ""))


def _named(example: Example) -> str:
    asked = f"`{example.method} {example.url}`" if example.method else "no request"
    return f"- {example.name}: {asked.replace('|', chr(92) + '|')}"


def publish(run: Sequence[Replayed]) -> None:
    """Write the report and the score."""
    PAGE.write_text(page(run), encoding="utf-8")
    told = README.read_text(encoding="utf-8")
    README.write_text(SCORE.sub(score(run), told), encoding="utf-8")
