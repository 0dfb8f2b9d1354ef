"""People, tokens, rebuilding, completion."""

import json
import os
import sqlite3

import jwt
import pytest
from click.testing import CliRunner

from letterbook import open_book
from letterbook.adapters.cli.commands import cli
from letterbook.adapters.graph.routes import ANY
from letterbook.adapters.scopes import KNOWN
from letterbook.domain.mailbox import ResyncOrdered
from tests.cli.terminal import ADELE, ALEX, Terminal


def test_somebody_gets_a_mailbox(nowhere: Terminal) -> None:
    """The first one begins the store."""
    added = nowhere.ask("user", "add", ALEX, "--name", "Alex Wilber")
    assert added.keys() == {"address", "name", "mailbox"}
    assert nowhere.ask("user", "list") == [added]
    assert nowhere.tell("user", "list") == f"ADDRESS            NAME\n{ALEX}  Alex Wilber\n"


def test_an_address_has_one_mailbox(alone: Terminal) -> None:
    """In whatever case it is written."""
    assert "already exists" in alone.refused("user", "add", "AlexW@Contoso.com")


def test_an_address_must_be_one(nowhere: Terminal) -> None:
    """Nothing could ever be delivered there."""
    assert "is not an address" in nowhere.refused("user", "add", "alex at contoso")


def test_a_token_is_printed_and_nothing_else(alone: Terminal) -> None:
    """So that a shell can take it."""
    token = alone.tell("token", "AlexW@contoso.com").removesuffix("\n")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["scp"]) == (ALEX, "Mail.ReadWrite Mail.Send User.Read")
    assert claims["exp"] - claims["iat"] == 86_400


def test_a_token_can_be_an_applications(alone: Terminal) -> None:
    """Its id need not be a mailbox."""
    words = ("token", "backup-robot", "--app", "--scope", "Mail.Read", "--lifetime", "15m")
    answer = alone.ask(*words)
    claims = jwt.decode(answer.pop("access_token"), options={"verify_signature": False})
    assert (claims["sub"], claims["roles"], claims["exp"] - claims["iat"]) == (
        "backup-robot",
        ["Mail.Read"],
        900,
    )
    assert answer == {"token_type": "Bearer", "expires_in": 900, "scope": "Mail.Read"}


SAID = {
    "Mail.Read": "Mail.Read",
    "mail.read MAIL.SEND": "Mail.Read Mail.Send",
    "https://graph.microsoft.com/Mail.Read": "Mail.Read",
    "HTTPS://graph.microsoft.com/mail.read Mail.Read": "Mail.Read",
    "Mail.Read,Mail.Send": "Mail.Read Mail.Send",
    "openid profile offline_access email Mail.Read": "Mail.Read",
    "mail.readwrite.shared Mail.Send.Shared Mail.ReadBasic.Shared": (
        "Mail.ReadWrite.Shared Mail.Send.Shared Mail.ReadBasic.Shared"
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_a_scope_is_read_however_it_is_written(alone: Terminal, said: str) -> None:
    """By name or by URI, in any case, with spaces or commas between."""
    answer = alone.ask("token", ALEX, "--scope", said)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["scp"] == answer["scope"] == SAID[said]


@pytest.mark.parametrize("said", [".default", "https://graph.microsoft.com/.default"])
def test_default_is_everything_there_is(alone: Terminal, said: str) -> None:
    """For a person what people can have, for an application what applications can."""
    person, app = (
        set(alone.ask("token", ALEX, "--scope", said, *more)["scope"].split()) for more in ((), ("--app",))
    )
    assert person | app == KNOWN
    assert person - app == {"Mail.Read.Shared", "Subscription.Read.All", "User.Read", "User.ReadWrite"}
    assert app - person == {"Mail.ReadBasic.All"}


@pytest.mark.parametrize("said", ["Foo", "", "Mail.Read Mail.Reed", "https://example.com/Mail.Read", "Mail"])
def test_a_scope_that_nothing_asks_for_is_refused(alone: Terminal, said: str) -> None:
    """With such a token everything would be."""
    assert "scope" in alone.refused("token", ALEX, "--scope", said, code=2).lower()


def test_permissions_for_other_things_than_mail_are_left_out_with_a_warning(alone: Terminal) -> None:
    """Programs that do more than mail ask for all they need at once."""
    said = "Mail.Read Calendars.Read https://graph.microsoft.com/Contacts.ReadWrite"
    result = alone.run("token", ALEX, "--scope", said)
    claims = jwt.decode(result.stdout.strip(), options={"verify_signature": False})
    assert (result.exit_code, claims["scp"]) == (0, "Mail.Read")
    assert [line.split("'")[1] for line in result.stderr.splitlines()] == [
        "Calendars.Read",
        "Contacts.ReadWrite",
    ]


@pytest.mark.parametrize("said", ["Calendars.Read", "openid profile"])
def test_a_token_that_opens_nothing_is_not_given(alone: Terminal, said: str) -> None:
    """Of the scopes none would be left."""
    assert "No scope" in alone.refused("token", ALEX, "--scope", said, code=2)


def test_an_application_has_no_permission_of_a_person(alone: Terminal) -> None:
    """Graph has no such role."""
    said = " ".join(alone.refused("token", "robot", "--app", "--scope", "User.Read", code=2).split())
    assert "no such application permission: User.Read" in said


def test_a_book_reads_scopes_as_a_terminal_does(alone: Terminal) -> None:
    """But products may have routes of their own that ask for others."""
    with open_book(alone.store) as book:
        token = book.token(ALEX, "mail.read openid Calendars.Read")
        assert jwt.decode(token, options={"verify_signature": False})["scp"] == "Mail.Read Calendars.Read"
        with pytest.raises(ValueError, match="'mailread'"):
            book.token(ALEX, "mailread")


def test_whoever_mistypes_a_scope_reads_which_there_are(alone: Terminal) -> None:
    """All of them, as nobody knows them by heart."""
    said = " ".join(alone.refused("token", ALEX, "--scope", "Mail.Reed", code=2).split())
    assert "Mail.Reed" in said
    assert [name for name in KNOWN if name not in said] == []


def test_the_known_scopes_are_those_of_the_routes() -> None:
    """Neither more nor fewer."""
    assert KNOWN == ANY


def test_an_application_is_nobody_and_asks_for_nobody_unless_it_is_said(alone: Terminal) -> None:
    """Applications have no permission to read who they are."""
    answer = alone.ask("token", "backup-robot", "--app")
    assert answer["scope"] == "Mail.ReadWrite Mail.Send"


def test_a_token_for_nobody_is_refused(alone: Terminal) -> None:
    """It would open nothing."""
    assert ADELE in alone.refused("token", ADELE)


@pytest.mark.parametrize("time", ["0h", "24", "h", "-1h", "1w", "99999999999s", "4000d", "١h"])
def test_a_lifetime_must_be_a_time(alone: Terminal, time: str) -> None:
    """Neither endless nor none."""
    assert "not a time" in alone.refused("token", ALEX, "--lifetime", time, code=2)


def test_whoever_follows_a_mailbox_is_told_to_begin_anew(office: Terminal) -> None:
    """In the history of that mailbox, and of no other."""
    office.tell("resync", "AlexW@contoso.com")
    assert office.ask("resync", ALEX)["address"] == ALEX
    with open_book(office.store) as book:
        ordered = {each.address: book.mailbox(each.address).changes(since=1) for each in book.users()}
    assert {who: [type(each.fact) for each in facts] for who, facts in ordered.items()} == {
        ALEX: [ResyncOrdered, ResyncOrdered],
        ADELE: [],
    }


def test_nobody_can_follow_a_stranger(alone: Terminal) -> None:
    """There is no mailbox to begin anew with."""
    assert ADELE in alone.refused("resync", ADELE)


def test_rebuilt_views_are_equal(office: Terminal) -> None:
    """One line for each mailbox."""
    office.tell("send", office.draft("--as", ALEX, "--to", ADELE))
    rebuilt = office.ask("rebuild", "--verify")
    assert {each["mailbox"]: (each["events"], each["equal"]) for each in rebuilt} == {
        ALEX: (4, True),
        ADELE: (2, True),
    }
    assert [line.split() for line in office.tell("rebuild", "--verify").splitlines()[1:]] in (
        [[ALEX, "4", "equal"], [ADELE, "2", "equal"]],
        [[ADELE, "2", "equal"], [ALEX, "4", "equal"]],
    )


def test_views_that_were_meddled_with_are_found_out(office: Terminal) -> None:
    """Exit code 1, once: afterwards they are right again."""
    office.draft("--as", ALEX, "--subject", "Lunch")
    with sqlite3.connect(office.store) as connection:
        connection.execute("UPDATE view_messages SET subject = 'Dinner'")
    connection.close()
    done = office.run("rebuild", "--verify", "--json")
    assert done.exit_code == 1
    assert {each["mailbox"]: each["equal"] for each in json.loads(done.stdout)} == {ALEX: False, ADELE: True}
    assert all(each["equal"] for each in office.ask("rebuild", "--verify"))


def test_the_mailbox_that_was_meddled_with_is_named(office: Terminal) -> None:
    """And what became of it; without --verify nothing is compared, and nothing said about it."""
    office.draft("--as", ALEX, "--subject", "Lunch")
    for options, code, said in ((("--verify",), 1, f"{ALEX} 2 were different, made right"), ((), 0, "")):
        with sqlite3.connect(office.store) as connection:
            connection.execute("UPDATE view_bodies SET body = x'00'")
        connection.close()
        done = office.run("rebuild", *options)
        assert done.exit_code == code
        assert said in " ".join(done.stdout.split())
    assert {each["equal"] for each in office.ask("rebuild")} == {None}


def test_rebuilding_shows_how_far_it_is(alone: Terminal) -> None:
    """To whoever sits at a terminal, and beside the answer."""
    alone.draft("--subject", "Lunch")
    alone.colours = True
    done = alone.run("rebuild")
    assert done.exit_code == 0
    assert "Rebuilding" in done.stderr
    assert "Rebuilding" not in done.stdout


def test_a_store_is_tidied(alone: Terminal) -> None:
    """A blob that nothing names goes when it is old; what a letter needs stays."""
    alone.draft("--subject", "Lunch", "--body", "At noon? " * 10_000)
    assert alone.tell("tidy") == "There was nothing to tidy up.\n"
    for number, size in enumerate((70_000, 80_000)):
        blob = alone.store.with_name(f"{alone.store.name}.blobs") / f"{number:02}" / ("ab" * 31)
        blob.parent.mkdir(exist_ok=True)
        blob.write_bytes(bytes(size))
        os.utime(blob, (0, 0))
    assert alone.ask("tidy") == {"blobs": 2, "bytes": 150_000, "uploads": 0, "leftovers": 0, "searches": 0}
    blob.write_bytes(bytes(70_000))
    os.utime(blob, (0, 0))
    assert "Blobs that nothing named: 1 (70000 bytes)" in alone.tell("tidy")
    assert alone.tell("tidy") == "There was nothing to tidy up.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_learn_the_commands(nowhere: Terminal, shell: str) -> None:
    """A script that calls back under the right name."""
    assert "_LETTERBOOK_COMPLETE" in nowhere.tell("completion", shell)
    assert nowhere.ask("completion", shell)["shell"] == shell


def test_completion_knows_commands_and_options() -> None:
    """What a shell is told when somebody presses Tab."""
    words = {"_LETTERBOOK_COMPLETE": "bash_complete", "COMP_WORDS": "letterbook dra", "COMP_CWORD": "1"}
    done = CliRunner().invoke(cli, env=words, prog_name="letterbook")
    assert done.stdout.split() == ["plain,draft", "plain,drafts"]
