"""What an administrator says a mailbox has to keep: holds, and what they were placed on."""

from uuid import UUID

from letterbook.application.completeness import check_whole, own_facts
from letterbook.application.engine import Engine
from letterbook.application.held import Life
from letterbook.application.ports import Recorded
from letterbook.application.work import tell
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion
from letterbook.domain.holds import HoldPlaced, PlaceHold, ReleaseHold, RemovalRefused
from letterbook.domain.retention import RetentionAction, SetRetention


def place_hold(
    engine: Engine, mailbox: UUID, name: str, why: str, search: str | None, on: Occasion
) -> HoldPlaced:
    """Hold a mailbox, or what a search finds in it. Raises ``ValueError`` for one that cannot be read."""
    if search is not None:
        engine.read_search(search, on.at)
    ask = PlaceHold(engine.ids.new(), name, why, search)
    after = engine.run(lambda work: work.ask_mailbox(mailbox, ask, on))
    return after.keeping.holds.placed[ask.hold_id]


def release_hold(engine: Engine, mailbox: UUID, which: str, why: str, on: Occasion) -> HoldPlaced:
    """Release a hold, found by its name or id; gives it as it was placed."""
    hold = engine.mailbox(mailbox).keeping.holds.called(which)
    engine.run(lambda work: work.ask_mailbox(mailbox, ReleaseHold(hold.hold_id, why), on))
    return hold


def set_retention(engine: Engine, mailbox: UUID, ask: SetRetention, on: Occasion) -> None:
    """Say how long messages are kept in a folder; refuses to promise an erasure that is impossible."""
    if ask.action is RetentionAction.ERASE and not engine.store.encrypted:
        raise refusals.StoreUnencrypted
    engine.run(lambda work: work.ask_mailbox(mailbox, ask, on))


def holds_on(engine: Engine, mailbox: UUID, name: UUID) -> list[HoldPlaced]:
    """The holds that are on a message, also on one that was deleted."""
    with engine.store.reading() as session:
        owner = tell(session, (mailbox, mailbox)).state
        told = session.history.of(mailbox, name)
        check_whole(session.views, mailbox, name, told)
    facts = [recorded.fact for recorded in told]
    if not facts or name == mailbox:
        raise refusals.NotFound
    found = Life(owner, mailbox, name, facts, engine.read_search, engine.store.blobs.get).holds()
    return [owner.keeping.holds.placed[each] for each in found]


def refused_removals(engine: Engine, mailbox: UUID) -> list[Recorded]:
    """Everything that stayed because it was held, first to last."""
    with engine.store.reading() as session:
        own = own_facts(session, mailbox)
    return [recorded for recorded in own if isinstance(recorded.fact, RemovalRefused)]


def names_of_holds(engine: Engine, mailbox: UUID) -> dict[UUID, str]:
    """What every hold was called that was ever placed, released ones too."""
    with engine.store.reading() as session:
        own = (recorded.fact for recorded in own_facts(session, mailbox))
        return {fact.hold_id: fact.name for fact in own if isinstance(fact, HoldPlaced)}
