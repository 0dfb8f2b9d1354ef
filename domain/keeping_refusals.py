"""Reasons to say no to what is to be kept, or no longer kept; known by the name of ``refusals``, too."""

from letterbook.domain.refused import Refused


class Held(Refused):
    """A legal hold is on it, so it stays. Which one is written down, and not told to whoever asked."""

    code = "held"

    def __init__(self) -> None:
        super().__init__("The item is on hold and cannot be removed.")


class HoldUnexplained(Refused):
    """A hold needs a name to call it by, and a reason; to release it needs a reason, too."""

    code = "hold-unexplained"

    def __init__(self, what: str) -> None:
        super().__init__(f"A hold needs a {what}.")


class HoldNameTaken(Refused):
    """No two holds of a mailbox share a name."""

    code = "hold-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a hold with the name '{name}' on this mailbox already.")


class HoldUnknown(Refused):
    """There is no such hold on this mailbox."""

    code = "hold-unknown"

    def __init__(self, which: str) -> None:
        super().__init__(f"There is no hold '{which}' on this mailbox.")


class HoldAmbiguous(Refused):
    """What one hold is called is the id of another."""

    code = "hold-ambiguous"

    def __init__(self, which: str) -> None:
        super().__init__(f"More than one hold on this mailbox is meant by '{which}': say the id of yours.")


class RetentionImpossible(Refused):
    """Messages are kept for at least a day, and at most as long as Exchange can say it."""

    code = "retention-impossible"

    def __init__(self, longest: int) -> None:
        super().__init__(f"Messages can be kept for 1 to {longest} days.")
