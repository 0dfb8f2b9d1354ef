"""O365 at work."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from O365.mailbox import AutoReplyStatus
from O365.utils import QueryBuilder
from pointed import account
from requests import HTTPError

from tests.clients.plot import ADELE, ALEX, FINAL, FIRST, FLOWER, INVITATION, MENU, NUMBERS
from tests.clients.steps import refused, run

mailbox = account.mailbox()
archive = mailbox.archive_folder()


def asking() -> Any:
    """A new query."""
    return QueryBuilder(account.protocol)


def subjects(messages: Iterable[Any]) -> list[str]:
    """What messages are called."""
    return [message.subject for message in messages]


def invitation() -> Any:
    """The letter that waits in the Inbox."""
    (found,) = mailbox.inbox_folder().get_messages(query=asking().equals("subject", INVITATION))
    return found


def the_main_job() -> None:
    draft = mailbox.new_message()
    draft.to.add(ADELE)
    draft.subject, draft.body = FIRST, "The new cafeteria is open."
    assert draft.save_draft()
    draft.subject, draft.importance = FINAL, "high"
    with TemporaryDirectory() as folder:
        for name, content in (("menu.txt", MENU), ("flower.jpg", FLOWER)):
            (Path(folder) / name).write_bytes(content)
            draft.attachments.add(str(Path(folder) / name))
        assert draft.save_draft()
    assert subjects(mailbox.drafts_folder().get_messages()) == [FINAL]
    found = mailbox.get_message(draft.object_id, download_attachments=True)
    files = {file.name: file.size for file in found.attachments}
    assert files == {"menu.txt": len(MENU), "flower.jpg": len(FLOWER)}
    assert draft.send()
    assert subjects(mailbox.drafts_folder().get_messages()) == []
    assert FINAL in subjects(mailbox.sent_folder().get_messages())


def pages() -> None:
    walked = list(archive.get_messages(limit=None, batch=5, order_by="subject"))
    assert subjects(walked) == NUMBERS


def filters() -> None:
    starting = asking().startswith("subject", "Number 1")
    assert sorted(subjects(archive.get_messages(query=starting))) == NUMBERS[10:]
    late = asking().greater("received_date_time", datetime(2016, 1, 1, tzinfo=UTC))
    assert len(list(archive.get_messages(query=late))) == len(NUMBERS)
    early = asking().less("received_date_time", datetime(2016, 1, 1, tzinfo=UTC))
    assert list(archive.get_messages(query=early)) == []
    chosen = asking().select("subject") & asking().equals("subject", NUMBERS[3])
    assert subjects(archive.get_messages(query=chosen)) == [NUMBERS[3]]


def search() -> None:
    assert subjects(archive.get_messages(query=asking().search("07"))) == [NUMBERS[7]]
    assert subjects(archive.get_messages(query=asking().search(NUMBERS[8], "subject"))) == [NUMBERS[8]]


def answers() -> None:
    reply = invitation().reply(to_all=False)
    assert (reply.subject, [each.address for each in reply.to]) == (f"RE: {INVITATION}", [ADELE])
    reply.body = "Gladly."
    assert reply.send()
    forward = invitation().forward()
    forward.to.add(ALEX)
    assert forward.send()
    sent = subjects(mailbox.sent_folder().get_messages())
    assert {f"RE: {INVITATION}", f"FW: {INVITATION}"} <= set(sent)


def marks_moves_and_copies() -> None:
    letter = invitation()
    assert letter.mark_as_read()
    letter.flag.set_flagged()
    letter.add_category("Lunch")
    assert letter.save_message()
    shown = invitation()
    assert (shown.is_read, shown.flag.is_flagged, shown.categories) == (True, True, ["Lunch"])
    copy = shown.copy(mailbox.archive_folder())
    assert copy.object_id != shown.object_id
    assert copy.delete()
    assert subjects(mailbox.deleted_folder().get_messages()) == [INVITATION]
    assert shown.move(mailbox.junk_folder())
    (moved,) = mailbox.junk_folder().get_messages()
    assert moved.move(mailbox.inbox_folder())
    assert invitation().mark_as_unread()


def folders() -> None:
    clubs = mailbox.create_child_folder("Clubs")
    chess = clubs.create_child_folder("Chess")
    assert clubs.update_folder_name("Societies")
    assert mailbox.get_folder(folder_name="Societies").child_folders_count == 1
    assert chess.move_folder(mailbox.inbox_folder(), update_parent_if_changed=True)
    assert [folder.name for folder in mailbox.inbox_folder().get_folders()] == ["Chess"]
    assert chess.delete()
    assert clubs.delete()
    assert mailbox.get_folder(folder_name="Societies") is None


def settings() -> None:
    assert mailbox.set_automatic_reply("I am away.", "I am away.")
    replies = mailbox.get_settings().automaticrepliessettings
    assert (replies.status, replies.internal_reply_message) == (AutoReplyStatus.ALWAYSENABLED, "I am away.")
    assert mailbox.set_disable_reply()
    assert mailbox.get_settings().automaticrepliessettings.status == AutoReplyStatus.DISABLED


def categories() -> None:
    known = account.outlook_categories()
    lunch = known.create_category("Lunch", color="red")
    assert lunch.update_color("blue")
    assert {each.name for each in known.get_categories()} >= {"Lunch"}
    assert known.get_category(lunch.object_id).color.name == "BLUE"
    assert lunch.delete()


def directory() -> None:
    assert account.directory("me").get_current_user().mail == ALEX
    assert account.directory().get_user(ALEX).display_name == "Alex Wilber"


def refusals() -> None:
    refusal = refused(HTTPError, partial(mailbox.get_message, "nonsense"))
    assert refusal.response is not None
    assert refusal.response.json()["error"]["code"] == "ErrorInvalidIdMalformed"
    assert "Id is malformed" in str(refusal)


run(
    the_main_job,
    pages,
    filters,
    search,
    answers,
    marks_moves_and_copies,
    folders,
    settings,
    categories,
    directory,
    refusals,
)
