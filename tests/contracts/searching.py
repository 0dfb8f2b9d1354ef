"""What all views promise about searching."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from letterbook.adapters.kql import read_query
from letterbook.application.moments import microseconds
from letterbook.application.ports import Store, Views
from letterbook.application.querying import Compare, Field, Is, Place
from letterbook.application.rows import DropMessage, Leaf, MessageRow, PutMessage
from letterbook.application.searching import (
    EVER,
    MOST_HITS,
    Both,
    Either,
    Hit,
    HitQuery,
    Part,
    Says,
    SearchQuery,
    Without,
    whole_groups,
    worded,
)
from tests.contracts.rows import AWAY, DRAFTS, HOME, INBOX, ask, keep, put, row
from tests.fakes import MONDAY

PEOPLE = ("to", "cc", "bcc")


def saying(number: int, **said: str) -> MessageRow:
    """A message with a subject, a text, names of attachments and people: ``to="Adele"``."""
    people = {
        f"{kind}Recipients": [{"emailAddress": {"name": said.pop(kind, ""), "address": None}}]
        for kind in PEOPLE
    }
    kind = said.pop("kind", "text")
    body = {"body": {"contentType": kind, "content": said.pop("body", "")}}
    plain = {"subject": "", "from_name": "", "from_address": ""} | said
    return row(number, body=to_json(body)[1:-1] + b",", tail=to_json(people)[1:], **plain)


def catch_up(store: Store) -> int:
    """Put into the index what was noted; gives the number of notes."""
    worked_off = 0
    while True:
        with store.writing() as session:
            backlog = session.views.noted(None, 7)
            session.views.index(map(worded, backlog.notes))
        worked_off += len(backlog.notes)
        if backlog.is_all:
            return worked_off


def _searched(query: SearchQuery, views: Views) -> list[Leaf]:
    return views.search(HOME, query)


def _hit(asked: HitQuery, views: Views) -> list[Hit]:
    return views.hits(HOME, asked)


def leaves(store: Store, text: str, mailbox: UUID = HOME, **query: Any) -> list[Leaf]:
    """What is found for a text, once the index is up to date."""
    catch_up(store)
    asked = SearchQuery(sought=read_query(text, MONDAY), **query)
    return ask(store, lambda views: views.search(mailbox, asked))


def hits(store: Store, text: str, mailbox: UUID = HOME, **query: Any) -> list[int]:
    """The numbers of the messages that are found."""
    return [each.message.int for each in leaves(store, text, mailbox, **query)]


TEXTS = {
    1: "The quarterly Report: it's done.",
    2: "Un café à l'ÉTÉ, Straße, naïve, İstanbul, ΣΊΣΥΦΟΣ",
    3: "東京都で会議があります。ﾃｽﾄ ガイド 京",
    4: "ภาษาไทยง่ายนิดเดียว",
    5: "학교에 갑니다",
    6: "हिन्दी में मेल, مُحَمَّد، שָׁלוֹם",
    7: "alexw@contoso.com wrote http://contoso.com/a?b=c_d foo.tar.gz ｆｕｌｌ width ﬃ",
    8: "𠮷野家 and 👩‍🚒 e\u0301clair so\u00adft",
    9: "report the quarterly NOT OR x" + "y" * 250,
}


class SearchContract:
    """Words are found whatever their case, accents and script."""

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("report", {1, 9}),
            ("REPORT", {1, 9}),
            ("reports", set()),
            ("repor", set()),
            ("rep*", {1, 9}),
            ('"quarterly report"', {1}),
            ('"the quarterly rep*"', {1}),
            ('"quarterly rep"*', {1}),
            ("quarterly report", {1, 9}),
            ("it's", {1}),
            ("'done'", {1}),
            ("cafe ete", {2}),
            ("CAFÉ", {2}),
            ("strasse", {2}),
            ("naive istanbul", {2}),
            ("σίσυφος", {2}),
            ("東京", {3}),
            ("京都", {3}),
            ("東京都", {3}),
            ("東都", set()),
            ("会議", {3}),
            ("都", {3}),
            ("京", {3}),
            ("す", {3}),
            ("大", set()),
            ('"東京都で会議"', {3}),
            ("テスト", {3}),
            ("がいど", set()),
            ("カイト", set()),
            ("ガイド", {3}),
            ("ภาษา", {4}),
            ("ไทย", {4}),
            ("ง่าย", {4}),
            ("학교", {5}),
            ("हिन्दी", {6}),
            ("हि", set()),
            ("محمد", {6}),
            ("שלום", {6}),
            ("alexw@contoso.com", {7}),
            ("contoso", {7}),
            ("http://contoso.com/a", {7}),
            ("tar.gz", {7}),
            ("full ffi", {7}),
            ("吉野家", set()),
            ("𠮷野", {8}),
            ("éclair soft", {8}),
            ("x" + "y" * 250, {9}),
            ("x" + "y" * 249, set()),
            ("x" + "y" * 150 + "*", {9}),
            ('"NOT OR"', {9}),
            ("the NOT it", {9}),
            ("NOT (the OR contoso)", {2, 3, 4, 5, 6, 8}),
            ("-the -contoso", {2, 3, 4, 5, 6, 8}),
            ("report the OR 東京", {1, 3, 9}),
            ("report (café OR done)", {1}),
            ("kind:email", set(TEXTS)),
            ("kind:voicemail", set()),
        ],
    )
    def test_words_are_found(self, store: Store, text: str, found: set[int]) -> None:
        """By word, beginning, phrase; in scripts without spaces by any stretch of characters."""
        put(store, [saying(number, body=body) for number, body in TEXTS.items()])
        assert set(hits(store, text)) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("contoso", {1, 2}),
            ("subject:contoso", {1}),
            ("subject:(fabrikam OR contoso)", {1}),
            ("subject:contoso body:fabrikam", set()),
            ("body:contoso", {2}),
            ("from:fabrikam", {3}),
            ("from:danas@fabrikam.com", {3}),
            ("FROM:Dana", {3}),
            ('from:"dana swope"', {3}),
            ("from:dan*", {3}),
            ("to:adele", {1}),
            ("cc:adele", {2}),
            ("bcc:adele", {3}),
            ("recipients:adele", {1, 2, 3}),
            ("recipients:dana", set()),
            ("participants:dana", {3}),
            ("participants:adele", {1, 2, 3}),
            ("attachment:plan.pdf", {1}),
            ("attachment:plan", {1}),
            ('attachment:"plan pdf budget"', {1}),
            ("plan", set()),
            ("from<>dana", {1, 2, 4}),
            ("subject:contoso OR attachment:photo*", {1, 4}),
            ("unknown:contoso", set()),
        ],
    )
    def test_words_are_found_in_the_part_that_is_named(
        self, store: Store, text: str, found: set[int]
    ) -> None:
        """And where none is named in author, subject and body."""
        rows = [
            saying(1, subject="Contoso", to="Adele Vance", attachment_names="plan.pdf\nBudget.xlsx"),
            saying(2, body="Contoso", cc="Adele Vance"),
            saying(3, from_name="Dana Swope", from_address="danas@fabrikam.com", bcc="Adele Vance"),
            saying(4, attachment_names="Photos.zip"),
        ]
        put(store, rows)
        assert set(hits(store, text)) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("received:2026-03-02", {1, 2}),
            ("received:today", {1, 2}),
            ("received:3/2/2026", {1, 2}),
            ("received:yesterday", {3}),
            ("received>=2026-03-02", {1, 2}),
            ("received>2026-03-01", {1, 2}),
            ("received<2026-03-02", {3}),
            ("received<=2026-03-01", {3}),
            ("received:2026-02-28..2026-03-01", {3}),
            ("received<>today", {3}),
            ("sent>=2026-03-02", {1}),
            ("sent<2026-03-02", {2, 3}),
            ("sent:2026-03-02T09:30:00Z", {1}),
            ("sent:2026-03-01T09:29:59Z..2026-03-01T09:30:00Z", {2}),
            ("sent<>2026-03-02", {2, 3}),
            ("sent<=2026-02-28 sent>=2026-02-28", {3}),
            ("sent<=1969-01-01", set()),
            ("sent>2600-01-01", set()),
            ("size:1..500000", {1, 2}),
            ("size>100", {2, 3}),
            ("size>=100", {1, 2, 3}),
            ("size<101", {1}),
            ("size<=101", {1, 2}),
            ("size:100", {1}),
            ("size<>100", {2, 3}),
            ("hasAttachments:true", {2}),
            ("hasattachment=no", {1, 3}),
            ("importance:high", {1}),
            ("importance:medium", {2, 3}),
            ("importance<>high", {2, 3}),
            ("one OR importance:medium", {1, 2, 3}),
            ("two OR importance:high", {1, 2}),
            ("(two OR three) AND (importance:high OR size<102)", {2}),
            ("NOT (two OR size>1000)", {1}),
            ("two importance:medium hasAttachments:true sent:2026-03-01", {2}),
        ],
    )
    def test_values_are_compared(self, store: Store, text: str, found: set[int]) -> None:
        """Dates are whole days in UTC; values and words go together in any way."""
        day = timedelta(days=1)
        rows = [
            saying(1, body="one")._replace(importance="high", size=100),
            saying(2, body="two")._replace(size=101, has_attachments=True, sent_at=MONDAY - day),
            saying(3, body="three")._replace(size=10**9, sent_at=MONDAY - 2 * day, received_at=MONDAY - day),
        ]
        put(store, rows)
        assert set(hits(store, text)) == found

    def test_html_is_searched_as_it_is_read(self, store: Store) -> None:
        """Tags and scripts hold no words."""
        page = "<p>Lunch&nbsp;at <b>no</b>on</p><script>var secret</script><style>p {}</style>"
        put(store, [saying(1, kind="html", body=page), saying(2, body="<p>lunch")])
        assert [set(hits(store, each)) for each in ("lunch", "noon", "secret", "p")] == [
            {1, 2},
            {1},
            set(),
            {2},
        ]

    def test_the_newest_sent_come_first(self, store: Store) -> None:
        """Whenever they arrived; of those of the same moment, the last made."""
        hours = {1: 5, 2: 1, 3: 5, 4: 9, 5: 0}
        put(
            store,
            [saying(n, body="word")._replace(sent_at=MONDAY + timedelta(hours=h)) for n, h in hours.items()],
        )
        assert hits(store, "word") == hits(store, "kind:email") == [4, 3, 1, 2, 5]

    @pytest.mark.parametrize("year", [1, 1969, 1970, 2038, 2400, 9999])
    def test_any_year_can_be_searched(self, store: Store, year: int) -> None:
        """A date that somebody claims does not have to be sensible."""
        moments = [datetime(year, 6, 1, tzinfo=UTC), MONDAY]
        put(store, [saying(n, body="word")._replace(sent_at=at) for n, at in enumerate(moments, 1)])
        assert set(hits(store, "word")) == {1, 2}
        assert hits(store, f"sent:{year:04}-06-01") == [1]
        assert hits(store, f"word sent:{year:04}-01-01..{year:04}-12-30") == [1]

    def test_pages_follow_on_each_other(self, store: Store) -> None:
        """By place or by skip; also when the message at the place is gone."""
        put(
            store,
            [
                saying(n, body="word")._replace(sent_at=MONDAY + timedelta(minutes=n // 2))
                for n in range(1, 8)
            ],
        )
        first = leaves(store, "word", top=3)
        after = Place(first[-1].place, first[-1].message)
        assert [each.message.int for each in first] == [7, 6, 5]
        assert hits(store, "word", after=after) == hits(store, "word", skip=3) == [4, 3, 2, 1]
        assert hits(store, "word", after=after, skip=1, top=2) == [3, 2]
        keep(store, DropMessage(UUID(int=5)))
        assert hits(store, "word", after=after) == [4, 3, 2, 1]

    def test_a_folder_or_the_whole_mailbox_is_searched(self, store: Store) -> None:
        """The whole mailbox without what is beyond Deleted Items."""
        put(store, [saying(n, body="word") for n in range(1, 4)])
        keep(store, PutMessage(saying(2, body="word")._replace(folder=DRAFTS)))
        keep(store, PutMessage(saying(3, body="word")._replace(in_mailbox=False)))
        assert (hits(store, "word"), hits(store, "word", folder=INBOX)) == ([2, 1], [3, 1])
        assert hits(store, "word", folder=DRAFTS) == hits(store, "NOT nothing", folder=DRAFTS) == [2]

    def test_mailboxes_are_searched_apart(self, store: Store) -> None:
        """Even for what is not there, and by conditions."""
        put(store, [saying(1, body="mine"), saying(2, body="mine")])
        keep(store, PutMessage(saying(1, body="theirs")), PutMessage(saying(3, body="mine")), mailbox=AWAY)
        assert (hits(store, "mine"), hits(store, "theirs")) == ([2, 1], [])
        assert (hits(store, "mine", AWAY), hits(store, "NOT mine", AWAY)) == ([3], [1])
        assert hits(store, "mine OR size<0", AWAY) == [3]
        assert hits(store, "NOT (mine AND size>=0)") == []

    def test_what_changes_is_found_as_it_is_now(self, store: Store) -> None:
        """Rewritten, sent later, moved, marked, gone and back."""
        put(store, [saying(1, body="old"), saying(2, body="other")])
        assert hits(store, "old") == [1]
        keep(store, PutMessage(saying(1, body="new")._replace(sent_at=MONDAY + timedelta(days=1))))
        assert (hits(store, "old"), hits(store, "new"), hits(store, "kind:email")) == ([], [1], [1, 2])
        keep(store, PutMessage(saying(1, body="new")._replace(is_read=True), reworded=False))
        (leaf,) = leaves(store, "new")
        keep(store, DropMessage(UUID(int=1)))
        assert (hits(store, "new"), hits(store, "kind:email")) == ([], [2])
        keep(store, PutMessage(saying(1, body="again")))
        assert (hits(store, "again"), leaf.tail) == ([1], saying(1, body="new").tail)

    def test_a_mailbox_that_is_cleared_is_found_no_more(self, store: Store) -> None:
        """The others are."""
        put(store, [saying(1, body="word")])
        keep(store, PutMessage(saying(2, body="word")), mailbox=AWAY)
        catch_up(store)
        for mailbox in (HOME, AWAY):
            assert hits(store, "word", mailbox) != []
            with store.writing() as session:
                session.views.clear(mailbox)
            assert hits(store, "word", mailbox) == []
        put(store, [saying(3, body="word")])
        assert hits(store, "word") == [3]

    def test_a_search_has_an_end(self, store: Store) -> None:
        """At most a thousand are found if nothing else is said."""
        put(store, [saying(n, body="word") for n in range(1, MOST_HITS + 11)])
        assert hits(store, "word") == list(range(MOST_HITS + 10, 10, -1))

    def test_who_says_something_is_told_in_groups_wherever_they_are(self, store: Store) -> None:
        """Until a moment, the newest first, and with what else is true of each."""
        late, size = MONDAY + timedelta(seconds=1), Compare(Field.SIZE, Is.AT_LEAST, 0)
        rows = [saying(n, body="word")._replace(sent_at=MONDAY if n < 4 else late) for n in range(1, 6)]
        put(store, [*rows[:2], rows[2]._replace(folder=DRAFTS, in_mailbox=False), *rows[3:]])
        catch_up(store)
        word, other = (Says((Part.BODY,), (each,)) for each in ("word", "other"))
        until, asked = microseconds(MONDAY), partial(HitQuery, sought=Both((word, size)))
        everyone = partial(_hit, asked(until=EVER, limit=9, besides=(other, Without(other))))
        hits = ask(store, everyone)
        assert {hit.truths for hit in hits} == {(False, True)}
        assert [hit.sent_at for hit in hits] == sorted((hit.sent_at for hit in hits), reverse=True)
        assert whole_groups(hits, 9) == (hits, None)
        assert {UUID(bytes=hit.name).int for hit in hits} == {1, 2, 3, 4, 5}
        some = ask(store, partial(_hit, asked(until=EVER, limit=4)))
        told, rest = whole_groups(some, 4)
        assert ({UUID(bytes=hit.name).int for hit in told}, rest) == ({4, 5}, until)
        others = ask(store, partial(_hit, asked(until=until, limit=4)))
        assert {UUID(bytes=hit.name).int for hit in others} == {1, 2, 3}

    def test_of_more_than_a_microsecond_has_keys_none_is_told_twice_or_never(self, store: Store) -> None:
        """Nor of those that were sent in the same second."""
        moments = [MONDAY + timedelta(microseconds=n if n > 600 else 0) for n in range(1, 701)]
        put(store, [saying(n, body="word")._replace(sent_at=at) for n, at in enumerate(moments, 1)])
        catch_up(store)
        found, until, limit = list[int](), EVER, 50
        while True:
            query = HitQuery(sought=Says((Part.BODY,), ("word",)), until=until, limit=limit)
            told, rest = whole_groups(ask(store, partial(_hit, query)), limit)
            found += [UUID(bytes=hit.name).int for hit in told]
            if rest is None:
                break
            until, limit = rest, 2 * limit
        assert sorted(found) == list(range(1, 701))

    def test_nothing_is_never_found(self, store: Store) -> None:
        """An empty choice is nothing, and its opposite everything."""
        put(store, [saying(1, body="word")])
        catch_up(store)
        for sought, found in ((Either(()), 0), (Without(Either(())), 1), (Without(Without(Either(()))), 0)):
            question = partial(_searched, SearchQuery(sought=sought))
            assert len(ask(store, question)) == found
