"""getMailTips: what somebody who writes to a person should know before sending."""

from typing import ClassVar

from pydantic import AliasChoices, Field
from starlette.responses import Response

from letterbook.adapters.graph import errors, zones
from letterbook.adapters.graph.answers import collection
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.lists import Shown
from letterbook.adapters.graph.wire import Wire, read
from letterbook.application.replying import is_inside, reply_for
from letterbook.application.rows import PersonRow
from letterbook.domain import refusals
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.people import EmailAddress

MOST = 100
"""People of one request (Exchange: GetMailTips)."""
LARGEST_MESSAGE = 35 * 1024 * 1024
"""Bytes of a message, as Exchange bounds it unless told otherwise."""
_OPTIONS = (
    *("automaticReplies", "mailboxFullStatus", "customMailTip", "externalMemberCount", "totalMemberCount"),
    *("maxMessageSize", "deliveryRestriction", "moderationStatus", "recipientScope", "recipientSuggestions"),
)


class WireTips(Wire):
    """The parameters of *getMailTips*."""

    graph_type: ClassVar[str] = "mailTips"

    people: list[str] = Field(validation_alias=AliasChoices("EmailAddresses", "emailAddresses"))
    options: str | None = Field(
        default=None, validation_alias=AliasChoices("MailTipsOptions", "mailTipsOptions")
    )


async def get(call: Call) -> Response:
    """POST U/getMailTips."""
    said = read(WireTips, await call.body())
    options = _options(said.options or "")
    if not 0 < len(said.people) <= MOST:
        raise errors.GraphError(400, "ErrorInvalidArgument", f"Name 1 to {MOST} people.")
    shown = [_tips(call, address, options) for address in said.people]
    return call.json(collection(f"{call.root}/$metadata#Collection(microsoft.graph.mailTips)", shown))


def _options(given: str) -> tuple[str, ...]:
    """Which tips are wanted; all of them, if none is named."""
    known = {name.lower(): name for name in _OPTIONS}
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name.lower() not in known:
            raise errors.body_unread(
                f"Cannot convert the literal '{name[:100]}' to the expected type "
                "'microsoft.graph.mailTipsType'."
            )
    return tuple(known[name.lower()] for name in names) or _OPTIONS


def _tips(call: Call, address: str, options: tuple[str, ...]) -> Shown:
    """The tips for one person, or why there are none."""
    who = EmailAddress(address=address)
    shown: Shown = {"emailAddress": {"name": "", "address": address}}
    home = _mailbox(call, address)
    if not who.deliverable or (home is None and is_inside(who, _asker(call))):
        message = f"The recipient '{address[:200]}' could not be resolved."
        return {**shown, "error": {"code": "ErrorMailRecipientNotFound", "message": message}}
    for option in options:
        shown |= _tip(call, option, home)
    return shown


def _asker(call: Call) -> EmailAddress:
    return EmailAddress(name=call.person.name, address=call.person.address)


def _mailbox(call: Call, address: str) -> Mailbox | None:
    try:
        person: PersonRow = call.engine.person(address)
    except refusals.MailboxUnknown:
        return None
    return call.engine.mailbox(person.mailbox)


def _tip(call: Call, option: str, home: Mailbox | None) -> Shown:
    match option:
        case "automaticReplies":
            return {"automaticReplies": _replies(call, home)}
        case "mailboxFullStatus":
            return {"mailboxFull": False}
        case "customMailTip":
            return {"customMailTip": ""}
        case "externalMemberCount":
            return {"externalMemberCount": 0 if home else 1}
        case "totalMemberCount":
            return {"totalMemberCount": 1}
        case "maxMessageSize":
            return {"maxMessageSize": LARGEST_MESSAGE}
        case "deliveryRestriction":
            return {"deliveryRestricted": False}
        case "moderationStatus":
            return {"isModerated": False}
        case "recipientScope":
            return {"recipientScope": "internal" if home else "external"}
        case _:
            return {"recipientSuggestions": []}


def _replies(call: Call, home: Mailbox | None) -> Shown:
    """The automatic reply that the asker would get now; an empty one, if none."""
    now = call.engine.clock.now()
    message = reply_for(home, _asker(call), now, inside=True) if home else None
    if home is None or message is None:
        return {"message": ""}
    settings = home.preferences.settings
    shown: Shown = {"message": message, "messageLanguage": zones.language(settings.locale)}
    if settings.replies.starts and settings.replies.ends:
        shown["scheduledStartTime"] = zones.shown_moment(settings.replies.starts)
        shown["scheduledEndTime"] = zones.shown_moment(settings.replies.ends)
    return shown
