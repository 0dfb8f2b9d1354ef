"""Letters to the outside of a book in memory: kept in memory too."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class KeptLetters:
    """Keeps each letter under its key. Keeps :class:`letterbook.application.ports.Transport`."""

    name: str = "memory"
    letters: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    """By key: sender, recipient, MIME."""

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Keep a letter; the same key again replaces it."""
        self.letters[key] = (sender, recipient, mime)
