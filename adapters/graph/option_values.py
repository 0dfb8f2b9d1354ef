"""What query options can name, and what they can say: properties of each type, numbers, words."""

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.events import MEMBERS
from letterbook.adapters.graph.item_types import CONTACT, CONTACT_OF_BETA, CONTACT_OF_V1
from letterbook.adapters.graph.wire import WireAttachment, WireMessage
from letterbook.application.meetings import MEETING_MEMBERS

AS_OF = "asOf"
"""The option that names an earlier moment or position."""
LARGEST_PAGE = 1000
_OF_REFERENCES = ("sourceUrl", "providerType", "permission", "isFolder", "thumbnailUrl", "previewUrl")
_PROPERTIES = {
    "message": (
        *(info.alias or name for name, info in WireMessage.model_fields.items()),
        *(f"microsoft.graph.{kind}/{name}" for kind, names in MEETING_MEMBERS.items() for name in names),
    ),
    "attachment": (
        *(info.alias or name for name, info in WireAttachment.model_fields.items()),
        *(
            f"microsoft.graph.fileAttachment/{name}"
            for name in ("contentBytes", "contentId", "contentLocation")
        ),
        *(f"microsoft.graph.referenceAttachment/{name}" for name in _OF_REFERENCES),
    ),
    "mailFolder": (
        *("id", "displayName", "parentFolderId", "childFolderCount", "unreadItemCount"),
        *("totalItemCount", "isHidden", "wellKnownName"),
        *(
            f"microsoft.graph.mailSearchFolder/{name}"
            for name in ("isSupported", "includeNestedFolders", "sourceFolderIds", "filterQuery")
        ),
    ),
    "mention": (
        *("id", "mentioned", "mentionText", "clientReference", "createdBy", "createdDateTime"),
        *("serverCreatedDateTime", "deepLink", "application"),
    ),
    "event": MEMBERS,
    "singleValueLegacyExtendedProperty": ("id", "value"),
    "multiValueLegacyExtendedProperty": ("id", "value"),
    "mailboxSettings": (
        *("archiveFolder", "automaticRepliesSetting", "timeZone", "language", "workingHours"),
        *("userPurpose", "dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions"),
    ),
    "timelineEntry": ("position", "version", "fact", "when", "recorded", "who", "why", "changes"),
    "difference": ("what", "id", "name", "how", "changes"),
    "localeInfo": ("locale", "displayName"),
    "timeZoneInformation": ("alias", "displayName"),
    "outlookCategory": ("id", "displayName", "color"),
    "outlookUser": ("id",),
    "inferenceClassification": ("id",),
    "override": ("id", "classifyAs", "senderEmailAddress"),
    "messageRule": (
        *("id", "displayName", "sequence", "isEnabled", "hasError", "isReadOnly"),
        *("conditions", "exceptions", "actions"),
    ),
    "subscription": (
        *("id", "resource", "applicationId", "changeType", "clientState", "notificationUrl"),
        *("lifecycleNotificationUrl", "expirationDateTime", "creatorId", "latestSupportedTlsVersion"),
        *("encryptionCertificate", "encryptionCertificateId", "includeResourceData"),
        "notificationContentType",
    ),
    "user": (
        *("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
        *("preferredLanguage", "surname", "userPrincipalName", "id", "accountEnabled", "mailNickname"),
        *("otherMails", "proxyAddresses", "userType", "mailboxSettings"),
    ),
}
"""What ``$select`` can name, by the type that is answered."""
_PROPERTIES["outlookItem"] = (
    *_PROPERTIES["message"],
    *MEMBERS,
    *(CONTACT | CONTACT_OF_V1 | CONTACT_OF_BETA),
)
_BETA = {
    "message": frozenset({"mentions", "mentionsPreview", "unsubscribeData", "unsubscribeEnabled"}),
    "attachment": frozenset(
        {*_OF_REFERENCES, *(f"microsoft.graph.referenceAttachment/{name}" for name in _OF_REFERENCES)}
    ),
    "mailFolder": frozenset({"wellKnownName"}),
    "event": frozenset({"uid"}),
    "outlookItem": frozenset({"mentions", "mentionsPreview", "uid", *CONTACT_OF_BETA}),
}
"""What of it v1.0 does not have (schemas of both)."""
_KEPT_ELSEWHERE = frozenset(
    {
        *("aboutme", "birthday", "hiredate", "interests", "mysite", "pastprojects", "preferredname"),
        *("responsibilities", "schools", "skills"),
    }
)
"""What else is known of people, but not by a directory (Graph: *user*, returned only of one)."""
_SPELLED = {of: {name.lower(): name for name in names} for of, names in _PROPERTIES.items()}


def number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """A number that an option says, within bounds."""
    if name not in given:
        return default
    text = given[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or not least <= int(text) <= most:
        raise errors.bad_request(
            f"Invalid value '{given[name][:40]}' for {name} query option found. The {name} query option "
            f"requires a number from {least} to {most}."
        )
    return int(text)


def flag(given: dict[str, str], name: str) -> bool:
    """Whether an option says so."""
    value = given.get(name, "false").lower()
    if value not in ("true", "false"):
        raise errors.bad_request(f"Invalid value '{given[name][:40]}' for {name} query option found.")
    return value == "true"


def select(text: str, of: str, *, beta: bool) -> tuple[str, ...]:
    """The properties of a type that are chosen, as they are spelled; none: all of them.

    Open extensions have any.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if "*" in names:
        return ()
    if of == "extension":
        return tuple(names)
    if of == "user" and any(name.lower() in _KEPT_ELSEWHERE for name in names):
        raise errors.kept_elsewhere()
    chosen = tuple(_SPELLED[of].get(name.lower(), "") for name in names)
    for name, spelled in zip(names, chosen, strict=True):
        if not spelled or (spelled in _BETA.get(of, ()) and not beta):
            raise errors.unknown_property(name, of)
    return chosen
