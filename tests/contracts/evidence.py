"""What every store's evidence promises; each adapter runs it with its own ``store``."""

from hashlib import sha256

import pytest

from letterbook.application.evidence import Tile
from letterbook.application.notes import Checkpoint
from letterbook.application.ports import Addition, Store
from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.facts import Fact
from letterbook.domain.letter import BlobRef, Extension
from letterbook.domain.message import AttachmentAdded, ExtensionSet
from tests.contracts.history import AWAY, HOME, LETTER, ON, REPLY, append, filed
from tests.fakes import MONDAY

FULL, SHORT, LONGER = Tile(0, b"r" * 32, b"a" * 8192), Tile(1, b"", b"b" * 64), Tile(1, b"", b"b" * 96)


def note(size: int, text: str = "") -> Checkpoint:
    """Something to be kept as a checkpoint."""
    return Checkpoint(HOME, size, b"", text or f"{size}")


def keep_and_fail(store: Store) -> None:
    """Keep evidence in a transaction that fails after that."""
    with store.writing() as session:
        session.evidence.keep_tiles(HOME, [FULL])
        session.evidence.keep_checkpoint(note(9))
        raise ZeroDivisionError


class EvidenceContract:
    """Events as they are stored, tiles and checkpoints."""

    def test_a_new_store_has_no_evidence(self, store: Store) -> None:
        """Every question has an answer, which is empty."""
        with store.reading() as session:
            evidence = session.evidence
            assert (evidence.mailboxes(), evidence.damages(), evidence.tile_roots(HOME)) == ([], [], [])
            assert (list(evidence.events(HOME)), evidence.about(HOME, LETTER)) == ([], [])
            assert (evidence.tile(HOME, 0), evidence.checkpoints(HOME), evidence.latest(HOME)) == (
                b"",
                [],
                None,
            )

    def test_what_the_hashes_cover_is_given(self, store: Store) -> None:
        """So that whoever looks can compute them."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")), Addition(HOME, REPLY, 0, filed("c")))
        with store.reading() as session:
            previous = session.evidence.beginning(HOME)
            for seq, event in enumerate(session.evidence.events(HOME), start=1):
                assert event.covered is not None
                previous = sha256(previous + event.covered).digest()
                assert (event.seq, event.hash) == (seq, previous)
            assert session.history.head(HOME).hash == previous
            assert [each.seq for each in session.evidence.events(HOME, after=1)] == [2, 3]
            assert session.evidence.mailboxes() == [HOME]

    def test_the_events_of_a_message_are_given_field_by_field(self, store: Store) -> None:
        """Each with the hash that it follows on."""
        append(store, Addition(HOME, LETTER, 0, filed("a")), Addition(HOME, REPLY, 0, filed("b")))
        append(store, Addition(HOME, LETTER, 1, filed("c")), Addition(AWAY, LETTER, 0, filed("d")))
        with store.reading() as session:
            evidence = session.evidence
            first, second = evidence.about(HOME, LETTER)
            assert (first.seq, first.version, second.seq, second.version) == (1, 1, 3, 2)
            assert first.previous == evidence.beginning(HOME)
            assert second.previous == [each.hash for each in evidence.events(HOME)][1]
            stored = session.history.stored(HOME)[2]
            assert (second.topic, second.state) == ("message.categorised.v1", stored.state)
            assert second.recorded == int(MONDAY.timestamp()) * 1_000_000

    def test_the_blobs_of_an_event_are_told(self, store: Store) -> None:
        """Wherever it names them, and not what another program says in its own data."""
        ref = store.blobs.put(bytes(70_000))
        named: tuple[Fact, ...] = (
            AttachmentAdded(on=ON, attachment=_file(ref)),
            ExtensionSet(on=ON, extension=Extension(name="x", values={"blob": {"sha256": "no", "size": 1}})),
            *filed("sha256"),
        )
        append(store, Addition(HOME, LETTER, 0, named))
        with store.reading() as session:
            evidence = session.evidence
            assert [list(evidence.blobs(each)) for each in evidence.events(HOME)] == [[ref], [], []]

    def test_tiles_are_kept_and_only_grow(self, store: Store) -> None:
        """Whoever comes late with less changes nothing."""
        for tiles in ([FULL, SHORT], [LONGER], [SHORT]):
            with store.writing() as session:
                session.evidence.keep_tiles(HOME, tiles)
        with store.reading() as session:
            assert session.evidence.tile_roots(HOME) == [FULL.root]
            assert [session.evidence.tile(HOME, number) for number in range(3)] == [FULL[2], LONGER[2], b""]
            assert session.evidence.tile(AWAY, 0) == b""

    def test_tiles_are_replaced_as_a_whole(self, store: Store) -> None:
        """By fewer and shorter ones, too; those of another mailbox stay."""
        with store.writing() as session:
            for mailbox in (HOME, AWAY):
                session.evidence.keep_tiles(mailbox, [FULL, LONGER])
        for tiles in ([SHORT._replace(number=0)], [FULL, SHORT], []):
            with store.writing() as session:
                session.evidence.replace_tiles(HOME, tiles)
            with store.reading() as session:
                kept = [session.evidence.tile(HOME, number) for number in range(3)]
                assert [each for each in kept if each] == [tile.hashes for tile in tiles]
                assert session.evidence.tile_roots(HOME) == [tile.root for tile in tiles if tile.root]
                assert session.evidence.tile(AWAY, 1) == LONGER.hashes

    def test_checkpoints_are_kept_by_size(self, store: Store) -> None:
        """The largest is the latest."""
        for checkpoint in (note(9), note(100), note(20), note(20, "again")):
            with store.writing() as session:
                session.evidence.keep_checkpoint(checkpoint)
        with store.reading() as session:
            assert session.evidence.checkpoints(HOME) == ["9", "again", "100"]
            assert session.evidence.latest(HOME) == "100"
            assert session.evidence.mailboxes() == session.evidence.signed() == [HOME]

    def test_what_an_endpoint_has_accepted_is_kept_by_mailbox(self, store: Store) -> None:
        """Each endpoint has its own."""
        with store.writing() as session:
            assert session.evidence.published("https://contoso.com/audit") == {}
            session.evidence.keep_published("https://contoso.com/audit", note(9))
        with store.writing() as session:
            session.evidence.keep_published("https://contoso.com/audit", note(20))
        with store.reading() as session:
            assert session.evidence.published("https://contoso.com/audit") == {HOME: 20}
            assert session.evidence.published("https://contoso.com/other") == {}

    def test_evidence_of_a_transaction_that_fails_is_not_kept(self, store: Store) -> None:
        """As everything else."""
        with pytest.raises(ZeroDivisionError):
            keep_and_fail(store)
        with store.reading() as session:
            assert (session.evidence.tile(HOME, 0), session.evidence.latest(HOME)) == (b"", None)


def _file(ref: BlobRef) -> FileAttachment:
    kept = Content(blob=ref)
    return FileAttachment(id=REPLY, name="a.pdf", content_type="text/plain", modified_at=MONDAY, content=kept)
