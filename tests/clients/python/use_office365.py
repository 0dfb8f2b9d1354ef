"""Office365-REST-Python-Client at work."""

from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from office365.runtime.client_request_exception import ClientRequestException
from pointed import client

from tests.clients.plot import ADELE, ALEX, FINAL, FIRST, FLOWER, INVITATION, MENU, NUMBERS
from tests.clients.steps import refused, run

me = client.me


def folder(name: str) -> Any:
    """A folder by its well-known name."""
    return me.mail_folders[name]


def subjects(messages: Any) -> list[str]:
    """What messages are called."""
    return [message.subject for message in messages.get().execute_query()]


def invitation() -> Any:
    """The letter that waits in the Inbox."""
    (found,) = folder("inbox").messages.filter(f"subject eq '{INVITATION}'").get().execute_query()
    return found


def the_main_job() -> None:
    draft = me.messages.add(FIRST, "The new cafeteria is open.", [ADELE]).execute_query()
    draft.set_property("subject", FINAL).set_property("importance", "high")
    draft.update().execute_query()
    draft = me.messages[draft.id].get().execute_query()
    assert (draft.subject, draft.importance) == (FINAL, "high")
    with TemporaryDirectory() as place:
        flower = Path(place) / "flower.jpg"
        flower.write_bytes(FLOWER)
        draft.upload_attachment(str(flower)).execute_query()
    draft.add_file_attachment("menu.txt", MENU).execute_query()
    files = me.messages[draft.id].attachments.get().execute_query()
    assert {file.name for file in files} == {"menu.txt", "flower.jpg"}
    assert subjects(folder("drafts").messages) == [FINAL]
    me.messages[draft.id].send().execute_query()
    assert subjects(folder("drafts").messages) == []
    assert FINAL in subjects(folder("SentItems").messages)


def send_mail() -> None:
    me.send_mail("In one go", "Hello", [ADELE], save_to_sent_items=True).execute_query()
    assert "In one go" in subjects(folder("sentitems").messages)


def pages() -> None:
    whole = folder("archive").messages.get_all(page_size=5).execute_query()
    assert sorted(message.subject for message in whole) == NUMBERS


def delta() -> None:
    found = folder("archive").messages.delta.get().execute_query()
    assert {message.subject for message in found} <= set(NUMBERS)
    assert len(list(found)) > 0


def search() -> None:
    assert subjects(me.messages.search("subject:07")) == [NUMBERS[7]]
    assert sorted(subjects(me.messages.filter("startswith(subject, 'Number 1')"))) == NUMBERS[10:]


def answers() -> None:
    invitation().reply("Gladly.").execute_query()
    invitation().forward([ALEX], "For you.").execute_query()
    draft = invitation().create_reply("Gladly.").execute_query()
    assert draft.subject == f"RE: {INVITATION}"
    me.messages[draft.id].send().execute_query()
    sent = subjects(folder("sentitems").messages)
    assert (sent.count(f"RE: {INVITATION}"), sent.count(f"FW: {INVITATION}")) == (2, 1)


def moves() -> None:
    there = invitation().move("junkemail").execute_query()
    copy = me.messages[there.id].copy("clutter").execute_query()
    assert copy.id != there.id
    me.messages[copy.id].delete_object().execute_query()
    me.messages[there.id].move("inbox").execute_query()
    invitation()


def folders() -> None:
    clubs = me.mail_folders.ensure("Clubs").execute_query()
    assert me.mail_folders.ensure("Clubs").execute_query().id == clubs.id
    me.mail_folders[clubs.id].child_folders.add("Chess").execute_query()
    assert me.mail_folders[clubs.id].get().execute_query().child_folder_count == 1
    assert me.mail_folders.find_by_display_name("Clubs").execute_query().id == clubs.id
    me.mail_folders[clubs.id].permanent_delete().execute_query()
    assert "Clubs" not in {each.display_name for each in me.mail_folders.get().execute_query()}


def batch() -> None:
    archive, drafts = folder("archive").get(), folder("drafts").get()
    client.execute_batch()
    assert (archive.total_item_count, drafts.display_name) == (len(NUMBERS), "Drafts")


def mime() -> None:
    content = BytesIO()
    invitation().download(content).execute_query()
    assert f"Subject: {INVITATION}".encode() in content.getvalue()


def directory() -> None:
    who = me.get().execute_query()
    assert (who.mail, who.user_principal_name) == (ALEX, ALEX)


def refusals() -> None:
    refusal = refused(ClientRequestException, partial(me.messages["nonsense"].get().execute_query))
    assert (refusal.response.status_code, refusal.code) == (400, "ErrorInvalidIdMalformed")


run(
    the_main_job,
    send_mail,
    pages,
    delta,
    search,
    answers,
    moves,
    folders,
    batch,
    mime,
    directory,
    refusals,
)
