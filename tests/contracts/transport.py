"""What every transport promises; each adapter runs it with its own ``transport`` and ``arrived``."""

from collections.abc import Callable

import pytest

from letterbook.application.ports import Transport

Arrived = Callable[[], list[bytes]]
"""Reads every letter that has been handed over, as whoever receives it would."""

ALEX = "alex@contoso.com"
MEGAN = "megan@fabrikam.com"
LETTER = b"From: Alex Wilber <alex@contoso.com>\r\nSubject: Offsite\r\n\r\nAre we still on?\r\n"
REVISED = LETTER.replace(b"Are we", b"Are we all")


class TransportContract:
    """What every transport promises; each adapter runs it with its own ``transport`` and ``arrived``."""

    def test_a_transport_has_a_name(self, transport: Transport) -> None:
        """Logs and reports say which one it was."""
        assert transport.name

    def test_a_letter_arrives_as_it_was_written(self, transport: Transport, arrived: Arrived) -> None:
        """Byte for byte, below whatever was put above it on the way."""
        transport.deliver("1", ALEX, MEGAN, LETTER)
        (letter,) = arrived()
        assert letter.endswith(LETTER)

    def test_each_key_is_a_letter_of_its_own(self, transport: Transport, arrived: Arrived) -> None:
        """Two recipients of one message are two letters."""
        transport.deliver("1/megan", ALEX, MEGAN, LETTER)
        transport.deliver("1/adele", ALEX, "adele@fabrikam.com", LETTER)
        assert len(arrived()) == 2

    def test_the_same_key_again_replaces_and_never_doubles(
        self, transport: Transport, arrived: Arrived
    ) -> None:
        """After a crash the loop hands over what it is not sure of."""
        transport.deliver("1", ALEX, MEGAN, LETTER)
        transport.deliver("1", ALEX, MEGAN, REVISED)
        (letter,) = arrived()
        assert letter.endswith(REVISED)

    def test_a_report_comes_from_nobody(self, transport: Transport, arrived: Arrived) -> None:
        """The null reverse-path of RFC 5321 section 4.5.5: nobody reports that a report did not arrive."""
        transport.deliver("1", "", MEGAN, LETTER)
        assert len(arrived()) == 1

    @pytest.mark.parametrize(
        "recipient",
        [
            "MeganB@fabrikam.com",
            "megan.bowen+offsite@fabrikam.com",
            "o'megan@fabrikam.com",
            '"megan bowen"@fabrikam.com',
            "megan@localhost",
            "megan@[192.0.2.1]",
            "megan@invalid.fabrikam.com",
            "ミーガン@例え.jp",
            "मेगन@उदाहरण.भारत",
            "m" * 64 + "@fabrikam.com",
        ],
    )
    def test_unusual_addresses_are_addresses(
        self, transport: Transport, arrived: Arrived, recipient: str
    ) -> None:
        """Quoted, tagged, literal, or not in ASCII (RFC 6531)."""
        transport.deliver("1", ALEX, recipient, LETTER)
        assert len(arrived()) == 1

    @pytest.mark.parametrize(
        "key", ["", ".", "../../megan", "/etc/passwd", "a\x00b", "CON", "k" * 5000, "\ud800"]
    )
    def test_any_key_will_do(self, transport: Transport, arrived: Arrived, key: str) -> None:
        """A key is a name, not a path."""
        transport.deliver(key, ALEX, MEGAN, LETTER)
        assert len(arrived()) == 1
