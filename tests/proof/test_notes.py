"""Checkpoints are signed notes as C2SP has them, and nothing else passes for one."""

from base64 import b64decode, b64encode
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from letterbook import Checkpoint, Ed25519Notary
from letterbook.application.notes import (
    NoCheckpoint,
    read_checkpoint,
    read_checkpoints,
    read_key,
    sign,
    standing,
    verifier_key,
)
from tests.contracts.history import AWAY, HOME
from tests.proof.independent import verifier

NOTARY, STRANGER = Ed25519Notary.of_store(bytes(32)), Ed25519Notary.of_store(b"1" * 32)
ROOT = bytes(range(32))


def note(mailbox: UUID = HOME, size: int = 7) -> Checkpoint:
    """A checkpoint of a mailbox."""
    return sign(NOTARY, mailbox, size, ROOT)


def test_a_known_note_and_its_key_are_read() -> None:
    """The example of Go's package golang.org/x/mod/sumdb/note, which defined the form."""
    key = read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    raw = b64decode(line)
    assert raw[:4].hex() == "c74f20a3"
    assert NOTARY.signed(key, raw[4:], text)
    assert not NOTARY.signed(key, raw[4:], text + b"\n")


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    lines = note().note.split("\n")
    assert lines[:4] == [f"letterbook/{HOME}", "7", b64encode(ROOT).decode(), ""]
    assert lines[4].startswith(f"— letterbook/{HOME} ")
    assert lines[5:] == [""]
    raw = b64decode(lines[4].split()[2])
    assert (raw[:4].hex(), len(raw)) == (verifier_key(NOTARY.public, HOME).split("+")[1], 68)


def test_a_checkpoint_is_read_back() -> None:
    assert read_checkpoint(note().note) == note()
    assert standing(NOTARY, note(), [NOTARY.public]) is True
    assert read_key(verifier_key(NOTARY.public, HOME)) == NOTARY.public


@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_checkpoints_stand_one_after_the_other_in_a_file(between: str) -> None:
    several = [note(), note(AWAY, 0), note(size=2**62)]
    text = between.join(each.note for each in several)
    assert read_checkpoints(text) == several
    read = [(each.mailbox.bytes, each.size, each.root) for each in several]
    assert list(verifier.read_notes(text, [NOTARY.public])) == read


GOOD = note().note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear diary",
        GOOD.replace("letterbook/", "example.com/"),
        GOOD.replace("\n7\n", "\n07\n"),
        GOOD.replace("\n7\n", "\n-7\n"),
        GOOD.replace("\n7\n", "\n7\n\n"),
        GOOD.replace("\n7\n", "\n7\nmore\n"),
        GOOD.replace(b64encode(ROOT).decode(), "AAAA"),
        GOOD.replace(str(HOME), "g" * 36),
        GOOD.replace(str(HOME), "-" * 36),
        GOOD.partition("\n\n")[0] + "\n",
        GOOD.replace("— ", "- "),
        "before\n" + GOOD,
    ],
)
def test_anything_else_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoCheckpoint):
        read_checkpoints(text)
    if text:
        with pytest.raises((ValueError, InvalidSignature)):
            list(verifier.read_notes(text, [NOTARY.public]))


@pytest.mark.parametrize(
    ("changed", "keys", "stands"),
    [
        (note(), [STRANGER.public], None),
        (note(), [], None),
        (note(), [STRANGER.public, NOTARY.public], True),
        (read_checkpoint(GOOD.replace("\n7\n", "\n8\n")), [NOTARY.public], False),
        (read_checkpoint(GOOD.replace(str(HOME), str(AWAY), 1)), [NOTARY.public], None),
        (read_checkpoint(GOOD + "— somebody/else AAAAAAAA\n"), [NOTARY.public], True),
    ],
)
def test_only_the_holder_of_a_believed_key_signs(
    changed: Checkpoint, keys: list[bytes], stands: bool | None
) -> None:
    """Signatures by unknown keys are left alone; both verifiers agree."""
    assert standing(NOTARY, changed, keys) is stands
    try:
        read = bool(list(verifier.read_notes(changed.note, keys)))
    except Exception:
        read = False
    assert read is (stands is True)


OTHER_NAME = verifier_key(NOTARY.public, HOME).replace(str(HOME), str(AWAY))


@pytest.mark.parametrize("line", ["", "a+b+c", "name+00000000+AQ==", OTHER_NAME])
def test_anything_else_is_no_key(line: str) -> None:
    with pytest.raises(NoCheckpoint):
        read_key(line)


def test_the_key_can_be_kept_elsewhere() -> None:
    """As PEM; a key of another kind is refused."""
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = Ed25519PrivateKey.generate()
    notary = Ed25519Notary.from_pem(key.private_bytes(*form))
    assert notary.public == key.public_key().public_bytes_raw()
    with pytest.raises(ValueError, match="Ed25519"):
        Ed25519Notary.from_pem(X25519PrivateKey.generate().private_bytes(*form))


def test_two_stores_have_two_keys() -> None:
    assert NOTARY.public != STRANGER.public
    assert NOTARY.public == Ed25519Notary.of_store(bytes(32)).public
    assert not NOTARY.signed(bytes(31), bytes(64), b"")
