"""Checks a Letterbook store, or a proof taken from one, without Letterbook: proofs.md describes the formats.

It only reads. It needs Python 3.9 and, for signatures, `cryptography`. Exit code 0: all is good; 1: not so.

    python3 verifier.py (store mail.db | proof proof.json) keys.txt [checkpoints.txt ...]
"""

import hashlib
import json
import re
import sqlite3
import struct
import sys
import uuid
from base64 import b64decode
from functools import reduce
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAILBOXES = "SELECT DISTINCT mailbox FROM events UNION SELECT DISTINCT mailbox FROM checkpoints"
ROWS = "SELECT seq, aggregate, version, recorded, topic, state, hash FROM events WHERE mailbox=? ORDER BY 1"
TILES = "SELECT number, hashes FROM tiles WHERE mailbox=? ORDER BY number"
NOTE = re.compile(r"(letterbook/([0-9a-f-]{36})\n(\d{1,19})\n([A-Za-z0-9+/]{43}=)\n)\n((?:— [^\n]+\n)+)")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def read_notes(text, keys):
    """The checkpoints in a text, as (mailbox, size, root): C2SP tlog-checkpoint and signed-note."""
    if NOTE.sub("", text).strip():
        raise ValueError("what should be checkpoints is something else")
    for body, mailbox, size, root, lines in NOTE.findall(text):
        name = body.split("\n")[0]
        raws = [b64decode(code) for signer, code in re.findall(r"— (\S+) (\S+)\n", lines) if signer == name]
        good = [(key, it) for it in raws for key in keys if it[:4] == sha256(f"{name}\n\1".encode(), key)[:4]]
        for key, raw in good:
            Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], body.encode())
        if not good:
            raise ValueError(f"the checkpoint of {mailbox} at {size} is not signed by a key that is believed")
        yield uuid.UUID(mailbox).bytes, int(size), b64decode(root)


def grow(branches, size, event):
    """The Merkle tree of RFC 9162 (2.1), as its whole branches, gets the next leaf."""
    branch = hashlib.sha256(b"\0" + event).digest()
    while size & 1:
        branch, size = hashlib.sha256(b"\1" + branches.pop() + branch).digest(), size >> 1
    branches.append(branch)


def root_of(branches):
    return reduce(lambda root, branch: sha256(b"\1", branch, root), reversed(branches or [sha256()]))


def root_from(event, index, size, path):
    """The root that a path leads to from the leaf at an index (2.1.3.2); uses the path up."""
    if size == 1:
        return sha256(b"\0", event)
    left, sibling = 1 << (size - 1).bit_length() - 1, path.pop()
    if index < left:
        return sha256(b"\1", root_from(event, index, left, path), sibling)
    return sha256(b"\1", sibling, root_from(event, index - left, size - left, path))


def roots_from(old_root, old, new, path, whole=True):
    """The roots of two sizes that a path leads to (2.1.4.2); uses the path up."""
    if old == new:
        return (old_root if whole else path.pop(),) * 2
    left, sibling = 1 << (new - 1).bit_length() - 1, path.pop()
    if old <= left:
        one, other = roots_from(old_root, old, left, path, whole)
        return one, sha256(b"\1", other, sibling)
    one, other = roots_from(old_root, old - left, new - left, path, False)
    return sha256(b"\1", sibling, one), sha256(b"\1", sibling, other)


def seal(previous, mailbox, seq, aggregate, version, recorded, topic, state):
    place = struct.pack(">16sQ16sQqH", mailbox, seq, aggregate, version, recorded, len(topic))
    return sha256(previous, place, topic, state)


def blobs_in(value, is_blob=False):
    """The hashes of the blobs that a fact names. What is under "values" belongs to other programs."""
    if is_blob and value:
        yield value["sha256"]
    elif isinstance(value, (dict, list)):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from blobs_in(each, name == "blob") if name != "values" else ()


def first_bad(db, mailbox, notes, folder):
    """(sound, first, last, why): how many events are good, and from where to where the first bad one is."""
    previous, size, sound, tree, seen, roots = sha256(b"letterbook chain v1\0", mailbox), 0, 0, [], set(), {}
    for number, root in notes:
        roots.setdefault(number, set()).add(root)
    for seq, aggregate, version, recorded, topic, state, sealed in db.execute(ROWS, (mailbox,)):
        if seq != size + 1:
            return size, min(seq, size + 1), 0, "is missing or out of place"
        try:
            kinds = type(topic), type(state), type(sealed), type(aggregate), len(aggregate)
            expected = seal(previous, mailbox, seq, aggregate, version, recorded, topic, state)
        except (struct.error, TypeError):
            expected = None
        if sealed != expected or kinds != (bytearray, bytes, bytes, bytes, 16):
            return size, seq, 0, "is not what was recorded: its hash does not fit"
        for name in set(blobs_in(json.loads(state))) - seen if folder and b'"sha256"' in state else ():
            path = Path(folder, name[:2], name[2:])
            if not path.is_file() or sha256(path.read_bytes()).hex() != name:
                return size, seq, 0, f"names a blob that is missing or changed: {name}"
            seen.add(name)
        grow(tree, size, sealed)
        previous, size = sealed, seq
        if seq in roots and roots[seq] != {root_of(tree)}:
            return seq, min(sound + 1, seq), seq, "or one up to there was written anew"
        sound = seq if seq in roots else sound
    return (size, sound + 1, size + 1, "is missing") if max(roots, default=0) > size else (size, 0, 0, "")


def located(db, mailbox, notes, first, last, why):
    """The first event that is not the one that was signed, if the store's list of hashes still is."""
    known, tree, sound, sizes = [], [], 0, {size for size, _ in notes}
    for place, (number, tile) in enumerate(db.execute(TILES, (mailbox,))):
        known += [tile[start : start + 32] for start in range(0, len(tile), 32)] if number == place else []
    for size, event in enumerate(known, start=1):
        grow(tree, size - 1, event)
        sound = size if size in sizes and (size, root_of(tree)) in notes else sound
    events = ((seq, sealed) for seq, *_, sealed in db.execute(ROWS, (mailbox,)))
    for seq, event in enumerate(known[:sound], start=1):
        if next(events, None) != (seq, event) and (last or seq < first):
            return seq, 0, "is not the one that was signed"
    return first, last if last > first else 0, why


def check_mailbox(db, mailbox, outside, keys, folder=None):
    """How many events are good, how many of them are signed, and the first bad one: (first, last, why)."""
    db.text_factory = bytearray  # nothing is believed: neither that text is text, nor that bytes are
    own = b"".join(note for (note,) in db.execute("SELECT note FROM checkpoints WHERE mailbox=?", (mailbox,)))
    notes = {(size, root) for _, size, root in outside or read_notes(own.decode(), keys)}
    sound, *bad = first_bad(db, mailbox, notes, folder)
    return sound, max(notes, default=(0,))[0], located(db, mailbox, notes, *bad) if bad[2] else None


def check_store(path, keys, text):
    outside, file, blobs = list(read_notes(text, keys)), Path(path).resolve(), f"{path}.blobs"
    how, written = ("immutable=1", "mode=ro")[Path(f"{file}-wal").exists()], file.stat().st_mtime_ns
    db = sqlite3.connect(f"{file.as_uri()}?{how}", uri=True)  # immutable: needs no lock
    try:
        for home in sorted({name for (name,) in db.execute(MAILBOXES)} | {note[0] for note in outside}):
            size, signed, bad = check_mailbox(db, home, [e for e in outside if e[0] == home], keys, blobs)
            said = f", BAD: event {bad[0]}{f' to {bad[1]}' if bad[1] else ''} {bad[2]}" if bad else ""
            print(f"{uuid.UUID(bytes=home)}: {size} events good, {signed} signed{said}")
            yield not bad
    finally:
        db.close()
        if how != "mode=ro" and file.stat().st_mtime_ns != written:
            raise ValueError("somebody wrote to the store meanwhile: check it once more, or a copy")


def check_proof(proof, keys):
    """Says what a proof proves, and whether that is anything. Raises an error if it is not good."""
    if proof["format"] == "letterbook-growth-v1":
        (home, old, root), (other, new, new_root) = read_notes(proof["older"] + proof["newer"], keys)
        path = list(map(b64decode, proof["path"]))
        if home != other or (old and roots_from(root, old, new, path) != (root, new_root)) or path:
            raise ValueError("the newer history does not begin with the older one")
        print(f"{uuid.UUID(bytes=home)}: the {new} events begin with the {old} that were signed before")
        return True
    (home, size, root), *_ = read_notes(proof["checkpoint"], keys)
    message, version = uuid.UUID(proof["message"]), 0
    for version, event in enumerate(proof["events"], start=1):
        seq, state, path = event["seq"], b64decode(event["state"]), list(map(b64decode, event["path"]))
        previous, topic = b64decode(event["previous"]), event["topic"].encode()
        leaf = seal(previous, home, seq, message.bytes, version, event["recorded"], topic, state)
        if len(previous) != 32 or not 0 < seq <= size or root_from(leaf, seq - 1, size, path) != root or path:
            raise ValueError(f"version {version} is not in the history that was signed")
        print(f"{seq:>8} {version:>3} {event['topic']} {state.decode(errors='replace')!a}")
    print(f"{message}: {version} events, {'all of them signed' if version else 'so nothing is proved'}")
    return version > 0


def main(what, file, key_file, *notes):
    keys = [b64decode(line.split("+", 2)[2])[1:] for line in Path(key_file).read_text().split()]
    try:
        if what == "store":
            good = list(check_store(file, keys, "".join(Path(e).read_text("utf-8") for e in notes)))
        else:
            found = json.loads(Path(file).read_bytes())
            good = [check_proof(each, keys) for each in (found if isinstance(found, list) else [found])]
        return 0 if all(good or [bool(print("BAD: there is nothing in it that could be good"))]) else 1
    except Exception as error:  # whatever goes wrong: nothing was shown to be good
        print(f"BAD: {type(error).__name__}: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 3 else __doc__)
