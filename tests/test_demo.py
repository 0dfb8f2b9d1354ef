"""`letterbook demo`: the main job on real letters, from what ships inside the package."""

import json
import tomllib
from collections import Counter
from email import message_from_bytes, policy
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from letterbook import open_book
from letterbook.adapters.cli import demo
from letterbook.adapters.cli.commands import cli

ROOT = Path(__file__).resolve().parent.parent
JAPANESE = "来週の歓迎会について 🎉🍣 ご出欠のお願い"


def run(*words: str, store: str = "") -> Result:
    """Run the demo as somebody whose own store has this name."""
    return CliRunner().invoke(cli, ["demo", *words], env={"LETTERBOOK_STORE": store, "FORCE_COLOR": None})


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the demo has to show, as JSON."""
    done = run("--json")
    assert done.exit_code == 0, done.output
    read: dict[str, Any] = json.loads(done.stdout)
    return read


# --- What ships ------------------------------------------------------------------------------------


def test_every_sample_is_in_the_wheel() -> None:
    """Package data is listed by pattern; a sample beside it would be missing from an installed demo."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = settings["package-data"]["letterbook.adapters.cli"]
    folder = ROOT / "adapters" / "cli"
    samples = [file.relative_to(folder).as_posix() for file in (folder / "samples").rglob("*")]
    assert samples
    assert [name for name in samples if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_the_letters_are_of_every_kind_promised() -> None:
    """Attachment, Japanese and emoji, inline image, mailing list: each really is in one of them."""
    letters = {name: message_from_bytes(raw, policy=policy.default) for name, raw in demo.eml_files()}
    parts = {name: list(letter.walk()) for name, letter in letters.items()}
    assert any(part.get_content_disposition() == "attachment" for part in parts["quarterly-report.eml"])
    assert any(part["content-id"] for part in parts["inline-image.eml"])
    assert letters["mailing-list.eml"]["list-unsubscribe"]
    assert letters["japanese-and-emoji.eml"]["subject"] == JAPANESE
    assert [letter.defects for letter in letters.values()] == [[]] * 5


def test_the_wire_samples_are_those_of_all_five_documents() -> None:
    """Two pages have five samples each, one six, two one."""
    pages = Counter(sample["page"] for sample in demo.wire_samples())
    assert sorted(pages.values()) == [1, 1, 5, 5, 6]
    assert "Microsoft Graph documentation" in json.loads((demo.SAMPLES / "wire.json").read_bytes())["source"]


# --- What happens ----------------------------------------------------------------------------------


def test_every_request_is_answered_as_documented(told: dict[str, Any]) -> None:
    """All eighteen of them."""
    assert len(told["requests"]) == 18
    assert [each for each in told["requests"] if each["answered"] != each["documented"]] == []


def test_every_letter_leaves_drafts_for_sent_items(told: dict[str, Any]) -> None:
    """All that was in Drafts, and what was sent at once; but not what was not to be kept."""
    before = {each["id"] for each in told["draftsBefore"]}
    sent = {each["id"] for each in told["sentItems"]}
    assert len(before) == 5 + 8 - 2
    assert before < sent
    assert told["draftsAfter"] == []
    subjects = Counter(each["subject"] for each in told["sentItems"])
    assert subjects["Meet for lunch?"] == 1, "the other one said saveToSentItems: false"
    assert not any(each["isDraft"] for each in told["sentItems"])


def test_letters_from_files_are_read_right(told: dict[str, Any]) -> None:
    """What is attached counts, what is shown inside does not."""
    letters = told["letters"]
    assert letters["japanese-and-emoji.eml"]["subject"] == JAPANESE
    assert letters["japanese-and-emoji.eml"]["toRecipients"][0]["emailAddress"]["name"] == "アデル"
    assert {name: each["hasAttachments"] for name, each in letters.items()} == {
        "forwarded-message.eml": True,
        "inline-image.eml": False,
        "japanese-and-emoji.eml": False,
        "mailing-list.eml": False,
        "quarterly-report.eml": True,
    }
    assert "café colours" in letters["inline-image.eml"]["body"]["content"]
    assert letters["mailing-list.eml"]["unsubscribeEnabled"]


def test_adele_finds_her_letters(told: dict[str, Any]) -> None:
    """She is told that she is mentioned, and does not learn who else got a blind copy."""
    inbox = {each["subject"]: each for each in told["inboxOfAdele"]}
    assert inbox[f"{JAPANESE} (18:30)"]["mentionsPreview"] == {"isMentioned": True}
    assert [each["emailAddress"]["address"] for each in inbox["New logo, second draft"]["bccRecipients"]] == [
        "adelev@contoso.com"
    ]
    assert not any(each["isRead"] for each in inbox.values())


def test_the_history_of_one_message_is_complete(told: dict[str, Any]) -> None:
    """Every step of the main job is a fact."""
    assert [each["fact"].split(".")[1] for each in told["history"]] == [
        "draft-created",
        "draft-updated",
        "mention-added",
        "mention-added",
        "sent",
        "delivered",
        "delivered",
    ]


# --- What is seen ----------------------------------------------------------------------------------


def test_people_see_both_folders_and_the_history() -> None:
    """Drawn tables, also where there is no terminal."""
    done = run()
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    for title in (
        "Drafts, before sending",
        "Sent Items",
        "Adele Vance's Inbox",
        "The history of one message",
    ):
        assert lines[lines.index(title) + 1].startswith("╭"), title
    assert lines[lines.index("Drafts, after sending") + 1] == "no messages"
    assert done.stdout.count("as documented") == 18


def test_the_demo_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the folder it runs in, nor in somebody's own store, nor where temporary files go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run(store=str(tmp_path / "mine.db")).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_demo_can_be_kept(tmp_path: Path) -> None:
    """In a new file, to look around in; never in one that is there already."""
    kept = tmp_path / "demo.db"
    assert run("--store", str(kept)).exit_code == 0
    with open_book(kept) as book:
        assert len(book.users()) == 6
        assert all(each.equal for each in book.rebuild(verify=True))
    again = run("--store", str(kept))
    assert again.exit_code == 2
    assert "needs a new file" in again.stderr


def test_a_demo_that_goes_wrong_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer other than the documented one is shown, and is the exit code."""
    sample = demo.wire_samples()[0] | {"status": 418}
    monkeypatch.setattr(demo, "wire_samples", lambda: [sample])
    done = run()
    assert done.exit_code == 1
    assert "201 instead of 418" in done.stdout
