"""Following the past in the background: a little of what the post office looks after when all is quiet."""

import logging

from letterbook.application.past_following import Following
from letterbook.application.troubles import StoreTrouble

log = logging.getLogger("letterbook.past")


class FollowingAtWork:
    """Takes in what is new, and says in the log why it cannot; it is tried again after the next write."""

    def __init__(self, following: Following) -> None:
        self._following = following

    def __call__(self) -> bool:
        """Take in a little; ``True`` if nothing is left for now."""
        try:
            return self._following.keep_up()
        except StoreTrouble as trouble:
            log.error("earlier moments were not brought in step: %s", trouble)
            return True
