"""Facts of earlier versions are told in today's words; a version that could not be read stops the program."""

import json
from typing import Any

import pytest

from letterbook.domain.facts import Fact, Occasion, UnknownFact, catalogue
from letterbook.domain.versions import TODAY, UPCASTERS, Fields, NewerFact, Upcaster, VersionGap, Versions
from tests.domain.cast import EARLIER


class Sung(Fact):
    """Somebody sang: a kind of fact with two versions behind it."""

    stored_name = "message.sung.v3"

    song: str
    verses: tuple[str, ...] = ()


def with_title(fields: Fields) -> Fields:
    """Version 1 called the song its title."""
    return {("song" if name == "title" else name): what for name, what in fields.items()}


def with_verses(fields: Fields) -> Fields:
    """Version 2 had one text of all verses."""
    return {name: what for name, what in fields.items() if name != "text"} | {
        "verses": fields.get("text", "").split("/")
    }


FIRST, SECOND = Upcaster("message.sung.v1", with_title), Upcaster("message.sung.v2", with_verses)
SONGS = Versions([Sung], [SECOND, FIRST])


def stored(**fields: Any) -> bytes:
    """What is in the history."""
    return json.dumps({"on": json.loads(EARLIER.model_dump_json()), **fields}).encode()


def sung(*verses: str) -> Sung:
    """What happened."""
    return Sung(on=Occasion.model_validate(EARLIER), song="Lasagna", verses=verses)


def test_a_fact_of_today_is_read_as_it_is() -> None:
    assert SONGS.read("message.sung.v3", stored(song="Lasagna", verses=["a"])) == sung("a")


def test_an_old_fact_is_told_in_todays_words() -> None:
    assert SONGS.read("message.sung.v2", stored(song="Lasagna", text="a/b")) == sung("a", "b")


def test_an_older_one_goes_through_every_version_between() -> None:
    assert SONGS.read("message.sung.v1", stored(title="Lasagna", text="a/b")) == sung("a", "b")


def test_what_an_upcaster_makes_is_checked_like_any_fact() -> None:
    with pytest.raises(ValueError, match="shout"):
        SONGS.read("message.sung.v2", stored(song="Lasagna", shout="!"))


def test_a_newer_fact_is_refused_and_says_so() -> None:
    with pytest.raises(NewerFact, match=r"'message\.sung\.v4'.*up to version 3\. Use a newer Letterbook"):
        SONGS.read("message.sung.v4", stored(song="Lasagna"))


@pytest.mark.parametrize("name", ["message.danced.v1", "message.sung", "message.sung.v0", "", "v1"])
def test_a_fact_nobody_knows_is_refused(name: str) -> None:
    for ask in (lambda: SONGS.read(name, stored()), lambda: SONGS.check_known(name)):
        with pytest.raises(UnknownFact) as no:
            ask()
        assert type(no.value) is UnknownFact


@pytest.mark.parametrize("name", ["message.sung.v1", "message.sung.v2", "message.sung.v3"])
def test_every_version_is_known(name: str) -> None:
    SONGS.check_known(name)


@pytest.mark.parametrize(
    ("upcasters", "why"),
    [
        ([], r"nothing says how message\.sung\.v1 is read"),
        ([SECOND], r"nothing says how message\.sung\.v1 is read"),
        ([FIRST], r"nothing says how message\.sung\.v2 is read"),
        ([FIRST, FIRST, SECOND], r"two upcasters for message\.sung\.v1"),
        ([FIRST, SECOND, Upcaster("message.sung.v3", dict)], r"message\.sung\.v3 leads nowhere"),
        ([FIRST, SECOND, Upcaster("message.danced.v1", dict)], r"message\.danced\.v1 leads nowhere"),
        ([FIRST, SECOND, Upcaster("message.sung", dict)], "no stored name"),
    ],
    ids=["none", "no first", "no second", "two", "from today", "from nothing", "no name"],
)
def test_a_gap_between_versions_is_found_when_the_program_starts(upcasters: list[Upcaster], why: str) -> None:
    with pytest.raises(VersionGap, match=why):
        Versions([Sung], upcasters)


def test_there_cannot_be_two_versions_of_today() -> None:
    older = type("SungOnce", (Fact,), {"__module__": __name__, "stored_name": "message.sung.v2"})
    with pytest.raises(VersionGap, match=r"two versions of message\.sung"):
        Versions([Sung, older], [FIRST])


def test_the_program_reads_every_version_of_every_fact_there_ever_was() -> None:
    assert {*TODAY.kinds.values()} == {*catalogue()}
    assert [each.was for each in UPCASTERS if each.was in TODAY.kinds] == []
