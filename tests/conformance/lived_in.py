"""A mailbox that somebody has lived in: whatever an example talks about is there."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from letterbook import open_book
from letterbook.adapters.book import Book
from letterbook.adapters.graph.routes import ROUTES
from tests.graph.client import ALEX, MEGAN, Graph, stranger_at, to
from tests.looping import Conversations
from tests.notifying.receiver import reader

PEOPLE = {
    ALEX: "Alex Wilber",
    MEGAN: "Megan Bowen",
    "adelev@contoso.com": "Adele Vance",
    "danas@contoso.com": "Dana Swope",
    "samanthab@contoso.com": "Samantha Booth",
    "alland@contoso.com": "Allan Deyoung",
    "pattif@contoso.com": "Patti Fernandez",
}
"""Everybody the examples name; it is Alex who asks."""
LENDER = "alland@contoso.com"
"""Lets Alex write in their name."""

COLOR = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
PALETTE = "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette"
REFERRAL: dict[str, Any] = {
    "@odata.type": "microsoft.graph.openTypeExtension",
    "extensionName": "Com.Contoso.Referral",
    "companyName": "Wingtip Toys",
    "dealValue": 500050,
    "expirationDate": "2015-12-03T10:00:00.000Z",
}
FILE = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "menu.txt",
    "contentType": "text/plain",
    "contentId": "menu",
    "contentLocation": "https://contoso.com/menu.txt",
    "contentBytes": base64.b64encode(b"Lasagna").decode(),
}
LINK = {
    "@odata.type": "#microsoft.graph.referenceAttachment",
    "name": "Recipes",
    "sourceUrl": "https://contoso.com/recipes",
    "providerType": "oneDriveBusiness",
    "permission": "view",
    "isFolder": True,
}
_CHANGE = {"time": "02:00:00", "dayOccurrence": 4, "dayOfWeek": "sunday", "month": 5, "year": 0}
ZONE = {
    "@odata.type": "#microsoft.graph.customTimeZone",
    "bias": -200,
    "name": "Customized Time Zone",
    "standardOffset": _CHANGE,
    "daylightOffset": _CHANGE | {"month": 10, "daylightBias": -100},
}
LIST_LETTER = f"""To: {ALEX}
Subject: News
List-Unsubscribe: <mailto:off@contoso.com>

News of the week"""
INVITATION = f"""To: {ALEX}
Subject: Planning
MIME-Version: 1.0
Content-Type: text/calendar; method=REQUEST; charset=utf-8

BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Contoso//Calendar//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:planning@contoso.com
DTSTAMP:20260101T090000Z
DTSTART:20260105T160000Z
DTEND:20260105T163000Z
SUMMARY:Planning
LOCATION:Assembly Hall
ORGANIZER;CN=Megan Bowen:mailto:{MEGAN}
ATTENDEE;RSVP=TRUE:mailto:{ALEX}
END:VEVENT
END:VCALENDAR
"""

Names = dict[str, str]


def _item() -> dict[str, Any]:
    """A letter inside a letter, with a file inside."""
    whole = {
        "@odata.type": "microsoft.graph.message",
        "subject": "How to retrieve item attachment using Outlook REST API",
        "body": {"contentType": "html", "content": "<p>See below</p>"},
        "toRecipients": to(ALEX),
        "ccRecipients": to(MEGAN),
        **{name: {"emailAddress": {"address": MEGAN}} for name in ("from", "sender")},
        "attachments": [FILE],
    }
    return {"@odata.type": "#microsoft.graph.itemAttachment", "name": "How to", "item": whole}


def furnish(book: Book, alex: Graph, megan: Graph) -> Names:
    """Make everything; gives what was made by what it is called."""
    for address, name in PEOPLE.items():
        book.mailbox(address, name=name)
    book.mailbox(LENDER).allow_sending(ALEX)
    return {
        "user": ALEX,
        **_folders(alex),
        **_letters(alex, megan),
        **_draft(alex),
        **_wishes(alex),
    }


def _folders(alex: Graph) -> Names:
    folder = alex.made("/me/mailFolders", {"displayName": "Holidays"})["id"]
    below = f"/me/mailFolders/{folder}/childFolders"
    for name, hidden in (("Beaches", False), ("Attic", True)):
        alex.made(below, {"displayName": name, "isHidden": hidden})
    search = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Weekly digests",
        "includeNestedFolders": True,
        "sourceFolderIds": ["inbox"],
        "filterQuery": "contains(subject, 'weekly digest')",
    }
    for place in (below, "/me/mailFolders/searchfolders/childFolders"):
        found = alex.made(place, search)["id"]
    alex.made(f"/me/mailFolders/{folder}/messages", {"subject": "Packing list"})
    born = {"inbox": "inbox", "root": "msgfolderroot", "sent folder": "sentitems", "destination": "archive"}
    known = {called: str(alex.read(f"/me/mailFolders/{name}")["id"]) for called, name in born.items()}
    return known | {"folder": folder, "search": found}


def _letters(alex: Graph, megan: Graph) -> Names:
    for letter in (LIST_LETTER, INVITATION):
        megan.post("/me/sendMail", content=base64.b64encode(letter.encode()), headers=_TEXT)
    message = {
        "subject": "Let's go for lunch",
        "body": {"contentType": "html", "content": "<p>Pizza at noon? @Alex Wilber</p>"},
        "toRecipients": to(ALEX),
        "ccRecipients": to("adelev@contoso.com"),
        "attachments": [_item(), FILE, LINK],
        "mentions": [{"mentioned": {"name": "Alex Wilber", "address": ALEX}}],
    }
    assert megan.beta.post("/me/sendMail", json={"message": message}).status_code == 202
    alex.book.deliver()
    found = {each["subject"]: each["id"] for each in alex.values("/me/mailFolders/inbox/messages")}
    names = {"letter": found["Let's go for lunch"], "list": found["News"], "invitation": found["Planning"]}
    return names | _marked(alex, names["letter"])


_TEXT = {"Content-Type": "text/plain"}


def _marked(alex: Graph, letter: str) -> Names:
    """What is inside a letter, and what its reader puts on it."""
    at = f"/me/messages/{letter}"
    alex.made(f"{at}/extensions", REFERRAL)
    files = {each["@odata.type"]: each["id"] for each in alex.beta.values(f"{at}/attachments")}
    return {
        "item": files["#microsoft.graph.itemAttachment"],
        "file": files["#microsoft.graph.fileAttachment"],
    }


def _draft(alex: Graph) -> Names:
    said = {
        "body": {"contentType": "text", "content": "Shall we go?"},
        "mentions": [{"mentioned": {"name": "Dana Swope", "address": "danas@contoso.com"}}],
        "singleValueExtendedProperties": [{"id": COLOR, "value": "Green"}],
        "multiValueExtendedProperties": [{"id": PALETTE, "value": ["Green", "Aqua"]}],
        "extensions": [REFERRAL],
    }
    sent = alex.beta.sent(**said)["id"]
    draft = alex.beta.draft(**said)
    (mention,) = alex.beta.values(f"/me/messages/{draft['id']}/mentions")
    item = {"attachmentType": "file", "name": "flower", "size": 3483322}
    session = alex.made(
        f"/me/messages/{draft['id']}/attachments/createUploadSession", {"AttachmentItem": item}
    )
    return {"sent": sent, "draft": draft["id"], "mention": mention["id"], "session": session["uploadUrl"]}


def _wishes(alex: Graph) -> Names:
    rule = {
        "displayName": "From partner",
        "sequence": 2,
        "isEnabled": True,
        "conditions": {"senderContains": ["adele"]},
        "actions": {
            "forwardTo": [{"emailAddress": {"name": "Megan Bowen", "address": MEGAN}}],
            "stopProcessingRules": True,
        },
    }
    second = {
        "displayName": "Spam",
        "sequence": 3,
        "conditions": {"subjectContains": ["prize"]},
        "actions": {"delete": True, "stopProcessingRules": True},
    }
    category = {"displayName": "Holidays", "color": "preset0"}
    override = {
        "classifyAs": "focused",
        "senderEmailAddress": {"name": "Adele Vance", "address": "adelev@contoso.com"},
    }
    replies = {
        "status": "scheduled",
        "externalAudience": "all",
        "scheduledStartDateTime": {"dateTime": "2098-03-14T07:00:00", "timeZone": "UTC"},
        "scheduledEndDateTime": {"dateTime": "2098-03-28T07:00:00", "timeZone": "UTC"},
        "internalReplyMessage": "Away",
        "externalReplyMessage": "Away",
    }
    hours = {"daysOfWeek": ["monday"], "startTime": "09:00:00", "endTime": "18:30:00", "timeZone": ZONE}
    alex.changed("/me/mailboxSettings", {"automaticRepliesSetting": replies, "workingHours": hours})
    alex.made("/me/mailFolders/inbox/messageRules", second)
    return {
        "rule": alex.made("/me/mailFolders/inbox/messageRules", rule)["id"],
        "category": alex.made("/me/outlook/masterCategories", category)["id"],
        "override": alex.made("/me/inferenceClassification/overrides", override)["id"],
    }


def _subscription(alex: Graph, endpoint: str) -> Names:
    """One with everything it can have; ``later`` is a moment that it may be asked to last to."""
    later = (datetime.now(UTC) + timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M:%S.123456Z")
    asked = {
        "changeType": "created",
        "notificationUrl": endpoint,
        "lifecycleNotificationUrl": endpoint,
        "resource": "me/mailFolders('Inbox')/messages?$select=subject",
        "expirationDateTime": later,
        "clientState": "secretClientValue",
        "latestSupportedTlsVersion": "v1_2",
        "includeResourceData": True,
        "encryptionCertificate": reader().text,
        "encryptionCertificateId": "a certificate",
    }
    return {
        "endpoint": endpoint,
        "later": later,
        "subscription": alex.made("/subscriptions", asked)["id"],
    }


# --- A fresh server for each example ---------------------------------------------------------------


class Builder:
    """Furnishes one mailbox, and opens as many copies of it as are asked for."""

    def __init__(self, place: Path, loop: Conversations, endpoint: str) -> None:
        self._place, self._loop, self._copies = place, loop, 0
        self._original = place / "original.db"
        with self._open(self._original) as (alex, megan):
            self.names = furnish(alex.book, alex, megan) | _subscription(alex, endpoint)

    @contextmanager
    def _open(self, path: Path) -> Iterator[tuple[Graph, Graph]]:
        scopes = " ".join(
            sorted(frozenset[str]().union(*(each.scopes for each in ROUTES if not each.by_url)))
        )
        with open_book(str(path), deliver=False, allow_local_webhooks=True) as book:
            for address in (ALEX, MEGAN):
                book.mailbox(address, name=PEOPLE[address])
            with stranger_at(book, self._loop) as nobody:
                yield (
                    nobody.holding(book.token(ALEX, scopes)),
                    nobody.holding(book.token(MEGAN, scopes)),
                )

    @contextmanager
    def fresh(self) -> Iterator[Graph]:
        """Alex at a server that nobody has asked anything since it was furnished."""
        self._copies += 1
        copy = self._place / f"copy-{self._copies}.db"
        for part in self._place.glob("original.db*"):
            target = self._place / part.name.replace("original", copy.stem)
            shutil.copytree(part, target) if part.is_dir() else shutil.copy(part, target)
        with self._open(copy) as (alex, _):
            yield alex
        for part in self._place.glob(f"{copy.name}*"):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
