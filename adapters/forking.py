"""A store begun with the history of another one, up to a point: written aside, and named when it is whole."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from time import time
from uuid import UUID

from letterbook.adapters.files import disk_troubles_told, make_folder, sync_folder
from letterbook.adapters.store.copying import copy_whole
from letterbook.adapters.store.opening import StoreRefused
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.application.blobs import BlobDamaged
from letterbook.application.forking import ForkAsk, blobs_of, carry_erasures, finish

_STALE = 24 * 3600
"""Seconds after which a folder beside a fork that never came to be is nobody's any more."""

OpenStore = Callable[[Path], SqliteStore]
"""Opens a store in a file, or makes one, with the blobs of the one that is forked."""


def fork_file(
    source: SqliteStore,
    target: Path,
    ends: Mapping[UUID, int],
    ask: ForkAsk,
    now: datetime,
    open_store: OpenStore,
) -> None:
    """Make a new store. A crash, a full disk or an error in the middle leaves no store of that name."""
    for taken in (target, target.with_name(f"{target.name}-wal")):
        if taken.exists():
            raise StoreRefused(f"{taken} is there already")
    if not target.parent.is_dir():
        raise StoreRefused(f"there is no folder {target.parent} for the store")
    with disk_troubles_told("the fork"), _aside(target) as aside:
        if ask.is_whole:
            copy_whole(source.path, aside, outbox=ask.outbox)
        else:
            open_store(aside).close()
            source.copy_events(aside, ends)
            with closing(open_store(aside)) as store:
                carry_erasures(source, store, ends)
                finish(store, ends, ask, now)
        blobs = {blob.name for blob in source.blobs.kept()} if ask.is_whole else blobs_of(source, ends)
        _link_blobs(source.path, target, blobs)
        _name(aside, target)


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """A place for a file that has no name yet, gone at the end."""
    _sweep(target)
    folder = Path(mkdtemp(prefix=f".{target.name}.", suffix=".forking", dir=target.parent))
    try:
        yield folder / target.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what forks of this name left that were killed."""
    for folder in target.parent.glob(f".{target.name}.*.forking"):
        with suppress(FileNotFoundError):
            if time() - folder.stat().st_mtime > _STALE:
                shutil.rmtree(folder, ignore_errors=True)


def _link_blobs(source: Path, target: Path, blobs: Iterable[str]) -> None:
    """Blobs never change: both stores have the same files under names of their own, or copies elsewhere."""
    for name in blobs:
        shelf, rest = name[:2], name[2:]
        kept = source.with_name(f"{source.name}.blobs") / shelf / rest
        linked = target.with_name(f"{target.name}.blobs") / shelf / rest
        make_folder(linked.parent)
        _link(kept, linked)
        sync_folder(linked.parent)


def _link(kept: Path, linked: Path) -> None:
    try:
        with suppress(FileExistsError):
            os.link(kept, linked)
    except FileNotFoundError:
        raise BlobDamaged(f"Blob {kept.parent.name}{kept.name} is missing.") from None
    except OSError:  # another disk, or one without links
        part = linked.with_name(f".{linked.name}.part")
        shutil.copyfile(kept, part)
        part.replace(linked)


def _name(aside: Path, target: Path) -> None:
    """Give a whole file its name, unless somebody has taken it meanwhile."""
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(aside, target)
    except FileExistsError:
        raise StoreRefused(f"{target} is there already") from None
    except OSError:  # a disk without links
        aside.rename(target)
    sync_folder(target.parent)
