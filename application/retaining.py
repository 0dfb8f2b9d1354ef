"""Retention: what has been kept as long as its folder says is removed, unless a hold is on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from letterbook.application.completeness import own_facts
from letterbook.application.engine import Engine
from letterbook.application.ports import Recorded
from letterbook.application.querying import Compare, Field, Is
from letterbook.application.troubles import StoreDamaged
from letterbook.application.work import Work, tell
from letterbook.domain.expiry import is_due, is_thrown_away
from letterbook.domain.facts import Occasion
from letterbook.domain.folders import ancestors
from letterbook.domain.mailbox import FolderMoved, Mailbox
from letterbook.domain.message import DeleteForGood, Erase
from letterbook.domain.retention import RetentionAction, RetentionSet

RETENTION = "system:retention"
BATCH = 100
"""Messages that go in one transaction, while other writers wait."""

Progress = Callable[[float, float], None]
"""Is told how much is done, and of how much: mailboxes, and parts of them."""


@dataclass(frozen=True, slots=True)
class Retained:
    """What retention did in one folder: how many messages it removed, and passed over as they are held.

    ``impossible`` are those that it could not erase, because the store is not encrypted.
    """

    mailbox: UUID
    folder: UUID
    rule: RetentionSet
    removed: int = 0
    held: int = 0
    impossible: int = 0


@dataclass(frozen=True, slots=True)
class _Round:
    """One folder, what counts there, up to when, and in whose name messages go."""

    mailbox: UUID
    folder: UUID
    rule: RetentionSet
    until: datetime
    thrown_away: bool
    all_held: bool
    on: Occasion


def retain(
    engine: Engine, stop: Callable[[], bool] = lambda: False, progress: Progress | None = None
) -> list[Retained]:
    """Remove what has been kept long enough; tells of every folder in which there was something to do.

    A mailbox whose history is damaged keeps no other from it; the first damage is raised in the end.
    """
    done: list[Retained] = []
    damages: list[StoreDamaged] = []
    people = engine.people()
    for number, person in enumerate(people):
        watch = _Watch(progress or _unwatched, number, len(people))
        try:
            rounds = list(_rounds(engine, person.mailbox))
            for each, part in zip(rounds, watch.parts(len(rounds)), strict=True):
                if not stop():
                    done.append(_run(engine, each, stop, part))
        except StoreDamaged as damage:
            damages.append(damage)
        watch(1)
    if damages:
        raise damages[0]
    return [each for each in done if each.removed or each.held or each.impossible]


@dataclass(frozen=True, slots=True)
class _Watch:
    """Tells how much is done of one part among all: a mailbox, or a folder of it."""

    tell: Progress
    before: float
    total: float
    width: float = 1

    def __call__(self, share: float) -> None:
        self.tell(self.before + share * self.width, self.total)

    def parts(self, count: int) -> Iterator["_Watch"]:
        """The same for each of its parts, as wide as one another."""
        for number in range(count):
            width = self.width / count
            yield replace(self, before=self.before + number * width, width=width)


def _unwatched(_done: float, _of: float) -> None:
    """Nobody wants to know."""


# --- What to look at -------------------------------------------------------------------------------


def _rounds(engine: Engine, mailbox: UUID) -> Iterator[_Round]:
    """The folders of a mailbox in which something counts, as far as it has come to that."""
    with engine.store.reading() as session:
        own = own_facts(session, mailbox)
        home: Mailbox = tell(session, (mailbox, mailbox)).state
    now = engine.clock.now()
    all_held = any(hold.search is None for hold in home.keeping.holds.placed.values())
    for folder in home.folders.values():
        rule = home.keeping.retention_of(home.folders, folder.id)
        if rule is not None and folder.search is None:
            until = now - timedelta(days=rule.days)
            thrown_away = is_thrown_away(home, folder.id)
            if not (thrown_away and _came(home, own, folder.id) > until):
                on = Occasion(at=now, actor=RETENTION, cause=f"fact:{mailbox}/{_position(own, rule)}")
                yield _Round(mailbox, folder.id, rule, until, thrown_away, all_held, on)


def _position(own: tuple[Recorded, ...], rule: RetentionSet) -> int:
    return next(recorded.seq for recorded in reversed(own) if recorded.fact == rule)


def _came(home: Mailbox, own: tuple[Recorded, ...], folder: UUID) -> datetime:
    """When a folder came to where it is, with all that is in it."""
    above = {each.id for each in ancestors(home.folders, folder)}
    facts = (each.fact for each in own)
    moves = (fact.on.at for fact in facts if isinstance(fact, FolderMoved) and fact.folder_id in above)
    return max(moves, default=own[0].fact.on.at)


# --- What goes -------------------------------------------------------------------------------------


def _run(engine: Engine, its: _Round, stop: Callable[[], bool], watch: _Watch) -> Retained:
    old = Compare(Field.RECEIVED, Is.AT_MOST, its.until)
    with engine.store.reading() as session:
        if its.all_held and not its.thrown_away:  # age is all that there is to know
            held = session.views.count(its.mailbox, its.folder, old)
            return Retained(its.mailbox, its.folder, its.rule, held=held)
        names = session.views.names(its.mailbox, its.folder, old)
    if its.rule.action is RetentionAction.ERASE and not engine.store.encrypted:
        return Retained(its.mailbox, its.folder, its.rule, impossible=len(names))
    removed = held = 0
    for start in range(0, len(names), BATCH):
        if stop():
            break
        gone, kept = engine.run(partial(_remove, its, names[start : start + BATCH]))
        removed, held = removed + gone, held + kept
        watch(min(1, (start + BATCH) / len(names)))
    return Retained(its.mailbox, its.folder, its.rule, removed, held)


def _remove(its: _Round, names: list[UUID], work: Work) -> tuple[int, int]:
    """The job that removes what is due among some messages: how many it was, and how many are held."""
    home = work.mailbox(its.mailbox)
    rule = home.keeping.retention_of(home.folders, its.folder)
    if rule != its.rule or is_thrown_away(home, its.folder) is not its.thrown_away:
        return 0, 0
    due = [name for name in names if _is_due(its, work, name)]
    free = [name for name in due if not work.holds_on(its.mailbox, name)]
    for name in free:
        _take(its, work, name)
    return len(free), len(due) - len(free)


def _take(its: _Round, work: Work, name: UUID) -> None:
    if its.rule.action is RetentionAction.DELETE:
        work.ask_message(its.mailbox, name, DeleteForGood(), its.on)
    else:
        work.ask_message(its.mailbox, name, Erase(f"kept {its.rule.days} days"), its.on)
        work.recall(its.mailbox, name)


def _is_due(its: _Round, work: Work, name: UUID) -> bool:
    message, story = work.message(its.mailbox, name), partial(work.story, its.mailbox, name)
    return is_due(message, its.folder, its.until, story, thrown_away=its.thrown_away)
