"""The bars: how fast is fast enough, each as a ratio within one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A number to be reached, or (``at_most``) not to be exceeded."""

    name: str
    what: str
    limit: float
    at_most: bool = False

    def cleared_by(self, value: float) -> bool:
        """Whether a measured ratio is good enough."""
        return value <= self.limit if self.at_most else value >= self.limit

    @property
    def needed(self) -> str:
        """The limit with its direction."""
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


BARS = {
    bar.name: bar
    for bar in (
        Bar("B1", "lives/s over HTTP, 32 connections ÷ Dovecot sdbox", 2.5),
        Bar("B2", "lives/s over HTTP, 1 connection ÷ Dovecot sdbox", 1.0),
        Bar("B3", "lives/s in process, 1 thread ÷ stock eventsourcing", 1.5),
        Bar("B4", "lives/s in process, 64 threads ÷ stock eventsourcing", 8),
        Bar("B5", "fsyncs per acknowledged write, 64 threads", 0.1, at_most=True),
        Bar("B6", "GET of 25 messages ÷ an empty answer", 0.6),
        Bar("B7", "p99 of a page at 1M messages ÷ at 10k", 1.5, at_most=True),
        Bar("B8", "durable creates/s at 1M messages ÷ at 10k", 0.8),
        Bar("B9", "rebuild without full text, events/s ÷ stock projection", 40),
        Bar("B10", "rebuild with full text, events/s ÷ stock projection", 12),
        Bar("B11", "rebuild cost per event, 1M ÷ 100k", 1.2, at_most=True),
        Bar("B12", "MB of memory of a 1M-event rebuild above idle", 300, at_most=True),
        Bar("B13", "time of an as-of list of 100k events ÷ of a live list", 10, at_most=True),
        Bar("B14", "$search in 100k messages, speed ÷ Dovecot's SEARCH", 5),
        Bar("B15", "bytes on disk per message ÷ bytes of events and search text", 2.5, at_most=True),
    )
}
