"""People are erased: their own mailboxes whole, and everything that ever named them in all others."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from letterbook import Book, Mailbox, open_book
from letterbook.application import erasing, holding, purging, rebuilding
from letterbook.application.erasing import Trace
from letterbook.application.standing import Line, Standing
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion
from letterbook.domain.people import EmailAddress
from letterbook.domain.refused import Refused
from letterbook.domain.subscriptions import Subscriber, Subscription
from tests.forgetting.canaries import found
from tests.graph.client import ADELE, ALEX, MEGAN, Graph

WHY = "Article 17, request 4711"
DANA = "danas@fabrikam.com"


def subjects(box: Mailbox, folder: str = "drafts") -> list[str]:
    """What somebody finds in a folder."""
    return sorted(each.subject for each in box.folder(folder))


def test_their_own_mailbox_goes_whole(book: Book, alexs: Mailbox, file: Path) -> None:
    alexs.create_draft(subject="Xylophone")
    erasure = book.erase_people([ALEX], why=WHY)
    assert (erasure.mailboxes, erasure.messages, erasure.purged) == ((ALEX,), 0, True)
    assert [each.address for each in book.users()] == [ADELE, MEGAN]
    assert found(file, ["Xylophone", ALEX, "Alex Wilber"]) == set()
    with pytest.raises(refusals.MailboxUnknown):
        book.engine.person(ALEX)


@pytest.mark.parametrize(
    "named",
    [
        {"to": ["Alex Wilber <ALEXW@contoso.com>"]},
        {"cc": [ALEX]},
        {"bcc": [ALEX]},
        {"reply_to": [ALEX]},
        {"mentions": [ALEX]},
    ],
    ids=lambda named: next(iter(named)),
)
def test_in_other_mailboxes_goes_what_names_them(book: Book, megans: Mailbox, named: dict[str, Any]) -> None:
    megans.create_draft(subject="About Alex", **named)
    megans.create_draft(subject="About Adele", to=[ADELE])
    assert book.erase_people([ALEX], why=WHY).messages == 1
    assert subjects(megans) == ["About Adele"]


def test_what_they_wrote_goes_where_it_arrived(book: Book, alexs: Mailbox, megans: Mailbox) -> None:
    alexs.send_mail(subject="From Alex", to=[MEGAN])
    book.deliver()
    assert subjects(megans, "inbox") == ["From Alex"]
    book.erase_people([ALEX], why=WHY)
    assert subjects(megans, "inbox") == []


def test_what_named_them_once_goes_although_it_does_no_longer(book: Book, megans: Mailbox) -> None:
    draft = megans.create_draft(subject="To Alex first", to=[ALEX])
    megans.update_draft(draft, to=[ADELE])
    assert book.erase_people([ALEX], why=WHY).messages == 1
    assert subjects(megans) == []


def test_what_was_deleted_for_good_goes_too(book: Book, megans: Mailbox, file: Path) -> None:
    megans.delete_for_good(megans.create_draft(subject="Xylophone", to=[DANA]))
    assert book.erase_people([DANA], why=WHY).messages == 1
    assert found(file, ["Xylophone", DANA]) == set()


def test_a_letter_that_is_enclosed_in_another_names_its_author(
    book: Book, alexs: Mailbox, megans: Mailbox, adeles: Mailbox
) -> None:
    alexs.send_mail(subject="From Alex", body="Quetzalcoatl", to=[MEGAN])
    book.deliver()
    raw = megans.mime(megans.folder("inbox")[0])
    wrapped = (
        b"From: meganb@contoso.com\r\nTo: adelev@contoso.com\r\nSubject: Look\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + raw
    )
    megans.create_draft_from_mime(wrapped)
    erasure = book.erase_people([ALEX], why=WHY)
    assert (erasure.messages, subjects(megans)) == (2, [])


@pytest.mark.parametrize(
    "item",
    [
        {"@odata.type": "#microsoft.graph.event", "attendees": [{"emailAddress": {"address": DANA.upper()}}]},
        {"@odata.type": "#microsoft.graph.event", "organizer": {"emailAddress": {"address": DANA}}},
        {"@odata.type": "#microsoft.graph.contact", "emailAddresses": [{"address": DANA, "name": "Dana"}]},
        {"@odata.type": "#microsoft.graph.contact", "imAddresses": [f"sip:{DANA}"]},
        {"@odata.type": "#microsoft.graph.event", "locations": [{"locationEmailAddress": DANA}]},
    ],
    ids=["attendee", "organizer", "contact", "instant messages", "place"],
)
def test_an_attached_event_or_contact_names_people(book: Book, nobody: Graph, item: dict[str, Any]) -> None:
    megan = nobody.holding(book.token(MEGAN))
    said = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "x", "item": item}
    inside = {"@odata.type": "#microsoft.graph.event", "attachments": [said]}
    for each in (said, said | {"item": inside}):
        megan.draft(subject="About Dana", attachments=[each])
    megan.draft(subject="Another", attachments=[said | {"item": {"@odata.type": item["@odata.type"]}}])
    assert book.erase_people([DANA], why=WHY).messages == 2
    assert [each["subject"] for each in megan.values("/me/messages")] == ["Another"]


def test_many_are_erased_at_once_and_all_others_keep_theirs(
    book: Book, alexs: Mailbox, megans: Mailbox, adeles: Mailbox
) -> None:
    alexs.send_mail(subject="Lunch", to=[MEGAN, ADELE])
    megans.send_mail(subject="Dinner", to=[ADELE])
    adeles.send_mail(subject="Breakfast", to=[DANA])
    book.deliver()
    erasure = book.erase_people([ALEX, MEGAN], why=WHY)
    assert (erasure.mailboxes, erasure.messages) == ((ALEX, MEGAN), 2)
    assert (subjects(adeles, "inbox"), subjects(adeles, "sentitems")) == ([], ["Breakfast"])
    assert book.verify().good
    assert all(each.equal for each in book.rebuild(verify=True))


def test_nobody_else_is_meant(book: Book, megans: Mailbox) -> None:
    megans.create_draft(subject="Another Alex", to=["xalexw@contoso.com", "alexw@contoso.com.example"])
    erasure = book.erase_people([ALEX], why=WHY)
    assert (erasure.messages, erasure.traces) == (0, ())
    assert subjects(megans) == ["Another Alex"]


def test_a_stranger_is_erased_from_where_they_are_named(book: Book, megans: Mailbox) -> None:
    megans.create_draft(subject="Outside", to=[DANA])
    erasure = book.erase_people([DANA, "nobody@contoso.com"], why=WHY)
    assert (erasure.mailboxes, erasure.messages) == ((), 1)


def test_what_else_names_them_is_told_and_stays(book: Book, nobody: Graph, megans: Mailbox) -> None:
    megan = nobody.holding(book.token(MEGAN, "Mail.ReadWrite MailboxSettings.ReadWrite"))
    sender = {"address": ALEX, "name": "Alex"}
    rule = {
        "displayName": "Alex",
        "sequence": 1,
        "conditions": {"fromAddresses": [{"emailAddress": sender}]},
        "actions": {"markAsRead": True},
    }
    megan.made("/me/mailFolders/inbox/messageRules", rule)
    override = {"classifyAs": "focused", "senderEmailAddress": sender}
    megan.made("/me/inferenceClassification/overrides", override)
    draft = megans.create_draft(subject="Note", body=f"Ask {ALEX}.", to=[ADELE])
    erasure = book.erase_people([ALEX], why=WHY)
    name = megans._name(draft)
    assert set(erasure.traces) == {
        Trace(megans.id, None, "mailbox.rule-defined.v1", ALEX),
        Trace(megans.id, None, "mailbox.override-set.v1", ALEX),
        Trace(megans.id, name, "message.draft-created.v1", ALEX),
    }
    assert subjects(megans) == ["Note"]


def test_who_ordered_it_and_why_is_kept_in_the_mailbox_that_nobody_can_read(
    book: Book, alexs: Mailbox
) -> None:
    book.erase_people([ALEX], why=WHY, by=DANA)
    with book.engine.store.reading() as session:
        told = session.history.of(alexs.id, alexs.id)
    assert [type(each.fact).__name__ for each in told] == ["Forgotten", "OwnerErased"]
    assert (told[-1].fact.on.actor, told[-1].fact.model_dump()["why"]) == (DANA, WHY)


def test_no_mailbox_is_opened_in_the_place_of_one_that_was_erased(book: Book) -> None:
    book.erase_people([ALEX], why=WHY)
    with pytest.raises(refusals.MailboxErased):
        book.mailbox(ALEX)
    with pytest.raises(refusals.MailboxErased):
        book.add_user(ALEX)


def test_erasing_again_says_nothing_new(book: Book, alexs: Mailbox, megans: Mailbox) -> None:
    megans.create_draft(subject="About Alex", to=[ALEX])
    book.erase_people([ALEX], why=WHY)
    with book.engine.store.reading() as session:
        heads = {mailbox: session.history.head(mailbox) for mailbox in session.history.mailboxes()}
    erasure = book.erase_people([ALEX], why=WHY)
    assert (erasure.mailboxes, erasure.messages) == ((), 0)
    with book.engine.store.reading() as session:
        assert {mailbox: session.history.head(mailbox) for mailbox in heads} == heads


def test_whoever_still_holds_the_mailbox_finds_nothing_and_can_do_nothing(
    book: Book, alexs: Mailbox, alex: Graph
) -> None:
    draft = alexs.create_draft(subject="Lunch")
    then = book.engine.clock.now()
    book.erase_people([ALEX], why=WHY)
    for read in (alexs.drafts, alexs.folders, lambda: alexs.search("Lunch")):
        with suppress(refusals.NotFound):
            assert read() == []
    with pytest.raises(Refused):
        alexs.create_draft(subject="Dinner")
    with pytest.raises(Refused):
        alexs.send(draft)
    assert alex.get("/me/messages").status_code == 404
    assert alex.get(f"/me/messages?asOf={then.isoformat().replace('+00:00', 'Z')}").status_code == 404


def test_nobody_is_notified_any_more_of_what_happened_there(book: Book, alexs: Mailbox) -> None:
    with book.engine.store.writing() as session:
        session.subscriptions.put(_standing(book, alexs))
    book.erase_people([ALEX], why=WHY)
    with book.engine.store.reading() as session:
        assert session.subscriptions.all() == []


def _standing(book: Book, box: Mailbox) -> Standing:
    """Somebody who wants to know of everything in a mailbox."""
    now = book.engine.clock.now()
    asked = Subscription(
        id=book.engine.ids.new(),
        mailbox=box.id,
        resource=f"users/{box.address}/messages",
        change_type="created",
        notification_url="https://contoso.com/hook",
        begins_at=now,
        expires_at=now + timedelta(days=1),
        by=Subscriber(application="test", creator="test"),
    )
    return Standing(subscription=asked, position=0, news=Line(due=now), lifecycle=Line(due=now))


def test_mail_to_them_is_mail_to_a_stranger_from_then_on(book: Book, megans: Mailbox, tmp_path: Path) -> None:
    book.erase_people([ALEX], why=WHY)
    megans.send_mail(subject="Are you there?", to=[ALEX])
    assert book.deliver() == 1
    assert len(list((tmp_path / "mail.db.outgoing").rglob("*.eml"))) == 1


# --- What is held ----------------------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> set[object]:
    """Mailboxes and messages on which a hold is."""
    kept: set[object] = set()

    def check_message(_work: Work, _mailbox: object, name: object, _on: Occasion) -> None:
        if name in kept:
            raise refusals.NotFound

    def check_mailbox(_work: Work, mailbox: object, _on: Occasion) -> None:
        if mailbox in kept:
            raise refusals.NotFound

    monkeypatch.setattr(erasing, "_HELD", refusals.NotFound.code)
    monkeypatch.setattr(holding, "check_message", check_message)
    monkeypatch.setattr(holding, "check_mailbox", check_mailbox)
    return kept


def test_what_is_held_stays_and_is_told(
    book: Book, alexs: Mailbox, megans: Mailbox, held: set[object]
) -> None:
    evidence = megans.create_draft(subject="Evidence", to=[ALEX])
    megans.create_draft(subject="Chat", to=[ALEX])
    alexs.create_draft(subject="Mine")
    held |= {megans._name(evidence), alexs.id}
    erasure = book.erase_people([ALEX], why=WHY)
    assert (erasure.messages, erasure.held_messages) == (1, 1)
    assert (erasure.mailboxes, erasure.held_mailboxes) == ((), (ALEX,))
    assert (subjects(megans), subjects(alexs)) == (["Evidence"], ["Mine"])
    held.clear()
    assert book.erase_people([ALEX], why=WHY).mailboxes == (ALEX,)
    assert subjects(megans) == []


def test_a_message_that_is_held_is_not_erased(megans: Mailbox, held: set[object]) -> None:
    evidence = megans.create_draft(subject="Evidence")
    held.add(megans._name(evidence))
    with pytest.raises(refusals.NotFound):
        megans.erase(evidence, why=WHY)
    assert subjects(megans) == ["Evidence"]


def test_one_address_may_be_given_alone_and_has_to_be_one(book: Book, megans: Mailbox) -> None:
    megans.create_draft(subject="To nobody", to=[EmailAddress(name="Somebody")])
    for impossible in ("", "Alex Wilber", "@"):
        with pytest.raises(refusals.AddressImpossible):
            book.erase_people(impossible, why=WHY)
    assert book.erase_people(f" {ALEX} ", why=WHY).mailboxes == (ALEX,)
    assert subjects(megans) == ["To nobody"]


def test_it_is_all_or_nothing(book: Book, alexs: Mailbox, megans: Mailbox) -> None:
    megans.create_draft(subject="About Alex", to=[ALEX])
    with pytest.raises(refusals.ReasonMissing):
        book.erase_people([ALEX], why=" ")
    assert subjects(megans) == ["About Alex"]
    assert len(book.users()) == 3


@pytest.mark.parametrize("who", [ALEX, "nobody@contoso.com"])
def test_whoever_orders_it_is_somebody(book: Book, who: str) -> None:
    """Whether there is anything to erase or not."""
    with pytest.raises(refusals.OrderedByNobody):
        book.erase_people(who, why=WHY, by="")
    assert len(book.users()) == 3


def test_the_mailbox_of_another_store_is_of_no_concern(book: Book, tmp_path: Path) -> None:
    with open_book(tmp_path / "other.db", encrypted=True, deliver=False) as other:
        other.mailbox(ALEX).create_draft(subject="Lunch")
        book.erase_people([ALEX], why=WHY)
        assert subjects(other.mailbox(ALEX)) == ["Lunch"]


def test_a_store_in_which_everybody_was_erased_is_opened_whoever_else_rebuilds_it(file: Path) -> None:
    """Its views are there, and show nobody."""
    with open_book(file, deliver=False, encrypted=True) as book:
        book.mailbox(ALEX).create_draft(subject="Lunch")
        book.erase_people([ALEX], why=WHY)
        with book.engine.store.rebuilding(), open_book(file, deliver=False) as other:
            assert other.users() == []
            assert other.verify().good


def test_people_who_are_erased_while_views_are_compared_make_no_difference(
    book: Book, alexs: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    alexs.create_draft(subject="Lunch")
    compare = rebuilding._Rebuild._compare
    monkeypatch.setattr(purging, "_PATIENCE", 1)

    def erased_before(its: rebuilding._Rebuild) -> None:
        assert not book.erase_people([ALEX], why=WHY).purged, "somebody rebuilds"
        compare(its)

    monkeypatch.setattr(rebuilding._Rebuild, "_compare", erased_before)
    assert all(each.equal for each in book.rebuild(verify=True))
    assert ALEX not in {each.address for each in book.users()}
