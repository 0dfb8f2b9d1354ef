"""Every reason to say no, each with a stable code.

A rule raises one of these before it has decided any fact, so a refusal leaves no trace in the history.
The codes are part of the public surface; the sentences may be reworded.
"""

from letterbook.domain.erasing_refusals import MailboxErased as MailboxErased
from letterbook.domain.erasing_refusals import OrderedByNobody as OrderedByNobody
from letterbook.domain.erasing_refusals import ReasonMissing as ReasonMissing
from letterbook.domain.erasing_refusals import StoreUnencrypted as StoreUnencrypted
from letterbook.domain.keeping_refusals import Held as Held
from letterbook.domain.keeping_refusals import HoldAmbiguous as HoldAmbiguous
from letterbook.domain.keeping_refusals import HoldNameTaken as HoldNameTaken
from letterbook.domain.keeping_refusals import HoldUnexplained as HoldUnexplained
from letterbook.domain.keeping_refusals import HoldUnknown as HoldUnknown
from letterbook.domain.keeping_refusals import RetentionImpossible as RetentionImpossible
from letterbook.domain.preference_refusals import CategoryNameMissing as CategoryNameMissing
from letterbook.domain.preference_refusals import CategoryNameTaken as CategoryNameTaken
from letterbook.domain.preference_refusals import HoursReversed as HoursReversed
from letterbook.domain.preference_refusals import RepliesPeriodInvalid as RepliesPeriodInvalid
from letterbook.domain.preference_refusals import RuleNameMissing as RuleNameMissing
from letterbook.domain.preference_refusals import RuleReadOnly as RuleReadOnly
from letterbook.domain.preference_refusals import RuleWithoutActions as RuleWithoutActions
from letterbook.domain.preference_refusals import TooLong as TooLong
from letterbook.domain.preference_refusals import TooManyOverrides as TooManyOverrides
from letterbook.domain.preference_refusals import TooManyRules as TooManyRules
from letterbook.domain.refused import Refused as Refused
from letterbook.domain.subscription_refusals import CertificateUnfit as CertificateUnfit
from letterbook.domain.subscription_refusals import SubscriberSilent as SubscriberSilent
from letterbook.domain.subscription_refusals import SubscriberUnfit as SubscriberUnfit
from letterbook.domain.subscription_refusals import SubscriptionMalformed as SubscriptionMalformed
from letterbook.domain.subscription_refusals import SubscriptionTaken as SubscriptionTaken
from letterbook.domain.subscription_refusals import SubscriptionTooLong as SubscriptionTooLong
from letterbook.domain.subscription_refusals import SubscriptionUnknown as SubscriptionUnknown
from letterbook.domain.subscription_refusals import TooManySubscriptions as TooManySubscriptions
from letterbook.domain.time_refusals import PastUnchangeable as PastUnchangeable
from letterbook.domain.time_refusals import PointUnknown as PointUnknown


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


class AttachmentTooSmall(Refused):
    """A file that fits into one request needs no upload session."""

    code = "attachment-too-small"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The attachment is too small for an upload session: it needs {limit} bytes.")


class UploadTooLarge(Refused):
    """Files of up to 150 MB can be uploaded (Graph: attachment-createuploadsession)."""

    code = "upload-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The attachment is too large: at most {limit} bytes can be uploaded.")


class MessageTooLarge(Refused):
    """What is attached to a message is too much for one letter (Exchange: up to 150 MB)."""

    code = "message-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The message exceeds the maximum supported size of {limit} bytes.")


class NestedTooDeeply(Refused):
    """Too many messages, or events, enclosed in one another."""

    code = "nested-too-deeply"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{what} can be enclosed in one another up to {limit} levels deep.")


class RangeUnfit(Refused):
    """A range of bytes that the file on its way does not have."""

    code = "range-unfit"

    def __init__(self, size: int) -> None:
        super().__init__(f"The range does not fit a file of {size} bytes.")


class RangeOutOfOrder(Refused):
    """The bytes of a file are uploaded in order."""

    code = "range-out-of-order"

    def __init__(self, expected: int) -> None:
        super().__init__(f"Uploaded fragment is out of order: byte {expected} is expected next.")


class SendAsDenied(Refused):
    """Nobody writes in another's name without leave."""

    code = "send-as-denied"

    def __init__(self) -> None:
        super().__init__(
            "The user account which was used to submit this request does not have the right to send mail on "
            "behalf of the specified sending account. Cannot submit message."
        )


class NoWayToUnsubscribe(Refused):
    """Unsubscribing needs an address that the message names for it (RFC 2369 section 3.2)."""

    code = "no-way-to-unsubscribe"

    def __init__(self) -> None:
        super().__init__("The message does not name an email address for unsubscribing.")


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


class FolderNameTooLong(Refused):
    """A folder's name fits into one line."""

    code = "folder-name-too-long"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The display name of a folder has at most {limit} characters.")


class TooManyFolders(Refused):
    """A mailbox holds so many folders and no more."""

    code = "too-many-folders"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A mailbox holds at most {limit} folders.")


class FolderDistinguished(Refused):
    """The folders every mailbox is born with stay."""

    code = "folder-distinguished"

    def __init__(self) -> None:
        super().__init__("Distinguished folders cannot be deleted.")


class FolderImmovable(Refused):
    """The folders every mailbox is born with stay where they are."""

    code = "folder-immovable"

    def __init__(self) -> None:
        super().__init__("Distinguished folders cannot be moved.")


class FolderHoldsNoFolders(Refused):
    """Nothing goes below a search folder, nor below the folder beyond Deleted Items."""

    code = "folder-holds-no-folders"

    def __init__(self) -> None:
        super().__init__("A folder cannot be put below this folder.")


class FolderIsASearch(Refused):
    """A search folder shows what is elsewhere: it holds nothing, and no other search looks into it."""

    code = "folder-is-a-search"

    def __init__(self) -> None:
        super().__init__("The operation is not valid for a search folder.")


class FolderIsNoSearch(Refused):
    """Only a search folder has something to look for."""

    code = "folder-is-no-search"

    def __init__(self) -> None:
        super().__init__("The operation is only valid for a search folder.")


class SearchIncomplete(Refused):
    """A search folder needs to know where to look, and for what."""

    code = "search-incomplete"

    def __init__(self) -> None:
        super().__init__("A search folder must have source folders and a filter query.")


class FolderInsideItself(Refused):
    """A folder cannot be moved or copied below itself."""

    code = "folder-inside-itself"

    def __init__(self) -> None:
        super().__init__("A folder cannot be put into itself or one of its subfolders.")


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
