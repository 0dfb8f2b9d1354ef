"""The snippets of docs/clients.md: how each client is pointed at Letterbook."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"


@dataclass(frozen=True)
class Snippet:
    """One fenced block, and the heading it stands below."""

    heading: str
    language: str
    text: str


def snippets() -> list[Snippet]:
    """Every fenced block of the page, in order."""
    found, heading = [], ""
    for block in re.finditer(r"^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S):
        heading = block[1] or heading
        if block[2]:
            found.append(Snippet(heading, block[2], block[3]))
    return found


def pointing(client: str) -> str:
    """How a client is pointed at Letterbook."""
    (found,) = [each.text for each in snippets() if each.heading == client and each.language != "sh"]
    return found


def listed() -> dict[str, str]:
    """Every client in the table of the page, with its version."""
    rows = re.findall(r"^\| \[(.+?)\]\(#.+?\) \| (\S+) \|", PAGE.read_text("utf-8"), re.M)
    return dict(rows)
