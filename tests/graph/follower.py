"""A client that keeps a copy of a folder, or of all folders, by following delta links and nothing else."""

from dataclasses import dataclass, field
from typing import Any

from tests.graph.client import Graph

FOLDERS = "/me/mailFolders"
INBOX, DRAFTS, ARCHIVE, SENT = (
    f"{FOLDERS}/{name}/messages" for name in ("inbox", "drafts", "archive", "sentitems")
)


@dataclass
class Follower:
    """Believes the last word it was told of each thing."""

    graph: Graph
    link: str
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """Everything it was ever told of, in order."""
    in_round: bool = False
    may_lose_track: bool = False
    """Whether it is prepared to begin anew, as a follower of a search folder has to be."""

    def step(self) -> dict[str, Any]:
        """Ask for one page: the page."""
        if self.may_lose_track and (answer := self.graph.get(self.link)).status_code == 410:
            self.known.clear()
            self.link = answer.headers["Location"]
        page = self.graph.read(self.link)
        links = [name for name in ("@odata.nextLink", "@odata.deltaLink") if name in page]
        assert len(links) == 1, "a page has one link or the other"
        for thing in page["value"]:
            self._believe(dict(thing))
        self.link, self.in_round = page[links[0]], links == ["@odata.nextLink"]
        return page

    def _believe(self, thing: dict[str, Any]) -> None:
        self.told.append(thing["id"])
        assert thing["@odata.type"].startswith("#microsoft.graph.")
        if "Search" not in thing["@odata.type"]:  # lists name only types that are not the usual ones
            del thing["@odata.type"]
        if "@removed" in thing:
            self.known.pop(thing["id"], None)
        else:
            self.known[thing["id"]] = thing

    def round(self) -> list[dict[str, Any]]:
        """Ask until there is no more now: everything that was told, page by page."""
        told: list[dict[str, Any]] = [*self.step()["value"]]
        while self.in_round:
            told += self.step()["value"]
        return told

    def catch_up(self) -> None:
        """End the round that is going on, if one is, and make another."""
        while self.in_round:
            self.step()
        self.round()


def follow(graph: Graph, path: str, query: str = "", size: int = 0, *, lasting: bool = False) -> Follower:
    """Somebody who begins to follow, if ``lasting`` by immutable ids; ``size``: the most things on a page."""
    wishes = ['IdType="ImmutableId"'] if lasting else []
    wishes += [f"odata.maxpagesize={size}"] if size else []
    asker = graph.saying(Prefer=", ".join(wishes)) if wishes else graph
    return Follower(asker, f"{path}/delta{'?' if query else ''}{query}")


def drafts(alex: Graph, number: int) -> list[str]:
    """The ids of new drafts, the first made first."""
    return [alex.draft(subject=f"Draft {each}")["id"] for each in range(number)]


def removed(page: list[dict[str, Any]]) -> dict[str, str]:
    """What a page says is gone, and why."""
    return {thing["id"]: thing["@removed"]["reason"] for thing in page if "@removed" in thing}
