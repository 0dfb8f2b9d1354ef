"""Every way to say no, in Graph's words: status, code and shape.

Sources: the error table of Graph's documentation for mail, and codes seen in public reports of real answers.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import to_json

from letterbook.application.meetings import DAMAGED
from letterbook.application.troubles import StoreBusy, StoreDamaged, StoreFull, StoreTrouble
from letterbook.domain.refusals import Refused


@dataclass
class GraphError(Exception):
    """An answer that is an error. ``code`` is what clients look at, ``message`` is for people."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    inner: dict[str, str] = field(default_factory=dict)
    """What ``innerError`` says besides."""


REFUSALS: dict[str, tuple[int, str]] = {
    "not-found": (404, "ErrorItemNotFound"),
    "mailbox-unknown": (404, "ErrorInvalidUser"),
    "mailbox-erased": (404, "ErrorInvalidUser"),
    "reason-missing": (400, "ErrorInvalidArgument"),
    "ordered-by-nobody": (400, "ErrorInvalidArgument"),
    "store-unencrypted": (403, "ErrorAccessDenied"),
    "address-taken": (409, "ErrorNameAlreadyExists"),
    "conflict": (412, "ErrorIrresolvableConflict"),
    "not-a-draft": (400, "ErrorInvalidPropertySet"),
    "no-recipients": (400, "ErrorInvalidRecipients"),
    "recipient-unresolved": (400, "ErrorInvalidRecipients"),
    "too-many-recipients": (400, "ErrorInvalidRecipients"),
    "too-many": (400, "ErrorInvalidArgument"),
    "address-impossible": (400, "ErrorInvalidArgument"),
    "header-not-custom": (400, "InvalidInternetMessageHeader"),
    "header-malformed": (400, "InvalidInternetMessageHeader"),
    "too-many-headers": (400, "InvalidInternetMessageHeaderCollection"),
    "due-without-start": (400, "ErrorInvalidArgument"),
    "attachment-too-large": (413, "ErrorMessageSizeExceeded"),
    "attachment-too-small": (400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"),
    "upload-too-large": (413, "ErrorMessageSizeExceeded"),
    "message-too-large": (413, "ErrorMessageSizeExceeded"),
    "nested-too-deeply": (400, "ErrorInvalidArgument"),
    "range-unfit": (400, "invalidRange"),
    "range-out-of-order": (416, "invalidRange"),
    "send-as-denied": (403, "ErrorSendAsDenied"),
    "no-way-to-unsubscribe": (400, "ErrorInvalidOperation"),
    "folder-name-taken": (409, "ErrorFolderExists"),
    "folder-name-missing": (400, "ErrorInvalidArgument"),
    "folder-name-too-long": (400, "ErrorInvalidArgument"),
    "too-many-folders": (400, "ErrorQuotaExceeded"),
    "folder-immovable": (400, "ErrorMoveDistinguishedFolder"),
    "folder-holds-no-folders": (403, "ErrorCreateSubfolderAccessDenied"),
    "folder-is-a-search": (400, "ErrorInvalidFolderTypeForOperation"),
    "folder-is-no-search": (400, "ErrorInvalidFolderTypeForOperation"),
    "search-incomplete": (400, "ErrorInvalidArgument"),
    "folder-distinguished": (400, "ErrorDeleteDistinguishedFolder"),
    "folder-inside-itself": (400, "ErrorInvalidArgument"),
    "extension-name-missing": (400, "ErrorInvalidArgument"),
    "extension-malformed": (400, "ErrorInvalidArgument"),
    "id-malformed": (400, "ErrorInvalidIdMalformed"),
    "mime-too-complex": (400, "ErrorMimeContentInvalid"),
    "too-long": (400, "ErrorInvalidArgument"),
    "hours-reversed": (400, "ErrorInvalidTimeSettings"),
    "replies-period-invalid": (400, "ErrorInvalidScheduledOofDuration"),
    "category-name-missing": (400, "ErrorInvalidArgument"),
    "category-name-taken": (409, "ErrorNameAlreadyExists"),
    "too-many-overrides": (400, "ErrorInvalidArgument"),
    "rule-name-missing": (400, "ErrorInvalidArgument"),
    "rule-without-actions": (400, "ErrorInvalidArgument"),
    "rule-read-only": (403, "ErrorAccessDenied"),
    "too-many-rules": (400, "ErrorInvalidArgument"),
    "subscription-unknown": (404, "ResourceNotFound"),
    "subscription-malformed": (400, "InvalidRequest"),
    "subscription-too-long": (400, "ExtensionError"),
    "subscription-taken": (409, "Conflict"),
    "too-many-subscriptions": (403, "ExtensionError"),
    "subscriber-unfit": (400, "InvalidRequest"),
    "subscriber-silent": (400, "InvalidRequest"),
    "certificate-unfit": (400, "InvalidRequest"),
    "past-unchangeable": (400, "ErrorInvalidOperation"),
    "point-unknown": (400, "ErrorInvalidArgument"),
    "held": (403, "ErrorCannotDeleteObject"),
    "hold-unexplained": (400, "ErrorInvalidArgument"),
    "hold-name-taken": (409, "ErrorNameAlreadyExists"),
    "hold-ambiguous": (409, "ErrorInvalidArgument"),
    "hold-unknown": (404, "ErrorMailboxHoldNotFound"),
    "retention-impossible": (400, "ErrorInvalidArgument"),
}
"""Status and Graph code of every refusal of the domain, by its stable code."""


def refused(no: Refused) -> GraphError:
    """A refusal in Graph's words."""
    status, code = REFUSALS[no.code]
    return GraphError(status, code, str(no))


def unauthorized(message: str) -> GraphError:
    """401; never with ``claims``, which would make clients ask for another token."""
    challenge = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    )
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge})


def forbidden() -> GraphError:
    """403: the token does not hold the scope that the route asks for."""
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def not_me() -> GraphError:
    """An application has no mailbox of its own."""
    return GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")


def no_mailbox() -> GraphError:
    """The token is good, but its holder has no mailbox in this store."""
    return GraphError(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox.")


def bad_request(message: str) -> GraphError:
    """400 without a code of its own."""
    return GraphError(400, "BadRequest", message)


def body_unread(message: str) -> GraphError:
    """The JSON is well formed, but not what the type allows."""
    return GraphError(400, "RequestBodyRead", message)


def unknown_word(word: str) -> GraphError:
    """A word that is none of those it could be (*Update mailbox settings*, errors)."""
    return GraphError(400, "InvalidArguments", f"Requested value '{word[:200]}' was not found.")


def bad_property() -> GraphError:
    """The id of an extended property has none of its forms, or names one of many values (EWS codes)."""
    message = "The extended property attribute combination is invalid."
    return GraphError(400, "ErrorInvalidExtendedProperty", message)


def bad_property_value() -> GraphError:
    """The value of an extended property is none of its type (EWS codes)."""
    return GraphError(
        400, "ErrorInvalidExtendedPropertyValue", "The specified value is invalid for property."
    )


def read_only() -> GraphError:
    """The body sets what only a server sets (observed)."""
    return GraphError(400, "ErrorInvalidPropertySet", "Set action is invalid for property.")


def bad_json() -> GraphError:
    """The body is no JSON."""
    return bad_request(
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of "
        "valid JSON format."
    )


def bad_mime() -> GraphError:
    """The body is no base64 (wire text: *Create message*, *sendMail*)."""
    return GraphError(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")


def contradiction(message: str) -> GraphError:
    """The parameters of an action do not go together."""
    return GraphError(400, "ErrorInvalidArgument", message)


def too_large() -> GraphError:
    """More than one request can carry."""
    return GraphError(413, "BadRequest", "The maximum request length supported is 4MB.")


def wrong_media_type(given: str) -> GraphError:
    """Neither JSON nor MIME as text."""
    return GraphError(
        415,
        "UnsupportedMediaType",
        f"The content type '{given}' is not supported; use application/json or text/plain.",
    )


def wrong_coding(given: str, understood: str) -> GraphError:
    """The body is packed as nobody here unpacks it; SDKs that read this status send it again as it is."""
    return GraphError(
        415,
        "UnsupportedMediaType",
        f"The content encoding '{given[:200]}' is not supported.",
        {"Accept-Encoding": understood},  # RFC 9110, section 15.5.16
    )


def badly_packed() -> GraphError:
    """The body is not the gzip that it is said to be, or breaks off."""
    return bad_request("Unable to read the request payload: it is not well-formed gzip.")


def unknown_segment(segment: str) -> GraphError:
    """The path leads nowhere."""
    return GraphError(400, "RequestBroker--ParseUri", f"Resource not found for the segment '{segment}'.")


def unknown_property(name: str, of: str = "message") -> GraphError:
    """A query names what a message (or another type) does not have."""
    kind = f"Microsoft.OutlookServices.{of[0].upper()}{of[1:]}"
    return GraphError(
        400, "RequestBroker--ParseUri", f"Could not find a property named '{name}' on type '{kind}'."
    )


def unknown_member(name: str, of: str) -> GraphError:
    """A body says what its type does not have; without a type, what its action does not take."""
    if not of:
        return body_unread(
            f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
        )
    return body_unread(
        f"The property '{name}' does not exist on type 'microsoft.graph.{of}'. Make sure to only use "
        "property names that are defined by the type."
    )


def null_value(name: str) -> GraphError:
    """A body says ``null`` where there is always a value (wording: observed for ``ccRecipients``)."""
    return body_unread(
        f"A null value was found for the property named '{name}', which has an expected type that does not "
        "allow null values."
    )


def abstract_type(of: str) -> GraphError:
    """A body leaves out which of several types it means (observed, with this status)."""
    message = f"Cannot process input of abstract type 'microsoft.graph.{of}'"
    return GraphError(422, "UnprocessableType", message)


def invalid_type(said: str) -> GraphError:
    """A body names a type that is not one of those that fit there (wording: observed)."""
    return body_unread(f'Invalid OData type specified: "{said[:200]}"')


def method_not_allowed(allowed: set[str]) -> GraphError:
    """The path is known, the method is not."""
    return GraphError(
        405,
        "BadRequest",
        "Specified HTTP method is not allowed for the request target.",
        {"Allow": ", ".join(sorted(allowed))},
    )


def kept_elsewhere() -> GraphError:
    """A property of people that Graph keeps outside of its directory (*delta query overview*, sample)."""
    return GraphError(501, "NotImplemented", "This operation target is not yet supported.")


def untracked_type(of: str) -> GraphError:
    """What changed can be asked of folders, not of this (observed: the answer of ``/me/messages/delta``)."""
    return bad_request(
        f"Unsupported request: Change tracking is not supported against 'microsoft.graph.{of}'."
    )


def not_tracked(collection: str, names: list[str]) -> GraphError:
    """An option that a list understands, but not *delta* (observed for calendar views)."""
    return GraphError(
        400,
        "ErrorInvalidUrlQuery",
        "The following parameters are not supported with change tracking over the "
        f"'{collection}' resource: '{', '.join(names)}'.",
    )


def not_tracked_so(option: str, only: str) -> GraphError:
    """An option that *delta* understands, with a value that it does not (observed for ``$filter``)."""
    return GraphError(
        400,
        "ErrorInvalidUrlQuery",
        f"The '{option}' parameter value is not supported for 'Messages' resource; only a value of "
        f"'{only}' is supported.",
    )


def sync_state_gone(fresh: str) -> GraphError:
    """The position of a link counts no more; ``fresh`` is where to begin anew (*delta query overview*)."""
    message = "The sync state generation is not found."
    return GraphError(410, "SyncStateNotFound", message, {"Location": fresh})


def resync_required(fresh: str) -> GraphError:
    """The link knows more than the mailbox holds; ``fresh`` is where to begin anew."""
    message = "Resync required. Replace any local items with the server's version."
    return GraphError(410, "resyncRequired", message, {"Location": fresh})


def extension(reason: str, why: str) -> GraphError:
    """What the mailbox service says to a subscription, as Graph passes it on (observed)."""
    status = {"NotFound": 404, "Forbidden": 403}.get(reason, 400)
    message = f"Operation: Create; Exception: [Status Code: {reason}; Reason: {why}]"
    return GraphError(status, "ExtensionError", message)


def over_rate(seconds: int) -> GraphError:
    """More than one application may ask of a mailbox in a while (*throttling guidance*, sample)."""
    inner = {"code": "429", "message": "Please retry after", "status": "429"}
    wait = {"Retry-After": str(seconds)}
    return GraphError(429, "TooManyRequests", "Please retry again later.", wait, inner)


def over_concurrency(seconds: int) -> GraphError:
    """More at once than one application may ask of a mailbox (wording: observed)."""
    message = "Application is over its MailboxConcurrency limit."
    return GraphError(429, "ApplicationThrottled", message, {"Retry-After": str(seconds)})


def inefficient() -> GraphError:
    """The filter and the order do not go together (*List messages*)."""
    return GraphError(
        400, "InefficientFilter", "The restriction or sort order is too complex for this operation."
    )


def not_expandable(name: str) -> GraphError:
    """Nothing of that name can be shown inside (*Query parameters*)."""
    message = f"Expand is not allowed for property '{name}' according to the entity schema."
    return GraphError(400, "ExpandNotSupported", message)


def bad_filter(why: str) -> GraphError:
    """A filter that makes no sense of itself (observed: *Invalid filter clause*)."""
    return bad_request(f"Invalid filter clause: {why}")


def bad_filter_node() -> GraphError:
    """OData that Graph does not know of mail (observed: ``toRecipients/any``, ``internetMessageHeaders``)."""
    message = "The query filter contains one or more invalid nodes."
    return GraphError(400, "ErrorInvalidUrlQueryFilter", message)


def troubled(trouble: StoreTrouble) -> GraphError:
    """What the store could not do, without its reasons: those are for the log.

    Graph's table of HTTP status codes has 503 and 507; the other codes are those of Exchange (EWS:
    *ResponseCode*).
    """
    match trouble:
        case StoreBusy():
            return GraphError(
                503,
                "ServiceUnavailable",
                "The server is busy. Please retry again later.",
                {"Retry-After": "1"},
            )
        case StoreFull():
            return GraphError(
                507, "ErrorInsufficientResources", "There is no room left in the mailbox store."
            )
        case StoreDamaged():
            return GraphError(500, **DAMAGED)
        case _:
            return GraphError(503, "ErrorMailboxStoreUnavailable", "The mailbox store is not available.")


def error_body(error: GraphError, request_id: str, client_request_id: str, now: datetime) -> bytes:
    """The error as Graph shapes it; the date has no zone."""
    inner = {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
        **error.inner,
    }
    return to_json({"error": {"code": error.code, "message": error.message, "innerError": inner}})
