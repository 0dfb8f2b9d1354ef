"""Folders, messages and histories, at a terminal."""

from letterbook import open_book
from letterbook.adapters.cli import telling
from tests.cli.terminal import ADELE, ALEX, Terminal


def test_a_folder_answers_to_all_of_its_names(alone: Terminal) -> None:
    """People's, Graph's, in any case, and its id."""
    made = alone.draft("--subject", "Lunch", "--to", ADELE)
    alone.tell("send", made)
    (sent_items,) = (each for each in alone.ask("folders") if each["wellKnownName"] == "sentitems")
    assert (sent_items["displayName"], sent_items["totalItemCount"]) == ("Sent Items", 1)
    for name in ("Sent Items", "sent items", "SentItems", sent_items["id"]):
        assert [each["id"] for each in alone.ask("folder", name)] == [made]
    assert alone.refused("folder", "attic") == "Id is malformed."


def test_a_list_has_an_end(alone: Terminal) -> None:
    """The newest come first."""
    made = [alone.draft("--subject", str(number)) for number in range(3)]
    assert [each["id"] for each in alone.ask("drafts", "--top", "2")] == made[:0:-1]
    assert alone.tell("sent") == "no messages\n"


def test_a_list_is_plain_where_no_person_looks(alone: Terminal) -> None:
    """One line for each message, and no frame around it."""
    made = alone.draft("--subject", "来週 🎉", "--to", ADELE, "--importance", "high")
    head, line = alone.tell("drafts").splitlines()
    assert head.split() == ["WHEN", "TO", "SUBJECT", "MARKS", "ID"]
    assert line.split()[2:] == [ADELE, "来週", "🎉", "high", made]
    assert alone.tell("folders").count("\n") == 18


def test_a_list_is_drawn_at_a_terminal(alone: Terminal) -> None:
    """A frame, and every id whole."""
    made = alone.draft("--subject", "Lunch", "--to", ADELE)
    alone.colours = True
    shown = alone.tell("drafts")
    assert "╭" in shown
    assert made in shown


def test_no_letter_commands_the_terminal(alone: Terminal) -> None:
    """Escape codes in a letter are shown, not obeyed."""
    made = alone.draft(
        "--subject", "\x1b]0;owned\x07Hi\x1b[2J", "--body", "one\r\ntwo\x1b[31m\x9b3J", "--to", ADELE
    )
    for words in (("drafts",), ("show", made), ("history", made), ("send", made)):
        for alone.colours in (False, True):
            said = alone.tell(*words) if words[0] != "send" else alone.run(*words).output
            assert not any(code in said for code in ("\x1b]", "\x1b[2J", "\x07", "\x9b"))


def test_emoji_made_of_several_stay_whole() -> None:
    """The joiner between them is invisible, but harmless."""
    assert telling.clean("👩\u200d🚒 \u202eevil") == "👩\u200d🚒 \ufffdevil"


def test_a_message_is_shown_to_people(office: Terminal) -> None:
    """HTML as its text."""
    made = office.draft(
        "--as", ALEX, "--subject", "Lunch", "--body", "<p>At <b>noon</b>?</p>", "--html", "--to", ADELE
    )
    office.tell("mention", made, ADELE)
    shown = office.tell("show", made)
    assert "Subject:     Lunch\n" in shown
    assert f"To:          Adele Vance <{ADELE}>\n" in shown
    assert f"Mentions:    Adele Vance <{ADELE}>\n" in shown
    assert shown.endswith("\n\nAt noon?\n")


def test_a_message_is_shown_as_mime(alone: Terminal) -> None:
    """As a file that any mail program opens."""
    made = alone.draft("--subject", "Lunch", "--body", "At noon?", "--to", ADELE)
    done = alone.run("show", made, "--mime")
    assert done.exit_code == 0
    assert b"Subject: Lunch\r\n" in done.stdout_bytes
    assert "choose one" in alone.refused("show", made, "--mime", "--json", code=2)


def test_the_history_tells_everything_in_order(office: Terminal) -> None:
    """The facts, each in its place, with who and why."""
    made = office.draft("--as", ALEX, "--subject", "Lunch", "--to", ADELE)
    office.tell("update", made, "--subject", "Dinner")
    office.tell("mention", made, ADELE)
    office.tell("send", made)
    told = office.ask("history", made)
    assert [each["fact"].split(".")[1] for each in told] == [
        "draft-created",
        "draft-updated",
        "mention-added",
        "sent",
        "delivered",
    ]
    assert [each["version"] for each in told] == [1, 2, 3, 4, 5]
    assert [each["seq"] for each in told] == [2, 3, 4, 5, 6]
    assert {each["actor"] for each in told[:4]} == {ALEX}
    assert told[1]["data"] == {"changes": {"subject": "Dinner"}}
    assert all(len(bytes.fromhex(each["hash"])) == 32 for each in told)
    lines = office.tell("history", made).splitlines()
    assert [line.split()[3] for line in lines[1:]] == [
        "DraftCreated",
        "DraftUpdated",
        "MentionAdded",
        "Sent",
        "Delivered",
    ]


def test_the_history_outlives_the_message(alone: Terminal) -> None:
    """Deleted for good is not forgotten."""
    made = alone.draft("--subject", "Lunch")
    with open_book(alone.store) as book:
        alex = book.mailbox(ALEX)
        for _ in range(3):
            alex.delete(made)
    assert "not found" in alone.refused("show", made)
    facts = [line.split()[3] for line in alone.tell("history", made).splitlines()[1:]]
    assert facts == ["DraftCreated", "Moved", "Moved", "Deleted"]


def test_letters_are_searched_at_a_terminal(office: Terminal) -> None:
    """In the whole mailbox or one folder; what cannot be read is a wrong word, not a failure."""
    as_alex = ("--as", ALEX)
    found = office.draft("--subject", "会議", "--body", "Pizza?", "--to", ADELE, *as_alex)
    office.draft("--subject", "Lunch", "--body", "pizza", "--to", ADELE, "--as", ADELE)
    assert [each["id"] for each in office.ask("search", "pizza", *as_alex)] == [found]
    assert [each["id"] for each in office.ask("search", "会議 to:adelev", "--in", "Drafts", *as_alex)] == [
        found
    ]
    assert office.ask("search", "pizza", "--in", "inbox", *as_alex) == []
    assert "会議" in office.tell("search", "piz*", *as_alex)
    assert office.tell("search", "nothing", *as_alex) == "no messages\n"
    assert office.refused("search", "(pizza", *as_alex, code=2) == "A parenthesis is not closed."
