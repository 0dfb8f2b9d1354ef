"""What changed, as data: for the answers of the Graph face and of the command line."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from letterbook.application.completeness import own_facts
from letterbook.application.engine import Engine
from letterbook.application.past import Point, position
from letterbook.application.timeline import Changed, Comparison, Difference, Moment, timeline
from letterbook.domain.facts import name_of

Data = dict[str, Any]


def moments(engine: Engine, mailbox: UUID, name: UUID) -> list[Moment]:
    """What every fact of a message changed. Refuses a message that never was."""
    read_meeting = partial(engine.meeting, mailbox)
    return list(timeline(engine.history(mailbox, name), engine.store.blobs.get, read_meeting))


def differences(
    engine: Engine,
    mailbox: UUID,
    since: Point,
    until: Point | None,
    *,
    message: UUID | None = None,
    folder: UUID | None = None,
) -> list[Difference]:
    """What is otherwise at one point than at another (``None``: now): of a message, a folder, or all.

    Refuses points that have not come yet, and a message that never was.
    """
    start = position(engine, mailbox, since)
    end = None if until is None else position(engine, mailbox, until)
    if message is not None:
        engine.history(mailbox, message)
    with engine.store.reading() as session:
        own_facts(session, mailbox)  # all that is compared is there
        end = session.history.head(mailbox).seq if end is None else end
        read = engine.store.blobs.get, partial(engine.meeting, mailbox)
        compared = Comparison(session.history, mailbox, start, end, *read)
        return list(_of(compared, message, folder))


def _of(compared: Comparison, message: UUID | None, folder: UUID | None) -> Iterator[Difference]:
    if message is not None:
        return compared.of_message(message)
    return compared.of_mailbox() if folder is None else compared.of_folder(folder)


def moment_data(moment: Moment) -> Data:
    """One fact of a message: where, what, when, who, why, and what it changed."""
    recorded = moment.recorded
    on = recorded.fact.on
    return {
        "position": recorded.seq,
        "version": recorded.version,
        "fact": name_of(recorded.fact),
        "when": on.at.isoformat(),
        "recorded": recorded.recorded_at.isoformat(),
        "who": on.actor,
        "why": on.cause,
        "changes": changes_data(moment.changes),
    }


def difference_data(difference: Difference) -> Data:
    """Something that is otherwise."""
    return {
        "what": difference.what,
        "id": difference.id,
        "name": difference.name,
        "how": difference.how,
        "changes": changes_data(difference.changes),
    }


def changes_data(changes: Iterable[Changed]) -> list[Data]:
    """Properties as they were and as they are."""
    return [{"property": each.name, "before": each.before, "after": each.after} for each in changes]
