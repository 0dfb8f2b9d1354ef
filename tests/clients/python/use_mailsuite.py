"""mailsuite at work: the mailbox of programs that read reports and send them."""

from email import message_from_string

from pointed import connection

from tests.clients.plot import ADELE, ALEX, FINAL, INVITATION, MENU, NUMBERS
from tests.clients.steps import run


def subjects(folder: str) -> list[str]:
    """What the messages of a folder are called, in their MIME."""
    letters = [connection.fetch_message(name) for name in connection.fetch_messages(folder)]
    return [str(message_from_string(letter)["Subject"]) for letter in letters]


def the_main_job() -> None:
    connection.send_message(
        message_from=ALEX,
        message_to=[ADELE],
        subject=FINAL,
        plain_message="The new cafeteria is open.",
        attachments=[("menu.txt", MENU)],
    )
    assert subjects("Drafts") == []
    assert FINAL in subjects("Sent Items")


def pages() -> None:
    assert len(connection.fetch_messages("Archive", batch_size=0)) == len(NUMBERS)
    assert len(connection.fetch_messages("Archive", batch_size=5)) == 5
    assert len(connection.fetch_messages("Archive", since="2016-01-01T00:00:00Z")) == len(NUMBERS)
    assert connection.fetch_messages("Archive", since="2999-01-01T00:00:00Z") == []


def messages() -> None:
    (name,) = connection.fetch_messages("Inbox")
    letter = message_from_string(connection.fetch_message(name, mark_read=True))
    assert letter["Subject"] == INVITATION
    connection.create_folder("Done")
    connection.move_message(name, "Done")
    assert (subjects("Inbox"), subjects("Done")) == ([], [INVITATION])
    (moved,) = connection.fetch_messages("Done")
    connection.delete_message(moved)
    assert subjects("Done") == []


def folders() -> None:
    connection.create_folder("Bob's reports")
    connection.create_folder("Bob's reports")
    connection.create_folder("Bob's reports/Invalid")
    assert connection.folder_exists("Bob's reports/Invalid")
    connection.rename_folder("Bob's reports/Invalid", "Bob's reports/Broken")
    assert not connection.folder_exists("Bob's reports/Invalid")
    connection.move_folder("Bob's reports/Broken", "Broken")
    assert connection.folder_exists("Broken")
    connection.delete_folder("Bob's reports")
    assert not connection.folder_exists("Bob's reports")


run(the_main_job, pages, messages, folders)
