"""Reasons to say no to what an owner wants of a mailbox; known by the name of ``refusals``, too."""

from letterbook.domain.refused import Refused


class TooLong(Refused):
    """More characters than there is room for."""

    code = "too-long"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"The {what} is too long; at most {limit} characters are allowed.")


class HoursReversed(Refused):
    """A working day begins before it ends (Graph: *Update mailbox settings*, errors)."""

    code = "hours-reversed"

    def __init__(self) -> None:
        super().__init__("Start Time should occur before End Time.")


class RepliesPeriodInvalid(Refused):
    """Automatic replies are scheduled for a time to come, and end after they begin."""

    code = "replies-period-invalid"

    def __init__(self) -> None:
        super().__init__("The end of the period must be later than its start, and in the future.")


class CategoryNameMissing(Refused):
    """A category needs a name that people can see."""

    code = "category-name-missing"

    def __init__(self) -> None:
        super().__init__("A category must have a display name.")


class CategoryNameTaken(Refused):
    """No two categories of a master list share a name (Graph: outlookCategory)."""

    code = "category-name-taken"

    def __init__(self) -> None:
        super().__init__("A category with the specified display name already exists.")


class TooManyOverrides(Refused):
    """A mailbox has room for so many overrides of the focused inbox, and no more."""

    code = "too-many-overrides"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The mailbox already has {limit} overrides, and more are not allowed.")


class RuleNameMissing(Refused):
    """A rule needs a name that people can see."""

    code = "rule-name-missing"

    def __init__(self) -> None:
        super().__init__("A rule must have a display name.")


class RuleWithoutActions(Refused):
    """A rule that does nothing is none."""

    code = "rule-without-actions"

    def __init__(self) -> None:
        super().__init__("A rule must have at least one action.")


class RuleReadOnly(Refused):
    """A rule that its maker closed to change stays as it is (Graph: messageRule)."""

    code = "rule-read-only"

    def __init__(self) -> None:
        super().__init__("The rule is read-only and cannot be changed.")


class TooManyRules(Refused):
    """An inbox has room for so many rules, and no more."""

    code = "too-many-rules"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The inbox already has {limit} rules, and more are not allowed.")
