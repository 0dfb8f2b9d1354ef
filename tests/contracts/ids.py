"""What every inventor of names promises; each adapter runs it with its own ``ids``."""

from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

from letterbook.application.ports import Ids


class IdsContract:
    """What every inventor of names promises; each adapter runs it with its own ``ids``."""

    def test_a_name_is_a_uuid_of_version_7(self, ids: Ids) -> None:
        """RFC 9562 sections 4.1 and 4.2."""
        names = [ids.new() for _ in range(100)]
        assert {(name.version, name.variant) for name in names} == {(7, RFC_4122)}

    def test_later_names_sort_after_earlier_ones(self, ids: Ids) -> None:
        """As numbers and as text."""
        names = [ids.new() for _ in range(5000)]
        assert names == sorted(set(names))
        assert [str(name) for name in names] == sorted(map(str, names))

    def test_threads_never_share_a_name(self, ids: Ids) -> None:
        """And each sees its own in order."""
        with ThreadPoolExecutor(8) as threads:
            lots = list(threads.map(lambda _: [ids.new() for _ in range(2000)], range(8)))
        assert len({name for lot in lots for name in lot}) == 16_000
        assert all(lot == sorted(lot) for lot in lots)
