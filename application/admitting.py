"""Who may ask: whoever holds a token, as a Protocol beside those of ``ports``."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever holds a token: a person (``subject`` is their address or id) or an application.

    ``client`` is the application that a person uses, where the token names it.
    """

    subject: str
    scopes: frozenset[str]
    is_app: bool = False
    client: str = field(default="", compare=False)
    """The id of the application that asks, perhaps in a person's name; empty if the token does not say. What
    is answered does not depend on it."""

    @property
    def actor(self) -> str:
        """How facts name the visitor."""
        return f"app:{self.subject}" if self.is_app else self.subject


class NotAdmitted(Exception):
    """The token is missing, forged, expired or meant for somebody else."""


class Gatekeeper(Protocol):
    """Reads bearer tokens."""

    def admit(self, token: str) -> Visitor:
        """Who holds this token. Raises :class:`NotAdmitted`."""
