"""What every history promises; each adapter runs it with its own ``store``."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import pytest

from letterbook.adapters.store.chain import beginning, seal
from letterbook.adapters.store.mapper import FactTranscoder
from letterbook.application.moments import microseconds
from letterbook.application.ports import Addition, Head, History, Recorded, SealBroken, Store, StoredFact
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.message import Categorised, DraftUpdated, ReadStateChanged
from letterbook.domain.refusals import Conflict
from tests.fakes import MONDAY, FakeClock

T = TypeVar("T")

HOME = UUID("11111111-1111-4111-8111-111111111111")
AWAY = UUID("22222222-2222-4222-8222-222222222222")
LETTER = UUID("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
REPLY = UUID("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")
ON = Occasion(at=MONDAY, actor="alexw@contoso.com", cause="request:1")


def filed(*categories: str) -> tuple[Fact, ...]:
    """One fact for each category."""
    return tuple(Categorised(on=ON, categories=(category,)) for category in categories)


def told_of(recorded: Sequence[Recorded]) -> list[str]:
    """The categories, in the order of the facts."""
    return [each.fact.categories[0] for each in recorded if isinstance(each.fact, Categorised)]


def append(store: Store, *additions: Addition) -> dict[UUID, int]:
    """Add facts in a transaction of their own."""
    with store.writing() as session:
        return session.history.append(additions)


def append_and_fail(store: Store, *additions: Addition) -> None:
    """Add facts in a transaction that fails after that."""
    with store.writing() as session:
        session.history.append(additions)
        raise ZeroDivisionError


def ask(store: Store, question: Callable[[History], T]) -> T:
    """Read from the history."""
    with store.reading() as session:
        return question(session.history)


def _told(end: int, history: History) -> list[Fact]:
    return history.told(HOME, LETTER, end)


def _position_at(moment: datetime, history: History) -> int:
    return history.position_at(HOME, moment)


def sealed(facts: Sequence[Fact], versions: Sequence[int] = ()) -> tuple[StoredFact, ...]:
    """Facts of one letter as another history may have kept them."""
    kept: list[StoredFact] = []
    previous = beginning(HOME).hash
    for seq, fact in enumerate(facts, start=1):
        version = versions[seq - 1] if versions else seq
        topic, state = fact.stored_name, FactTranscoder().encode(fact)
        previous = seal(previous, HOME.bytes, seq, LETTER.bytes, version, seq * 1000, topic, state)
        kept.append(StoredFact(HOME, seq, LETTER, version, topic, state, seq * 1000, previous))
    return tuple(kept)


class HistoryContract:
    """The book itself: in order, without gaps, never rewritten."""

    def test_nothing_has_happened_in_a_new_store(self, store: Store) -> None:
        """Every question has an answer, which is empty."""
        assert ask(store, lambda history: history.mailboxes()) == ()
        assert ask(store, lambda history: history.read(HOME)) == ()
        assert ask(store, lambda history: history.of(HOME, LETTER)) == ()
        assert ask(store, lambda history: list(history.stories(HOME, 9))) == []
        assert ask(store, lambda history: history.head(HOME)) == beginning(HOME)
        assert ask(store, lambda history: history.told(HOME, LETTER, 9)) == []
        assert ask(store, lambda history: history.position_at(HOME, MONDAY)) == 0

    def test_the_facts_of_an_aggregate_are_told_up_to_a_position(self, store: Store) -> None:
        """Those of others do not count."""
        append(store, Addition(HOME, LETTER, 0, filed("1")), Addition(HOME, REPLY, 0, filed("2")))
        append(store, Addition(HOME, LETTER, 1, filed("3")), Addition(AWAY, REPLY, 0, filed("4")))

        told = [ask(store, partial(_told, end)) for end in range(5)]

        one, three = filed("1", "3")
        assert told == [[], [one], [one], [one, three], [one, three]]

    def test_a_moment_has_a_position(self, store: Store, clock: FakeClock) -> None:
        """That of the last fact recorded by then; several of one moment go together."""
        for number in range(6):
            append(store, Addition(HOME, LETTER, 2 * number, filed("a", "b")))
            append(store, Addition(AWAY, REPLY, number, filed("c")))
            clock.pass_by(timedelta(hours=1))

        moments = [MONDAY + timedelta(minutes=30 * step) for step in range(-1, 12)]
        found = [ask(store, partial(_position_at, moment)) for moment in moments]

        assert found == [0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12]
        assert ask(store, lambda history: history.position_at(AWAY, MONDAY)) == 1

    def test_facts_are_read_back_as_they_were_in_order(self, store: Store) -> None:
        """Equal facts, with all that was set and nothing else."""
        facts = (
            DraftUpdated(
                on=ON, changes=Letter(subject="Kick-off 会議 🎉", body=write_body("html", "<b>\0é</b>"))
            ),
            ReadStateChanged(on=ON, is_read=True),
            *filed("Red", "Blue"),
        )
        append(store, Addition(HOME, LETTER, 0, facts))
        read = ask(store, lambda history: history.of(HOME, LETTER))
        assert tuple(each.fact for each in read) == facts
        assert isinstance(read[0].fact, DraftUpdated)
        assert read[0].fact.changes.model_fields_set == {"subject", "body"}

    def test_positions_and_versions_count_from_one_without_gaps(self, store: Store) -> None:
        """Positions in the mailbox, versions in the aggregate."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")), Addition(HOME, REPLY, 0, filed("c")))
        append(store, Addition(HOME, LETTER, 2, filed("d")))
        read = ask(store, lambda history: history.read(HOME))
        assert [(each.seq, each.aggregate, each.version) for each in read] == [
            (1, LETTER, 1),
            (2, LETTER, 2),
            (3, REPLY, 1),
            (4, LETTER, 3),
        ]

    def test_each_fact_knows_its_mailbox_and_when_it_was_recorded(self, store: Store) -> None:
        """The time is the store's, not the fact's."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        (read,) = ask(store, lambda history: history.read(HOME))
        assert (read.mailbox, read.recorded_at) == (HOME, MONDAY)

    def test_appending_tells_where_each_mailbox_ends_now(self, store: Store) -> None:
        """Only those that grew."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")))
        ends = append(store, Addition(AWAY, REPLY, 0, filed("c")), Addition(HOME, LETTER, 2, filed("d")))
        assert ends == {AWAY: 1, HOME: 3}
        assert append(store, Addition(AWAY, REPLY, 1, filed("e"))) == {AWAY: 2}

    def test_an_aggregate_may_grow_twice_in_one_go(self, store: Store) -> None:
        """The second addition follows on the first."""
        append(store, Addition(HOME, LETTER, 0, filed("a")), Addition(HOME, LETTER, 1, filed("b")))
        assert told_of(ask(store, lambda history: history.of(HOME, LETTER))) == ["a", "b"]

    def test_two_mailboxes_do_not_disturb_each_other(self, store: Store) -> None:
        """Also when an aggregate has the same name in both."""
        append(store, Addition(HOME, LETTER, 0, filed("home")), Addition(AWAY, LETTER, 0, filed("away")))
        append(store, Addition(HOME, LETTER, 1, filed("home again")))
        assert told_of(ask(store, lambda history: history.read(HOME))) == ["home", "home again"]
        assert told_of(ask(store, lambda history: history.of(AWAY, LETTER))) == ["away"]
        assert ask(store, lambda history: history.head(AWAY)).seq == 1

    def test_reading_can_go_on_where_it_ended(self, store: Store) -> None:
        """Behind a position or a version, and not more than was asked for."""
        append(store, Addition(HOME, LETTER, 0, filed(*"abcde")))
        assert told_of(ask(store, lambda history: history.read(HOME, after=1, limit=2))) == ["b", "c"]
        assert told_of(ask(store, lambda history: history.read(HOME, after=3))) == ["d", "e"]
        assert told_of(ask(store, lambda history: history.of(HOME, LETTER, after=3))) == ["d", "e"]
        assert ask(store, lambda history: history.read(HOME, after=5)) == ()

    def test_what_facts_are_about_is_told_without_reading_them(self, store: Store) -> None:
        """In the order of the mailbox, from a position on, not more than was asked for."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")))
        append(store, Addition(HOME, REPLY, 0, filed("c")))
        append(store, Addition(HOME, LETTER, 2, filed("d")))
        told = [(LETTER.bytes, 1), (LETTER.bytes, 2), (REPLY.bytes, 1), (LETTER.bytes, 3)]
        assert ask(store, lambda history: history.touched(HOME)) == told
        assert ask(store, lambda history: history.touched(HOME, after=1, limit=2)) == told[1:3]
        assert ask(store, lambda history: history.touched(AWAY)) == []

    def test_a_transaction_reads_what_it_wrote(self, store: Store) -> None:
        """Before anybody else can."""
        with store.writing() as session:
            session.history.append([Addition(HOME, LETTER, 0, filed("a"))])
            assert told_of(session.history.of(HOME, LETTER)) == ["a"]
            assert ask(store, lambda history: history.read(HOME)) == ()

    def test_a_transaction_that_fails_leaves_nothing(self, store: Store) -> None:
        """And the next one takes the same positions: no hole."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        with pytest.raises(ZeroDivisionError):
            append_and_fail(
                store, Addition(HOME, LETTER, 1, filed("lost")), Addition(AWAY, REPLY, 0, filed("x"))
            )
        assert ask(store, lambda history: history.mailboxes()) == (HOME,)
        append(store, Addition(HOME, LETTER, 1, filed("b")))
        read = ask(store, lambda history: history.read(HOME))
        assert (told_of(read), [each.seq for each in read]) == (["a", "b"], [1, 2])
        check_chain(store, HOME)

    def test_a_conflict_in_the_middle_leaves_nothing(self, store: Store) -> None:
        """What stands before it in the same batch is undone, what stands behind is not tried."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        with pytest.raises(Conflict):
            append(
                store,
                Addition(AWAY, REPLY, 0, filed("before")),
                Addition(HOME, REPLY, 0, filed("before")),
                Addition(HOME, LETTER, 0, filed("late")),
                Addition(HOME, REPLY, 1, filed("behind")),
            )
        assert told_of(ask(store, lambda history: history.read(HOME))) == ["a"]
        assert ask(store, lambda history: history.read(AWAY)) == ()
        append(store, Addition(HOME, REPLY, 0, filed("first")))
        assert ask(store, lambda history: history.head(HOME)).seq == 2

    @pytest.mark.parametrize("after", [0, 1, 3, 9])
    def test_what_does_not_follow_on_the_last_version_is_refused(self, store: Store, after: int) -> None:
        """Neither rewriting nor leaving a gap."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")))
        before = ask(store, lambda history: history.read(HOME))
        with pytest.raises(Conflict):
            append(store, Addition(HOME, LETTER, after, filed("again")))
        assert ask(store, lambda history: history.read(HOME)) == before

    def test_of_two_writers_on_one_message_exactly_one_wins(self, store: Store) -> None:
        """In every round; the other is told, and leaves no hole."""
        for after in range(20):
            outcomes = race(store, 4, partial(one_fact, after))
            assert sorted(outcomes) == ["conflict"] * 3 + ["won"]
        read = ask(store, lambda history: history.read(HOME))
        assert [(each.seq, each.version) for each in read] == [(n, n) for n in range(1, 21)]
        check_chain(store, HOME)

    def test_writers_on_different_messages_all_win(self, store: Store) -> None:
        """Positions are given out one by one."""
        outcomes = race(store, 16, lambda writer: Addition(HOME, UUID(int=writer + 1), 0, filed("a", "b")))
        assert outcomes == ["won"] * 16
        read = ask(store, lambda history: history.read(HOME))
        assert [each.seq for each in read] == list(range(1, 33))
        check_chain(store, HOME)

    def test_each_hash_follows_from_the_one_before(self, store: Store) -> None:
        """From the beginning of the mailbox to its head."""
        for number in range(5):
            append(
                store,
                Addition(HOME, LETTER, number, filed(f"{number}")),
                Addition(AWAY, REPLY, number, filed("x")),
            )
        for mailbox in (HOME, AWAY):
            with store.reading() as session:
                head = session.history.head(mailbox)
            assert check_chain(store, mailbox) == head

    def test_the_same_facts_in_another_place_have_another_seal(self, store: Store) -> None:
        """Mailbox, position, aggregate and version are sealed too."""
        append(store, Addition(HOME, LETTER, 0, filed("a", "a")), Addition(AWAY, LETTER, 0, filed("a")))
        append(store, Addition(HOME, REPLY, 0, filed("a")))
        with store.reading() as session:
            seals = {each.hash for home in (HOME, AWAY) for each in session.history.read(home)}
        assert len(seals) == 4

    def test_a_mailbox_is_told_aggregate_by_aggregate(self, store: Store) -> None:
        """Each complete and in order, however they were mixed."""
        for number in range(3):
            for aggregate in (REPLY, LETTER):
                append(store, Addition(HOME, aggregate, number, filed(f"{number}")))
        append(store, Addition(AWAY, LETTER, 0, filed("elsewhere")))
        told = ask(store, lambda history: list(history.stories(HOME, 6)))
        assert told == [(LETTER, list(filed("0", "1", "2"))), (REPLY, list(filed("0", "1", "2")))]

    def test_a_mailbox_is_told_up_to_a_position_and_behind_a_name(self, store: Store) -> None:
        """So that a long story can be told in parts, while it goes on."""
        for number in range(3):
            for aggregate in (REPLY, LETTER):
                append(store, Addition(HOME, aggregate, number, filed(f"{number}")))
        assert ask(store, lambda history: list(history.stories(HOME, 3))) == [
            (LETTER, list(filed("0"))),
            (REPLY, list(filed("0", "1"))),
        ]
        assert ask(store, lambda history: list(history.stories(HOME, 3, LETTER))) == [
            (REPLY, list(filed("0", "1")))
        ]
        assert ask(store, lambda history: list(history.stories(HOME, 6, REPLY))) == []

    def test_every_mailbox_with_a_history_is_known(self, store: Store) -> None:
        """Once each."""
        many = [UUID(int=number) for number in (0, 1, 255, 2**64, 2**127, 2**128 - 1)]
        append(store, *(Addition(mailbox, LETTER, 0, filed("a", "b")) for mailbox in many))
        assert ask(store, lambda history: history.mailboxes()) == tuple(many)


class ClearHistoryContract(HistoryContract):
    """What a history promises besides that is not encrypted: it keeps facts in their own words."""

    def test_facts_can_be_read_as_they_are_kept(self, store: Store) -> None:
        """Name and bytes, which are what was sealed."""
        append(store, Addition(HOME, LETTER, 0, filed(*"abc")))
        read = ask(store, lambda history: history.read(HOME))
        kept = ask(store, lambda history: history.stored(HOME))
        assert [(k.seq, k.aggregate, k.version, k.hash) for k in kept] == [
            (r.seq, r.aggregate, r.version, r.hash) for r in read
        ]
        assert [k.state for k in kept] == [FactTranscoder().encode(r.fact) for r in read]
        assert {(k.topic, k.recorded) for k in kept} == {("message.categorised.v1", microseconds(MONDAY))}
        assert ask(store, lambda history: history.stored(HOME, 1, 1)) == kept[1:2]

    def test_facts_can_be_restored_as_another_history_kept_them(self, store: Store) -> None:
        """Each with the seal it had; and the history goes on behind them."""
        kept = sealed(filed(*"abc"))
        with store.writing() as session:
            session.history.restore(kept[:2])
        with store.writing() as session:
            session.history.restore(kept[2:])
        assert ask(store, lambda history: history.stored(HOME)) == kept
        assert append(store, Addition(HOME, LETTER, 3, filed("d"))) == {HOME: 4}
        assert told_of(ask(store, lambda history: history.of(HOME, LETTER))) == [*"abcd"]

    @pytest.mark.parametrize(
        "changed",
        [
            {"hash": bytes(32)},
            {"state": b"{}"},
            {"seq": 3},
            {"version": 3},
            {"topic": "message.flagged.v1"},
            {"recorded": 1},
            {"aggregate": REPLY},
            {"mailbox": AWAY},
        ],
        ids=str,
    )
    def test_what_does_not_follow_is_not_restored(self, store: Store, changed: dict[str, Any]) -> None:
        """And nothing of its transaction is."""
        first, second = sealed(filed(*"ab"))
        with pytest.raises(SealBroken), store.writing() as session:
            session.history.restore((first, replace(second, **changed)))
        assert ask(store, lambda history: history.mailboxes()) == ()

    def test_a_version_that_does_not_follow_is_not_restored_though_it_is_sealed(self, store: Store) -> None:
        """A seal says that nobody changed it since, not that it was right."""
        gap = sealed(filed(*"ab"), versions=(1, 3))
        with pytest.raises(SealBroken), store.writing() as session:
            session.history.restore(gap)


def one_fact(after: int, writer: int) -> Addition:
    """What a writer in a race adds."""
    return Addition(HOME, LETTER, after, filed(f"{writer}"))


def race(store: Store, writers: int, addition: Callable[[int], Addition]) -> list[str]:
    """Let writers begin at the same moment; gives how each of them fared."""
    start, outcomes = threading.Barrier(writers), ["nothing"] * writers

    def write(writer: int) -> None:
        start.wait()
        try:
            append(store, addition(writer))
            outcomes[writer] = "won"
        except Conflict:
            outcomes[writer] = "conflict"

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def check_chain(store: Store, mailbox: UUID) -> Head:
    """Recompute every seal from the facts as they are kept; gives the head."""
    head = beginning(mailbox)
    with store.reading() as session:
        read, kept = session.history.read(mailbox), session.history.stored(mailbox)
    for each, fact in zip(read, kept, strict=True):
        place = (mailbox.bytes, head.seq + 1, each.aggregate.bytes, each.version)
        sealed_now = seal(head.hash, *place, microseconds(each.recorded_at), fact.topic, fact.state)
        head = Head(head.seq + 1, sealed_now)
        assert (each.seq, each.hash, fact.hash) == (head.seq, head.hash, head.hash)
    return head
