"""Terminals with and without a store behind them."""

from pathlib import Path

import pytest

from tests.cli.terminal import ADELE, ALEX, Terminal


@pytest.fixture
def nowhere(tmp_path: Path) -> Terminal:
    """A terminal with no store yet."""
    return Terminal(tmp_path / "mail.db")


@pytest.fixture
def alone(nowhere: Terminal) -> Terminal:
    """A store in which only Alex has a mailbox."""
    nowhere.tell("user", "add", ALEX, "--name", "Alex Wilber")
    return nowhere


@pytest.fixture
def office(alone: Terminal) -> Terminal:
    """A store in which Alex and Adele have mailboxes."""
    alone.tell("user", "add", ADELE, "--name", "Adele Vance")
    return alone
