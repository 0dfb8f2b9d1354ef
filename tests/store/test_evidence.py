"""Both stores keep evidence as promised."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook.application.ports import Store
from tests.contracts.evidence import EvidenceContract
from tests.fakes import FakeClock, memory_store, opened_sqlite


class TestMemoryEvidence(EvidenceContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        return memory_store(FakeClock())


class TestSqliteEvidence(EvidenceContract):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(tmp_path / "mail.db") as store:
            yield store


class TestEncryptedEvidence(EvidenceContract):
    """In a file, encrypted."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(tmp_path / "mail.db", key=bytes(32)) as store:
            yield store
