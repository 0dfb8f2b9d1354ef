"""Signing in the background: a little of what the post office looks after when all is quiet."""

import logging

from letterbook.application.checkpoints import Checkpoints

log = logging.getLogger("letterbook.checkpoints")


class Signing:
    """Signs what is due, and says in the log what could not be signed; it is tried again."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints

    def __call__(self) -> bool:
        """Sign what is due; ``True``, as nothing of it is left for a moment."""
        try:
            self._checkpoints.keep_up()
        except Exception as trouble:  # a witness may raise anything
            log.error("a checkpoint was not signed, it will be tried again: %s", trouble, exc_info=True)
        return True
