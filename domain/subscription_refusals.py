"""Reasons to say no to whoever wants to be notified; known by the name of ``refusals``, too.

Sources: Graph's pages about change notifications, and sentences seen in public reports of real answers.
"""

from letterbook.domain.refused import Refused


class SubscriptionUnknown(Refused):
    """No subscription has this id, or it is not the asker's."""

    code = "subscription-unknown"

    def __init__(self) -> None:
        super().__init__("The object was not found.")


class SubscriptionMalformed(Refused):
    """Something that is asked for is missing, or not what it can be."""

    code = "subscription-malformed"


class SubscriptionTooLong(Refused):
    """It would end too late (Graph: *Subscription lifetime*)."""

    code = "subscription-too-long"

    def __init__(self, minutes: int) -> None:
        super().__init__(f"Subscription expiration can only be {minutes} minutes in the future.")


class SubscriptionTaken(Refused):
    """The same application asks for the same changes of the same resource again."""

    code = "subscription-taken"

    def __init__(self, known: object) -> None:
        super().__init__(f"Subscription Id {known} already exists for the requested combination")


class TooManySubscriptions(Refused):
    """A mailbox can be watched by so many at most (Graph: *Change notifications for Outlook resources*)."""

    code = "too-many-subscriptions"

    def __init__(self, most: int) -> None:
        super().__init__(f"A mailbox can have at most {most} subscriptions.")


class SubscriberUnfit(Refused):
    """Notifications are not sent to this address."""

    code = "subscriber-unfit"

    def __init__(self, what: str) -> None:
        super().__init__(f"Subscription validation request failed. {what}")


class SubscriberSilent(Refused):
    """The endpoint did not answer the validation request in time."""

    code = "subscriber-silent"

    def __init__(self) -> None:
        super().__init__("Subscription validation request timed out.")


class CertificateUnfit(Refused):
    """Nothing can be encrypted for this certificate."""

    code = "certificate-unfit"

    def __init__(self, why: str) -> None:
        super().__init__(f"Certificate validation error: {why}")
