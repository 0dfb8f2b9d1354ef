"""Every reason to say no, each with a stable code.

A rule raises one of these before it has decided any fact, so a refusal leaves no trace in the history.
The codes are part of the public surface; the sentences may be reworded.
"""

from typing import ClassVar


class Refused(Exception):
    """A rule said no. ``code`` is stable; ``str(refusal)`` is a sentence for people."""

    code: ClassVar[str] = "refused"


class NotFound(Refused):
    """What was asked for is not in this mailbox."""

    code = "not-found"

    def __init__(self, what: str = "object") -> None:
        super().__init__(f"The specified {what} was not found in the store.")


class MailboxUnknown(Refused):
    """No mailbox has this address or id."""

    code = "mailbox-unknown"

    def __init__(self, who: str) -> None:
        super().__init__(f"The requested user '{who}' is invalid.")


class AddressTaken(Refused):
    """Another mailbox already answers to this address."""

    code = "address-taken"

    def __init__(self, address: str) -> None:
        super().__init__(f"A mailbox with the address '{address}' already exists.")


class Conflict(Refused):
    """Somebody else changed the same thing first; read it again and decide anew."""

    code = "conflict"

    def __init__(self) -> None:
        super().__init__(
            "The send or update operation could not be performed because the change key passed in the "
            "request does not match the current change key for the item."
        )


class NotADraft(Refused):
    """What was sent is for ever: only drafts can be rewritten or sent."""

    code = "not-a-draft"

    def __init__(self) -> None:
        super().__init__("Message is not draft.")


class NoRecipients(Refused):
    """A letter to nobody cannot be sent."""

    code = "no-recipients"

    def __init__(self) -> None:
        super().__init__(
            "At least one recipient is not valid., A message can't be sent because it contains no recipients."
        )


class RecipientUnresolved(Refused):
    """A recipient has no address that mail could be sent to."""

    code = "recipient-unresolved"

    def __init__(self, who: str) -> None:
        super().__init__(
            f"At least one recipient is not valid., Recipient '{who}' is not resolved. "
            "All recipients must be resolved before a message can be submitted."
        )


class TooManyRecipients(Refused):
    """To, Cc and Bcc together hold at most 500 recipients (Graph: message resource)."""

    code = "too-many-recipients"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"The message has {count} recipients; at most {limit} are allowed.")


class TooMany(Refused):
    """More of something than one message can hold."""

    code = "too-many"

    def __init__(self, what: str, count: int, limit: int) -> None:
        super().__init__(f"The message has {count} {what}; at most {limit} are allowed.")


class AddressImpossible(Refused):
    """Nobody could have this address, so it gets no mailbox and cannot be called out."""

    code = "address-impossible"

    def __init__(self, address: str) -> None:
        super().__init__(f"'{address}' is not an address that mail could be sent to.")


class HeaderNotCustom(Refused):
    """Authors may only set their own headers, whose names start with ``x-``."""

    code = "header-not-custom"

    def __init__(self, name: str) -> None:
        super().__init__(f"The internet message header name '{name}' should start with 'x-' or 'X-'.")


class HeaderMalformed(Refused):
    """A header's name or value holds what RFC 5322 does not allow there."""

    code = "header-malformed"

    def __init__(self, name: str) -> None:
        super().__init__(f"The internet message header '{name}' is not valid.")


class TooManyHeaders(Refused):
    """At most five custom headers in one message."""

    code = "too-many-headers"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Maximum number of headers in one message should be less than or equal to {limit}.")


class DueWithoutStart(Refused):
    """A follow-up flag with a due date needs a start date (Graph: followupFlag resource)."""

    code = "due-without-start"

    def __init__(self) -> None:
        super().__init__("A follow-up flag with a due date must also have a start date.")


class AttachmentTooLarge(Refused):
    """Files of 3 MB and more need an upload session (Graph: message-post-attachments)."""

    code = "attachment-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The attachment is too large: it must be smaller than {limit} bytes.")


class SendAsDenied(Refused):
    """Nobody writes in another's name without leave."""

    code = "send-as-denied"

    def __init__(self) -> None:
        super().__init__(
            "The user account which was used to submit this request does not have the right to send mail on "
            "behalf of the specified sending account. Cannot submit message."
        )


class FolderNameTaken(Refused):
    """Two folders in one place cannot share a name."""

    code = "folder-name-taken"

    def __init__(self) -> None:
        super().__init__("A folder with the specified name already exists.")


class FolderNameMissing(Refused):
    """A folder needs a name that people can see."""

    code = "folder-name-missing"

    def __init__(self) -> None:
        super().__init__("A folder must have a display name.")


class FolderDistinguished(Refused):
    """The folders every mailbox is born with stay."""

    code = "folder-distinguished"

    def __init__(self) -> None:
        super().__init__("Distinguished folders cannot be deleted.")


class FolderInsideItself(Refused):
    """A folder cannot be moved below itself."""

    code = "folder-inside-itself"

    def __init__(self) -> None:
        super().__init__("A folder cannot be moved into itself or one of its subfolders.")


class ExtensionNameMissing(Refused):
    """An open extension is found by its name."""

    code = "extension-name-missing"

    def __init__(self) -> None:
        super().__init__("An open extension must have an extensionName.")


class ExtensionMalformed(Refused):
    """The values of an open extension are JSON that every reader can follow."""

    code = "extension-malformed"

    def __init__(self, depth: int) -> None:
        super().__init__(f"An open extension holds finite numbers only, nested at most {depth} deep.")


class IdMalformed(Refused):
    """Not an id that this store could have given out."""

    code = "id-malformed"

    def __init__(self) -> None:
        super().__init__("Id is malformed.")


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
