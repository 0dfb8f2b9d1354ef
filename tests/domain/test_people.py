"""Who somebody is: names, addresses, and the thread that letters between them form."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from letterbook.domain.conversation import begin_thread, join_thread
from letterbook.domain.letter import Thread
from letterbook.domain.people import EmailAddress, introduce, introduce_all

DIRECTORY = {"alexw@contoso.com": "Alex Wilber"}


def look_up(address: str) -> str | None:
    """A directory that knows Alex, in any case."""
    return DIRECTORY.get(address.casefold())


# --- Names -----------------------------------------------------------------------------------------


def test_a_given_name_is_kept() -> None:
    alex = EmailAddress(name="A. Wilber", address="AlexW@contoso.com")
    assert introduce(alex, look_up) == alex


def test_without_a_name_the_directory_is_asked_and_the_address_kept_as_written() -> None:
    named = introduce(EmailAddress(address="AlexW@contoso.com"), look_up)
    assert named == EmailAddress(name="Alex Wilber", address="AlexW@contoso.com")


def test_whom_the_directory_does_not_know_is_named_by_the_address() -> None:
    named = introduce(EmailAddress(address="AdeleV@contoso.com"), look_up)
    assert named == EmailAddress(name="AdeleV@contoso.com", address="AdeleV@contoso.com")


def test_everyone_on_a_list_gets_a_name() -> None:
    people = (EmailAddress(address="alexw@contoso.com"), EmailAddress(name="Adele Vance", address="a@b"))
    assert [person.name for person in introduce_all(people, look_up)] == ["Alex Wilber", "Adele Vance"]


def test_introducing_somebody_twice_changes_nothing() -> None:
    named = introduce(EmailAddress(address="AlexW@contoso.com"), look_up)
    assert introduce(named, lambda _: "Somebody else") == named


# --- Addresses -------------------------------------------------------------------------------------


def test_two_addresses_are_the_same_in_any_case_and_under_any_name() -> None:
    samantha = EmailAddress(name="Samantha Booth", address="samanthab@contoso.com")
    assert samantha.same_as(EmailAddress(name="S.", address="SamanthaB@CONTOSO.com"))
    assert not samantha.same_as(EmailAddress(name="Samantha Booth", address="samanthab@fabrikam.com"))


@pytest.mark.parametrize(
    "address", ["a@b", "alexw@contoso.com", "a.b+c@d.example", "用户@例子.广告", "a@b@c"]
)
def test_mail_can_go_to_an_address(address: str) -> None:
    assert EmailAddress(address=address).deliverable


@pytest.mark.parametrize(
    "address", ["", "a", "@", "a@", "a\0@b", "@b", "a b@c", "a@b\r\n", "<a@b>", "a@b;c@d", '"a"@b']
)
def test_mail_cannot_go_to_what_is_no_address(address: str) -> None:
    assert not EmailAddress(address=address).deliverable


# --- Threads ---------------------------------------------------------------------------------------

SAMPLE = "AQHTe7/VAniOJVgCxEmtF1z6ZY1rFQ=="


def moment_of(index: bytes) -> datetime:
    """The time in a conversation index, to its precision of 2^24 ticks of 100 ns (1.7 seconds)."""
    ticks = int.from_bytes(index[1:6] + bytes(3), "big")
    return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=-(-ticks // 10))


def test_the_sample_of_the_documents_is_of_2017_12_23() -> None:
    index = base64.b64decode(SAMPLE)
    assert (len(index), index[0]) == (22, 1)
    assert moment_of(index).date().isoformat() == "2017-12-23"


def test_the_sample_of_the_documents_can_be_joined() -> None:
    assert join_thread(SAMPLE) == Thread(conversation=base64.b64decode(SAMPLE)[6:].hex(), index=SAMPLE)


def test_a_thread_begins_as_the_sample_does() -> None:
    conversation = UUID(bytes=base64.b64decode(SAMPLE)[6:])
    assert begin_thread(conversation, moment_of(base64.b64decode(SAMPLE))).index == SAMPLE


def test_a_conversation_index_has_22_bytes_one_time_and_one_name() -> None:
    at, conversation = datetime(2017, 12, 23, 9, 30, 1, 999_999, tzinfo=UTC), UUID(int=7, version=4)
    thread = begin_thread(conversation, at)
    index = base64.b64decode(thread.index, validate=True)
    assert (len(index), index[0], index[6:]) == (22, 1, conversation.bytes)
    assert abs(at - moment_of(index)) < timedelta(seconds=2)
    assert thread.conversation == conversation.hex


def test_an_answer_joins_the_thread_and_keeps_its_place_in_it() -> None:
    answer = base64.b64encode(base64.b64decode(SAMPLE) + bytes(5)).decode()
    joined = join_thread(answer)
    assert joined == Thread(conversation=base64.b64decode(SAMPLE)[6:].hex(), index=answer)


@pytest.mark.parametrize(
    "damaged", ["", "AQ==", SAMPLE[:-4], "not base64!", "日本語", SAMPLE[:-1], "A" * 28 + "\n"]
)
def test_a_damaged_index_joins_nothing(damaged: str) -> None:
    assert join_thread(damaged) is None
