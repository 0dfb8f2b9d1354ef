"""What happened in a mailbox, and what is different between two points: the part of its Python face."""

from datetime import datetime

from letterbook.adapters import chronicle
from letterbook.adapters.handle import Handle, how_many
from letterbook.application.completeness import check_end
from letterbook.application.points import check_position, read_point
from letterbook.application.ports import Recorded
from letterbook.application.shown import ShownMessage
from letterbook.application.timeline import Difference, Moment
from letterbook.domain.facts import Fact


class LookingBack(Handle):
    """A hold on one person's mailbox, for whoever asks what happened there."""

    def history(self, message: ShownMessage | str) -> tuple[Fact, ...]:
        """Everything that happened to a message, first to last; also after it was deleted."""
        return tuple(each.fact for each in self.records(message))

    def records(self, message: ShownMessage | str) -> tuple[Recorded, ...]:
        """The same with the place of each fact: position, version, time of recording, seal."""
        return self._engine.history(self.id, self._name(message))

    def timeline(self, message: ShownMessage | str) -> list[Moment]:
        """What every fact of a message changed, first to last; also after it was deleted."""
        return chronicle.moments(self._engine, self.id, self._name(message))

    def diff(
        self,
        since: datetime | int | str,
        until: datetime | int | str | None = None,
        *,
        message: ShownMessage | str | None = None,
        folder: str | None = None,
    ) -> list[Difference]:
        """What is otherwise at one moment (or position) than at another, or now.

        Of the mailbox, or only of a ``message``, or of a ``folder`` named by id or well-known name.
        """
        return chronicle.differences(
            self._engine,
            self.id,
            read_point(since),
            None if until is None else read_point(until),
            message=self._name(message) if message else None,
            folder=self._folder_id(folder) if folder else None,
        )

    def changes(self, since: int = 0, *, limit: int = 1000) -> tuple[Recorded, ...]:
        """What happened in the mailbox behind a position of its history, in order, at most so much.

        Raises :class:`letterbook.Refused` for a position that the history has not come to.
        """
        most = how_many(limit)
        with self._engine.store.reading() as session:
            check_end(session.history, session.views, self.id)
            after = check_position(since, session.history.head(self.id).seq)
            return session.history.read(self.id, after, most)
