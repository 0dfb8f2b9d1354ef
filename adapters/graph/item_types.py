"""The types of what is no mail and yet met in it - events, contacts - restated from Graph's documentation.

Sources: *event resource type*, *contact resource type*, *attendee*, *responseStatus*, *onlineMeetingInfo*.
"""

from letterbook.adapters.graph.csdl import Kind, Schema, Shape

_TEXT, _YES_OR_NO, _NUMBER = Shape("Edm.String"), Shape("Edm.Boolean"), Shape("Edm.Int32")
_TEXTS = Shape("Edm.String", many=True)
_MOMENT, _WALL_CLOCK = Shape("Edm.DateTimeOffset"), Shape("dateTimeTimeZone")
_ADDRESS = Shape("physicalAddress")

ENUMS = {
    "freeBusyStatus": ("unknown", "free", "tentative", "busy", "oof", "workingElsewhere"),
    "attendeeType": ("required", "optional", "resource"),
    "onlineMeetingProviderType": ("unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"),
    "phoneType": (
        *("home", "business", "mobile", "other", "assistant", "homeFax", "businessFax", "otherFax"),
        *("pager", "radio"),
    ),
    "websiteType": ("other", "home", "work", "blog", "profile"),
}
_EMAIL = Shape("emailAddress")

COMPLEX = {
    "responseStatus": {"response": Shape("responseType"), "time": _MOMENT},
    "attendee": {
        "emailAddress": _EMAIL,
        "proposedNewTime": Shape("timeSlot"),
        "status": Shape("responseStatus"),
        "type": Shape("attendeeType"),
    },
    "phone": {"language": _TEXT, "number": _TEXT, "region": _TEXT, "type": Shape("phoneType")},
    "website": {"address": _TEXT, "displayName": _TEXT, "type": Shape("websiteType")},
    "onlineMeetingInfo": {
        **dict.fromkeys(("conferenceId", "joinUrl", "quickDial", "tollNumber"), _TEXT),
        "phones": Shape("phone", many=True),
        "tollFreeNumbers": _TEXTS,
    },
}

EVENT = {
    **dict.fromkeys(
        (
            *("bodyPreview", "iCalUId", "onlineMeetingUrl", "originalEndTimeZone", "originalStartTimeZone"),
            *("seriesMasterId", "subject", "transactionId", "webLink"),
        ),
        _TEXT,
    ),
    **dict.fromkeys(
        (
            *("allowNewTimeProposals", "hasAttachments", "hideAttendees", "isAllDay", "isCancelled"),
            *("isDraft", "isOnlineMeeting", "isOrganizer", "isReminderOn", "responseRequested"),
        ),
        _YES_OR_NO,
    ),
    "attendees": Shape("attendee", many=True),
    "body": Shape("itemBody"),
    "end": _WALL_CLOCK,
    "importance": Shape("importance"),
    "location": Shape("location"),
    "locations": Shape("location", many=True),
    "onlineMeeting": Shape("onlineMeetingInfo"),
    "onlineMeetingProvider": Shape("onlineMeetingProviderType"),
    "organizer": Shape("recipient"),
    "originalStart": _MOMENT,
    "recurrence": Shape("patternedRecurrence"),
    "reminderMinutesBeforeStart": _NUMBER,
    "responseStatus": Shape("responseStatus"),
    "sensitivity": Shape("sensitivity"),
    "showAs": Shape("freeBusyStatus"),
    "start": _WALL_CLOCK,
    "type": Shape("eventType"),
}
EVENT_OF_BETA = {"uid": _TEXT}

_NAMES = (
    *("assistantName", "companyName", "department", "displayName", "fileAs", "generation", "givenName"),
    *("initials", "jobTitle", "manager", "middleName", "nickName", "officeLocation", "parentFolderId"),
    *("personalNotes", "profession", "spouseName", "surname", "title", "yomiCompanyName"),
    *("yomiGivenName", "yomiSurname"),
)
CONTACT = {
    **dict.fromkeys(_NAMES, _TEXT),
    "birthday": _MOMENT,
    "children": _TEXTS,
    "emailAddresses": Shape("emailAddress", many=True),
    "imAddresses": _TEXTS,
}
CONTACT_OF_V1 = {
    "businessAddress": _ADDRESS,
    "businessHomePage": _TEXT,
    "businessPhones": _TEXTS,
    "homeAddress": _ADDRESS,
    "homePhones": _TEXTS,
    "mobilePhone": _TEXT,
    "otherAddress": _ADDRESS,
}
CONTACT_OF_BETA = {
    "gender": _TEXT,
    "isFavorite": _YES_OR_NO,
    "phones": Shape("phone", many=True),
    "postalAddresses": Shape("physicalAddress", many=True),
    "websites": Shape("website", many=True),
    "weddingAnniversary": Shape("Edm.Date"),
}


_ON_BOTH = {
    "extensions": Shape("extension", many=True),
    "singleValueExtendedProperties": Shape("singleValueLegacyExtendedProperty", many=True),
    "multiValueExtendedProperties": Shape("multiValueLegacyExtendedProperty", many=True),
}
HANGING = {"event": {"attachments": Shape("attachment", many=True)} | _ON_BOTH, "contact": _ON_BOTH}
"""What leads on from an event and a contact, as far as it belongs to mail."""


def members_of(kind: str, *, beta: bool) -> dict[str, Shape]:
    """The members of an event or a contact in a version, with those of any item that an author sets."""
    if kind == "event":
        own = EVENT | (EVENT_OF_BETA if beta else {})
    else:
        own = CONTACT | (CONTACT_OF_BETA if beta else CONTACT_OF_V1)
    return {"categories": _TEXTS} | own


def add_items(schema: Schema, *, beta: bool) -> None:
    """Make these types known."""
    schema.enums |= ENUMS
    for name, members in COMPLEX.items():
        schema.kinds[name] = Kind(name, members=members)
    for kind in ("event", "contact"):
        members = {name: it for name, it in members_of(kind, beta=beta).items() if name != "categories"}
        schema.kinds[kind] = Kind(kind, "outlookItem", members=members | HANGING[kind])
