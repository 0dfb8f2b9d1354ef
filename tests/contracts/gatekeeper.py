"""What every gatekeeper promises; each adapter runs it with a ``keeper``, a ``pass_`` and its ``holder``."""

from collections.abc import Callable

import pytest

from letterbook.application.ports import Gatekeeper, NotAdmitted, Visitor

Spoilt = Callable[[str], str]


def cut(token: str) -> str:
    """Without its last part."""
    return token.rpartition(".")[0]


def unsigned(token: str) -> str:
    """With nothing where the signature was."""
    return f"{cut(token)}."


def reversed_(token: str) -> str:
    """Everything in it, in another order."""
    return token[::-1]


class GatekeeperContract:
    """What every gatekeeper promises."""

    def test_whoever_holds_a_token_is_admitted(self, keeper: Gatekeeper, pass_: str, holder: Visitor) -> None:
        """As often as they come."""
        assert [keeper.admit(pass_), keeper.admit(pass_)] == [holder, holder]

    @pytest.mark.parametrize("token", ["", " ", "nonsense", "a.b.c", "..", "\ud800", "ü.ü.ü", "." * 100_000])
    def test_what_is_no_token_opens_nothing(self, keeper: Gatekeeper, token: str) -> None:
        """Refused with a sentence; anything else that is raised would be an error of the server."""
        with pytest.raises(NotAdmitted, match=r"\w"):
            keeper.admit(token)

    @pytest.mark.parametrize("spoil", [cut, unsigned, reversed_])
    def test_a_token_that_was_changed_opens_nothing(
        self, keeper: Gatekeeper, pass_: str, spoil: Spoilt
    ) -> None:
        """Also after the real one was seen."""
        keeper.admit(pass_)
        with pytest.raises(NotAdmitted, match=r"\w"):
            keeper.admit(spoil(pass_))
