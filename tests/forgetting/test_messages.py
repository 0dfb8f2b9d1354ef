"""One message is erased: what it said is nowhere any more, and all that was proved stays proved."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, Witnesses, open_book
from letterbook.adapters.chronicle import moment_data
from letterbook.application import purging, rebuilding
from letterbook.application.public_ids import Kind, private, public
from letterbook.domain import refusals
from tests.fakes import FakeTransport
from tests.forgetting.canaries import found
from tests.graph.client import ADELE, ALEX, MEGAN, Graph
from tests.graph.follower import follow
from tests.proof.independent import verifier

WHY = "Sent to the wrong person"
SECRET, SAID, ATTACHED, LONG = "Xylophone", "Quetzalcoatl", "Wolpertinger", "Kaleidoscope "


@pytest.fixture
def letter(alexs: Mailbox) -> str:
    """The id of a draft that says a lot, has been rewritten, and has something large attached."""
    draft = alexs.create_draft(subject="Before", body=LONG * 6_000, to=[ADELE])
    alexs.attach(draft, f"{ATTACHED}.txt", ATTACHED.encode() * 8_000)
    alexs.update_draft(draft, subject=SECRET, body=SAID)
    return draft.id


WORDS = (SECRET, SAID, ATTACHED, LONG)


def test_what_was_said_can_be_read_nowhere_any_more(alexs: Mailbox, letter: str, file: Path) -> None:
    alexs.search(SAID)
    assert {word for _, word in found(file, WORDS)} == set(WORDS), "it was there, in the views"
    assert alexs.erase(letter, why=WHY).purged
    assert found(file, WORDS) == set()


def test_no_folder_and_no_search_shows_it(alexs: Mailbox, letter: str) -> None:
    other = alexs.create_draft(subject="Lunch", body=SAID)
    assert len(alexs.search(SAID)) == 2
    alexs.erase(letter, why=WHY)
    assert [draft.id for draft in alexs.drafts()] == [other.id]
    assert [hit.id for hit in alexs.search(SAID)] == [other.id]
    assert alexs.search(SECRET) == []
    assert [folder.total for folder in alexs.folders() if folder.well_known == "drafts"] == [1]
    with pytest.raises(refusals.NotFound):
        alexs.message(letter)


def test_the_timeline_tells_what_kinds_of_change_there_were_and_who_erased_it_and_why(
    alexs: Mailbox, letter: str
) -> None:
    alexs.erase(letter, why=WHY, by="danas@contoso.com")
    told = [moment_data(each) for each in alexs.timeline(letter)]
    kinds = ["draft-created", "attachment-added", "draft-updated", "erased"]
    assert [each["fact"] for each in told] == [f"message.{kind}.v1" for kind in kinds]
    assert [each["changes"] for each in told[:3]] == [[], [], []]
    assert told[3]["changes"] == [{"property": "why", "before": None, "after": WHY}]
    assert [each["who"] for each in told] == ["", "", "", "danas@contoso.com"]
    assert not any(word in json.dumps(told) for word in WORDS)


def test_no_earlier_point_shows_it(book: Book, alexs: Mailbox, letter: str) -> None:
    then = book.engine.clock.now()
    assert [draft.subject for draft in alexs.at(then).drafts()] == [SECRET]
    alexs.erase(letter, why=WHY)
    assert alexs.at(then).drafts() == []
    for position in range(1, 6):
        assert alexs.at(position).drafts() == []
        assert [each.name for each in alexs.diff(position)] == []
    with pytest.raises(refusals.NotFound):
        alexs.at(then).message(letter)


def test_checkpoints_from_before_still_hold_and_both_verifiers_agree(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path
) -> None:
    before = book.checkpoint()
    alexs.erase(letter, why=WHY)
    report = book.verify(Witnesses(before))
    assert report.good
    assert {each.mailbox: each.witnessed for each in report.mailboxes} == {
        each.mailbox: each.size for each in before
    }
    mine = next(each for each in before if each.mailbox == alexs.id)
    assert alexs.prove_growth(mine)
    (tmp_path / "notes.txt").write_text("\n".join(each.note for each in before))
    keys = "\n".join(book.mailbox(each).checkpoint_key() for each in (ALEX, MEGAN, ADELE))
    (tmp_path / "keys.txt").write_text(keys)
    files = [str(tmp_path / name) for name in ("mail.db", "keys.txt", "notes.txt")]
    assert verifier.main("store", *files) == 0


def test_that_a_message_was_there_and_was_erased_can_be_proved(alexs: Mailbox, letter: str) -> None:
    alexs.erase(letter, why=WHY)
    proof = alexs.prove(letter)
    assert [event["topic"] for event in proof["events"]][-1] == "message.erased.v1"


def test_views_that_are_made_again_are_the_live_ones(book: Book, alexs: Mailbox, letter: str) -> None:
    alexs.erase(letter, why=WHY)
    assert [each.equal for each in book.rebuild(verify=True)] == [True] * 3


def test_what_is_erased_while_views_are_rebuilt_is_in_neither_the_old_nor_the_new_ones(
    book: Book, alexs: Mailbox, adeles: Mailbox, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new views had been filled with it, and nobody could read any more where it had been."""
    alexs.create_draft(subject="Lunch")
    adeles.create_draft(subject="Dinner")
    known = rebuilding._Rebuild._index

    def meanwhile(rebuild: rebuilding._Rebuild) -> None:
        assert not alexs.erase(letter, why=WHY).purged
        assert not book.erase_people([ADELE], why=WHY).purged
        known(rebuild)

    with monkeypatch.context() as patched:
        patched.setattr(rebuilding._Rebuild, "_index", meanwhile)
        patched.setattr(purging, "_PAUSE", 0.001)
        assert [each.equal for each in book.rebuild(verify=True)] == [True] * 3
    assert [each.subject for each in alexs.drafts()] == ["Lunch"]
    assert [folder.total for folder in alexs.folders() if folder.well_known == "drafts"] == [1]
    assert [each.address for each in book.users()] == [ALEX, MEGAN]
    assert [each.equal for each in book.rebuild(verify=True)] == [True] * 3


def test_nothing_is_asked_any_more_of_it_and_erasing_it_again_says_nothing_new(
    alexs: Mailbox, letter: str
) -> None:
    alexs.erase(letter, why=WHY)
    length = len(alexs.records(letter))
    alexs.erase(letter, why="Once more")
    assert len(alexs.records(letter)) == length
    for ask in (alexs.send, alexs.delete, alexs.mark_read, alexs.delete_for_good):
        with pytest.raises(refusals.NotFound):
            ask(letter)
    assert len(alexs.records(letter)) == length


def test_what_was_deleted_for_good_can_be_erased(alexs: Mailbox, letter: str, file: Path) -> None:
    alexs.delete_for_good(letter)
    alexs.erase(letter, why=WHY)
    assert found(file, WORDS) == set()


def test_a_blob_that_another_message_names_stays(alexs: Mailbox, letter: str) -> None:
    other = alexs.create_draft(subject="Lunch", body=LONG * 6_000)
    alexs.erase(letter, why=WHY)
    assert LONG in alexs.message(other).body.content


@pytest.mark.parametrize("why", ["", "   "])
def test_whoever_erases_says_why(alexs: Mailbox, letter: str, why: str) -> None:
    with pytest.raises(refusals.ReasonMissing):
        alexs.erase(letter, why=why)
    assert alexs.message(letter).subject == SECRET


@pytest.mark.parametrize("by", ["", " ", "nobody at all", "dana", "Dana Swope <danas@contoso.com>"])
def test_whoever_orders_it_is_somebody(alexs: Mailbox, letter: str, by: str) -> None:
    """Also where a hold would refuse it, and write down who tried."""
    with pytest.raises(refusals.OrderedByNobody):
        alexs.erase(letter, why=WHY, by=by)
    alexs.place_hold("All", why=WHY)
    with pytest.raises(refusals.OrderedByNobody):
        alexs.erase(letter, why=WHY, by=by)
    assert alexs.refused_removals() == []
    assert alexs.message(letter).subject == SECRET


def test_what_was_erased_is_not_erased_again_and_not_counted(alexs: Mailbox, letter: str) -> None:
    """Who did it, and why, stays as it was written down."""
    assert alexs.erase(letter, why=WHY, by="danas@contoso.com").messages == 1
    before = alexs.history(letter)
    assert alexs.erase(letter, why="Another reason", by="adelev@contoso.com").messages == 0
    assert alexs.history(letter) == before


def test_what_never_was_is_not_erased(book: Book, alexs: Mailbox, megans: Mailbox, letter: str) -> None:
    strange = (public(Kind.MESSAGE, name) for name in (book.engine.ids.new(), alexs.id))
    for box, name in ((megans, letter), *((alexs, name) for name in strange)):
        with pytest.raises(refusals.NotFound):
            box.erase(name, why=WHY)


def test_an_unencrypted_store_cannot_forget_and_says_so(tmp_path: Path) -> None:
    with open_book(tmp_path / "plain.db", deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject=SECRET)
        with pytest.raises(refusals.StoreUnencrypted, match="not encrypted"):
            alex.erase(draft, why=WHY)
        with pytest.raises(refusals.StoreUnencrypted, match="not encrypted"):
            book.erase_people([ALEX], why=WHY)
        assert alex.message(draft).subject == SECRET


def test_what_had_yet_to_arrive_does_not_arrive(book: Book, alexs: Mailbox, adeles: Mailbox) -> None:
    alexs.send_mail(subject=SECRET, to=[ADELE, "danas@fabrikam.com"])
    assert book.waiting() == 2
    (sent,) = alexs.sent_items()
    alexs.erase(sent, why=WHY)
    assert book.waiting() == 0
    assert book.deliver() == 0
    assert adeles.folder("inbox") == []


def test_a_letter_that_is_erased_while_it_is_taken_outside_is_not_sent_blank(tmp_path: Path) -> None:
    transport = FakeTransport()
    with open_book(tmp_path / "mail.db", encrypted=True, deliver=False, transport=transport) as book:
        alex = book.mailbox(ALEX)
        alex.send_mail(subject=SECRET, to=["danas@fabrikam.com"])
        (due,) = book._delivery._due(book.engine.clock.now() + timedelta(hours=1))
        alex.erase(alex.sent_items()[0], why=WHY)
        book._delivery._deliver_all([due], lambda: False)
    assert transport.letters == {}


def test_a_letter_that_is_erased_between_two_recipients_goes_no_further(tmp_path: Path) -> None:
    """Nor is anything written down of whom it had not reached."""
    transport = FakeTransport()
    with open_book(tmp_path / "mail.db", encrypted=True, deliver=False, transport=transport) as book:
        alex = book.mailbox(ALEX)
        alex.send_mail(subject=SECRET, to=["danas@fabrikam.com", "randiw@fabrikam.com"])

        def erase_it(_recipient: str) -> None:
            for sent in alex.sent_items():
                alex.erase(sent, why=WHY)

        transport.trouble = erase_it
        book.deliver()
        assert (transport.asked, book.waiting()) == (["danas@fabrikam.com"], 0)
        assert book.verify().good


def test_an_upload_to_it_is_dropped(alex: Graph, alexs: Mailbox, book: Book) -> None:
    draft = alex.draft(subject=SECRET)
    item = {"AttachmentItem": {"attachmentType": "file", "name": ATTACHED, "size": 4_000_000}}
    alex.made(f"/me/messages/{draft['id']}/attachments/createUploadSession", item)
    assert len(book.engine.store.blobs.uploads.all()) == 1
    alexs.erase(draft["id"], why=WHY)
    assert book.engine.store.blobs.uploads.all() == []


# --- The Graph face --------------------------------------------------------------------------------


def test_graph_answers_as_if_it_had_never_been(alex: Graph, alexs: Mailbox, letter: str) -> None:
    alexs.erase(letter, why=WHY)
    for path in (f"/me/messages/{letter}", f"/me/messages/{letter}/$value"):
        answer = alex.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ErrorItemNotFound")
    assert alex.patch(f"/me/messages/{letter}", json={"subject": "x"}).status_code == 404
    told = alex.values(f"/me/messages/{letter}/letterbook.timeline")
    assert told[-1]["fact"] == "message.erased.v1"


def test_followers_are_told_that_it_was_removed(alex: Graph, alexs: Mailbox, letter: str) -> None:
    alexs.move(letter, "archive")
    followers = [
        follow(alex, "/me/mailFolders/archive/messages", "$select=subject", lasting=lasting)
        for lasting in (False, True)
    ]
    for each in followers:
        each.round()
        assert [known["subject"] for known in each.known.values()] == [SECRET]
    alexs.erase(letter, why=WHY)
    for each in followers:
        each.round()
        assert each.known == {}


# --- Elsewhere -------------------------------------------------------------------------------------


def test_forks_from_before_and_after_show_nothing_of_it(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path
) -> None:
    then = book.engine.clock.now()
    alexs.erase(letter, why=WHY)
    for name, at in (("now.db", None), ("then.db", then)):
        with book.fork(tmp_path / name, at=at) as fork:
            assert fork.mailbox(ALEX).drafts() == []
            assert fork.verify().good
            assert [each.equal for each in fork.rebuild(verify=True)] == [True] * 3
            told = [moment_data(each)["fact"] for each in fork.mailbox(ALEX).timeline(letter)]
            assert told[-1] == "message.erased.v1"
        assert found(tmp_path / name, WORDS) == set()


def test_whoever_forks_still_forgets(book: Book, alexs: Mailbox, letter: str, tmp_path: Path) -> None:
    then = book.engine.clock.now()
    with book.fork(tmp_path / "fork.db") as fork:
        assert [draft.subject for draft in alexs.at(then).drafts()] == [SECRET]
        alexs.erase(letter, why=WHY)
        book.users()
        assert book.travel.rows.get((alexs.id, private(Kind.MESSAGE, letter), 4)) is None
        assert alexs.at(then).drafts() == []
        assert [draft.subject for draft in fork.mailbox(ALEX).drafts()] == [SECRET]


def test_a_fork_that_was_there_before_keeps_what_it_has(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path
) -> None:
    book.fork(tmp_path / "kept.db").close()
    alexs.erase(letter, why=WHY)
    with open_book(tmp_path / "kept.db", deliver=False) as kept:
        assert kept.mailbox(ALEX).message(letter).subject == SECRET
        assert kept.verify().good


def test_the_facts_can_be_taken_elsewhere_with_what_was_erased(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path
) -> None:
    alexs.erase(letter, why=WHY)
    book.export_facts(tmp_path / "facts.jsonl")
    key = bytes.fromhex((tmp_path / "mail.db.key").read_text())
    with open_book(tmp_path / "new.db", key=key, deliver=False) as new:
        new.import_facts(tmp_path / "facts.jsonl")
        assert new.verify().good
        assert moment_data(new.mailbox(ALEX).timeline(letter)[-1])["fact"] == "message.erased.v1"
        assert new.mailbox(ALEX).drafts() == []


def test_tidying_finds_nothing_left(book: Book, alexs: Mailbox, letter: str) -> None:
    alexs.erase(letter, why=WHY)
    assert list(book.engine.store.blobs.kept()) == []
    assert book.tidy().blobs == 0


def test_time_goes_on_in_the_mailbox(alexs: Mailbox, letter: str) -> None:
    alexs.erase(letter, why=WHY)
    draft = alexs.create_draft(subject="Lunch")
    assert [each.subject for each in alexs.drafts()] == ["Lunch"]
    assert alexs.update_draft(draft, subject="Dinner").subject == "Dinner"
