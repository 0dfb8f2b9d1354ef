"""Both stores keep the promises about uses of search folders."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook.application.ports import Store
from tests.contracts.uses import UsesContract
from tests.fakes import FakeClock, memory_store, opened_sqlite


class TestMemoryUses(UsesContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        return memory_store(FakeClock())


class TestSqliteUses(UsesContract):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(tmp_path / "mail.db") as store:
            yield store
