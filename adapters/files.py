"""Files that are on disk, whole, when a call returns."""

import os
from pathlib import Path
from tempfile import mkstemp


def write_durably(path: Path, data: bytes) -> None:
    """Give a file these bytes, whole or not at all, on disk when this returns.

    The bytes are synced before they get the name, and the folder after: a crash in between leaves the old
    file and at worst a ``.part`` beside it, which nobody reads.
    """
    handle, part = mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and the ones above it, as far as they are missing, for their owner alone, each on
    disk when this returns.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk. Windows offers no way to ask for it and does without."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
