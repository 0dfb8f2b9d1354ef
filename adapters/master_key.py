"""Where the master key of an encrypted store comes from: whoever opens it, or a file outside of it."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from letterbook.adapters.files import disk_troubles_told, sync_folder
from letterbook.adapters.store.encrypted import Vault
from letterbook.adapters.store.keys import SIZE
from letterbook.adapters.store.opening import StoreRefused, check_protection, kept_in, unencrypted

VARIABLE = "LETTERBOOK_KEY_FILE"
"""The environment variable that names the file of the key, where it is not beside the store."""
_WRITTEN = re.compile(r"[0-9a-fA-F]{64}")


def vault_of(path: Path, *, encrypted: bool, key: bytes | None) -> Vault | None:
    """What opens the store in a file, or makes it; ``None`` for one that is not encrypted.

    Raises :class:`StoreRefused` if the key is missing, is none or is another store's, or if an unencrypted
    store is asked to be encrypted. A new store gets a new key beside it, unless it is given one.
    """
    if key is not None and len(key) != SIZE:
        raise StoreRefused(f"a key has {SIZE} bytes, and this one has {len(key)}")
    begun, proof = kept_in(path)
    if proof is None and not encrypted and key is None:
        return None
    if begun and proof is None:
        raise unencrypted(path)
    vault = Vault(key or _key_in(key_file(path), path, may_make=not begun))
    if begun:
        check_protection(path, proof, vault)
    return vault


def key_file(path: Path) -> Path:
    """Where the key of a store is kept: what the environment names, or beside the store."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else path.with_name(f"{path.name}.key")


def _key_in(file: Path, store: Path, *, may_make: bool) -> bytes:
    if not file.exists():
        if not may_make:
            raise StoreRefused(f"{store} is encrypted, and its key is not there: {file}")
        if not file.parent.is_dir():
            raise StoreRefused(f"there is no folder {file.parent} for the key of the store")
        make_key(file, secrets.token_bytes(SIZE))
    try:
        written = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        written = ""
    if not _WRITTEN.fullmatch(written):
        raise StoreRefused(f"{file} cannot be read as the key of a store")
    return bytes.fromhex(written)


@contextmanager
def lent_key(path: Path, other: Path) -> Iterator[None]:
    """Keep the key of a store beside its fork, too, which has the same; not if the fork never comes to be."""
    kept, copy = (each.with_name(f"{each.name}.key") for each in (path, other))
    if not kept.exists() or key_file(path) != kept:
        yield
        return
    if copy.exists():
        raise StoreRefused(f"{copy} is there already")
    make_key(copy, bytes.fromhex(kept.read_text(encoding="ascii")))
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def make_key(file: Path, key: bytes) -> None:
    """Keep a key in a new file that only its owner may read, on disk when this returns."""
    with disk_troubles_told("the key"):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as writing:
            writing.write(key.hex() + "\n")
            writing.flush()
            os.fsync(writing.fileno())
        sync_folder(file.parent)
