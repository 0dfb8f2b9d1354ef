"""Checkpoints in a file outside the store: each one that is signed is added at the end."""

import os
from pathlib import Path

from letterbook.adapters.files import sync_folder
from letterbook.application.notes import Checkpoint


class CheckpointFile:
    """Keeps checkpoints in a file, on disk when the call returns.

    The file is worth most where whoever can change the store cannot change it: on another machine, in
    somebody else's hands, or on a disk that is written once.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def __call__(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint. Raises ``OSError`` if the file cannot be written."""
        is_new = not self._path.exists()
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(checkpoint.note + "\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._path.absolute().parent)
