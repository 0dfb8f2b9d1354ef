"""Search folders that nobody uses go, as Graph's do after 45 days (*mailSearchFolder*, lifecycle).

That somebody looked is no fact: nothing changed, and the history would fill with it. It is kept beside the
history, to the day (ADR 52). Looking again makes a folder last, however late, unless it is gone.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from letterbook.application import foldering
from letterbook.application.engine import Engine
from letterbook.application.troubles import StoreDamaged
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion

LIFE = timedelta(days=45)
"""How long a search folder lasts that nobody uses."""
EXACT_TO = timedelta(days=1)
"""How long it takes until a further use is noted: looking should write as seldom as may be."""
ACTOR = "system:search-folders"


def use(engine: Engine, mailbox: UUID, folder: UUID) -> None:
    """Keep in mind that a search folder is used now."""
    now = engine.clock.now()
    with engine.store.reading() as session:
        last = session.uses.last(mailbox, folder)
    if last is None or now - last >= EXACT_TO:
        engine.run(partial(_note, mailbox, folder, now))


def _note(mailbox: UUID, folder: UUID, now: datetime, work: Work) -> None:
    work.session.uses.note(mailbox, folder, now)


def expire(engine: Engine) -> int:
    """Remove the search folders that nobody has used for so long; gives how many there were.

    A mailbox whose history is damaged keeps no other from it; the first damage is raised in the end.
    """
    now = engine.clock.now()
    with engine.store.reading() as session:
        unused = session.uses.before(now - LIFE)
    expired, damages = 0, list[StoreDamaged]()
    for names in unused:
        try:
            expired += engine.run(partial(_expire, *names, engine.occasion(ACTOR)))
        except StoreDamaged as damage:
            damages.append(damage)
    if damages:
        raise damages[0]
    return expired


def _expire(mailbox: UUID, folder: UUID, on: Occasion, work: Work) -> bool:
    """The job that removes one, unless it was used meanwhile, or is gone already."""
    last = work.session.uses.last(mailbox, folder)
    if last is None or last >= on.at - LIFE:
        return False
    work.session.uses.drop(mailbox, folder)
    try:
        search = work.mailbox(mailbox).folder(folder).search
    except refusals.NotFound:
        return False
    if search is not None:
        foldering.delete(work, mailbox, folder, on)
    return search is not None
