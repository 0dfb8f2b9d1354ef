"""Who may come in over the Graph face: whoever holds a token that the store or somebody else signed."""

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from letterbook.adapters.scopes import read_scopes, usual
from letterbook.application.ports import Clock, Gatekeeper

if TYPE_CHECKING:
    from letterbook.adapters.tokens import Keeper, LocalTokens

GRAPH = "https://graph.microsoft.com"
"""The audience of tokens for Microsoft Graph."""


class Door:
    """The door of one book, whose locks are made when somebody first comes or is given a token."""

    def __init__(
        self, secret: bytes, clock: Clock, gatekeeper: Gatekeeper | None, provider: "Keeper | None"
    ) -> None:
        """``gatekeeper`` stands there alone; an identity ``provider`` beside the tokens of the store."""
        self._secret = secret
        self._clock = clock
        self._gatekeeper = gatekeeper
        self._provider = provider

    def keeper(self) -> Gatekeeper:
        """Who looks at tokens."""
        if self._gatekeeper:
            return self._gatekeeper
        return self._any_of(self._provider) if self._provider else self._tokens

    def token(self, who: str, scope: str | None, app: bool, lifetime: timedelta) -> str:
        """A token of the store. Raises ``ValueError`` for a scope that can be none."""
        known, foreign = read_scopes(usual(app=app) if scope is None else scope, app=app)
        return self._tokens.issue(who, [*known, *foreign], self._clock.now(), lifetime, app)

    def _any_of(self, provider: "Keeper") -> Gatekeeper:
        from letterbook.adapters.tokens import AnyOf

        return AnyOf((self._tokens, provider))

    @cached_property
    def _tokens(self) -> "LocalTokens":
        from letterbook.adapters.tokens import LocalTokens  # with cryptography: most commands need neither

        return LocalTokens(self._secret, self._clock)
