"""A folder view as ``eventsourcing`` documents projections: one durable transaction for each event."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Recording, Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteTrackingRecorder

from benchmarks.stock import Follow, StockMail

Event = DomainEventProtocol[UUID]


class FolderView(SQLiteTrackingRecorder):
    """A row for each letter; every change is written with the position of its event."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's tracking table, and ours."""
        table = (
            "CREATE TABLE IF NOT EXISTS letters (id TEXT PRIMARY KEY, folder TEXT, subject TEXT, answer TEXT)"
        )
        index = "CREATE INDEX IF NOT EXISTS by_folder ON letters (folder, id)"
        return [*super().construct_create_table_statements(), table, index]

    def project(self, event: Event, tracking: Tracking) -> None:
        """What an event does to its row, in one transaction with the position."""
        with self.datastore.transaction(commit=True) as cursor:
            self._change(cursor, event)
            self._insert_tracking(cursor, tracking)

    def _change(self, cursor: SQLiteCursor, event: Event) -> None:
        said = {key: value for key, value in vars(event).items() if isinstance(value, str | list)}
        key = str(event.originator_id)
        if event.originator_version == 1:
            row = (key, "drafts", said["subject"], json.dumps(said))
            cursor.execute("INSERT OR REPLACE INTO letters VALUES (?,?,?,?)", row)
        elif "subject" in said:
            change = (said["subject"], json.dumps(said), key)
            cursor.execute("UPDATE letters SET subject=?, answer=? WHERE id=?", change)
        elif type(event).__name__ == "Sent":
            cursor.execute("UPDATE letters SET folder='sent' WHERE id=?", (key,))
        else:
            cursor.execute("UPDATE letters SET answer=answer || ? WHERE id=?", (json.dumps(said), key))


@contextmanager
def folder_view(path: Path) -> Iterator[Follow]:
    """A view that is followed up with each save, so that whoever looks at a folder finds what was saved."""
    with closing(SQLiteDatastore(str(path))) as datastore:
        view = FolderView(datastore)
        view.create_table()

        def follow(saved: Sequence[Recording[UUID]]) -> None:
            for each in saved:
                view.project(each.domain_event, Tracking(StockMail.__name__, each.notification.id))

        yield follow


def project(app: StockMail, path: Path, seconds: float) -> float:
    """Follow an application's events for a while; gives events per second."""
    with closing(SQLiteDatastore(str(path))) as datastore:
        view = FolderView(datastore)
        view.create_table()
        count, begin = 0, perf_counter()
        for event, tracking in _events(app):
            view.project(event, tracking)
            count += 1
            if perf_counter() - begin > seconds:
                break
        return count / (perf_counter() - begin)


def _events(app: StockMail) -> Iterator[tuple[Event, Tracking]]:
    """What ``ProjectionRunner`` would hand over, in order: SQLite recorders cannot be subscribed to."""
    last: int | None = None
    while found := app.recorder.select_notifications(last, 500, inclusive_of_start=False):
        for notification in found:
            last = notification.id
            yield app.mapper.to_domain_event(notification), Tracking(StockMail.__name__, last)
