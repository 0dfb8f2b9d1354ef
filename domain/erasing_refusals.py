"""Why something cannot be erased, or not be done because something was."""

from letterbook.domain.refused import Refused


class ReasonMissing(Refused):
    """Whoever erases something says why: it is all that is left to be read."""

    code = "reason-missing"

    def __init__(self) -> None:
        super().__init__("Whatever is erased is erased for a reason: say which.")


class MailboxErased(Refused):
    """The mailbox of this address was erased, and none of its name can follow."""

    code = "mailbox-erased"

    def __init__(self, who: str) -> None:
        super().__init__(f"The mailbox of '{who}' was erased; no other can be opened in its place.")


class StoreUnencrypted(Refused):
    """What was written in clear into a history that is never rewritten stays readable."""

    code = "store-unencrypted"

    def __init__(self) -> None:
        super().__init__(
            "This store is not encrypted, so nothing in its history can be made unreadable. Make an "
            "encrypted store and bring the mail over: see 'Forgetting' in docs/audit.md."
        )


class OrderedByNobody(Refused):
    """Who orders that something is kept, or forgotten for ever, is written down: it has to be somebody."""

    code = "ordered-by-nobody"

    def __init__(self, who: str) -> None:
        super().__init__(f"'{who}' is no address: say who orders it.")
