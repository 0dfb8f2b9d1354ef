"""What the pages of Graph's documentation describe and the schema kept here does not: restated from them.

Sources: *message: permanentDelete*, *mailFolder: permanentDelete*, *message: markAsJunk*, *markAsNotJunk*,
*reportMessage*, *mailFolder: updateAllMessagesReadState*, *List mailFolderOperation*, *user resource*,
*Attach large files to Outlook messages*, *subscription resource type*, *eventMessageRequest resource type*.
"""

from letterbook.adapters.graph.csdl import Kind, Operation, Schema, Shape
from letterbook.adapters.graph.item_types import add_items

_TEXT, _YES_OR_NO = Shape("Edm.String"), Shape("Edm.Boolean")
_MESSAGE, _FOLDER = Shape("message"), Shape("mailFolder")

_BOTH = (
    Operation("permanentDelete", _MESSAGE, {}, None),
    Operation("permanentDelete", _FOLDER, {}, None),
)
_BETA = (
    Operation("markAsJunk", _MESSAGE, {"MoveToJunk": _YES_OR_NO}, _MESSAGE),
    Operation("markAsNotJunk", _MESSAGE, {"MoveToInbox": _YES_OR_NO}, _MESSAGE),
    Operation(
        "reportMessage",
        _MESSAGE,
        {"IsMessageMoveRequested": _YES_OR_NO, "ReportAction": Shape("reportAction")},
        _MESSAGE,
    ),
    Operation(
        "updateAllMessagesReadState",
        _FOLDER,
        {"IsRead": _YES_OR_NO, "SuppressReadReceipts": _YES_OR_NO},
        None,
    ),
)
_USER = dict.fromkeys(
    (*("givenName", "jobTitle", "mobilePhone", "officeLocation", "preferredLanguage", "surname"), "userType"),
    _TEXT,
) | {"businessPhones": Shape("Edm.String", many=True), "accountEnabled": _YES_OR_NO}
_SUBSCRIPTION = dict.fromkeys(
    ("notificationContentType", "notificationQueryOptions", "notificationUrlAppId"), _TEXT
)
_REQUESTS = (
    *("none", "newMeetingRequest", "fullUpdate", "informationalUpdate"),
    *("silentUpdate", "outdated", "principalWantsCopy"),
)


def complete(schema: Schema, *, beta: bool) -> Schema:
    """The schema of a version with the rest of what is served here."""
    add_items(schema, beta=beta)
    schema.operations += (*_BOTH, *_BETA) if beta else _BOTH
    schema.kinds["user"].members |= _USER
    schema.kinds["subscription"].members |= _SUBSCRIPTION
    schema.kinds["message"].members["attachmentSessions"] = Shape("uploadSession", many=True)
    schema.kinds["uploadSession"].members |= {
        "ExpirationDateTime": Shape("Edm.DateTimeOffset"),
        "NextExpectedRanges": Shape("Edm.String", many=True),
    }
    if beta:
        schema.enums |= {
            "reportAction": ("unknown", "junk", "notJunk", "phish"),
            "mailFolderOperationStatus": ("notStarted", "running", "succeeded", "failed"),
            "meetingRequestType": _REQUESTS,
        }
        schema.kinds["eventMessageRequest"].members["meetingRequestType"] = Shape("meetingRequestType")
        operation = {"resourceLocation": _TEXT, "status": Shape("mailFolderOperationStatus")}
        schema.kinds["mailFolderOperation"] = Kind("mailFolderOperation", "entity", members=operation)
        schema.kinds["mailFolder"].members |= {
            "isHidden": _YES_OR_NO,
            "operations": Shape("mailFolderOperation", many=True),
        }
    return schema
