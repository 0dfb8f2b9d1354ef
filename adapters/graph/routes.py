"""The table of contents: every method and path, who may use it, and where it is answered.

``U`` is ``me`` or ``users/{user}``, ``F`` a folder of it, ``M`` a message of it or of a folder. The scopes
of a line are alternatives; they are those of the permission column of Graph's pages.
"""

from letterbook.adapters.graph import (
    answering,
    attachments,
    batch,
    categories,
    chronicle,
    classification,
    delta,
    directory,
    event_messages,
    exchange_ids,
    filing,
    folder_actions,
    folders,
    inbox_rules,
    mentions,
    messages,
    settings,
    subscriptions,
    tips,
    uploads,
)
from letterbook.adapters.graph.routing import BY_URL, Route
from letterbook.domain.letter import AnswerKind

BASIC = frozenset({"Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite"})
READ = frozenset({"Mail.Read", "Mail.ReadWrite"})
WRITE = frozenset({"Mail.ReadWrite"})
SEND = frozenset({"Mail.Send"})
TIPS = frozenset({"Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared"})
SETTINGS = frozenset({"MailboxSettings.Read", "MailboxSettings.ReadWrite"})
SET = frozenset({"MailboxSettings.ReadWrite"})
PROFILE, EVERYONE = directory.PROFILE, directory.EVERYONE
OUTLOOK = frozenset({"User.Read", "User.ReadBasic.All", "User.Read.All"})
UPLOAD = "users/{user}/messages/{message}/attachmentSessions/{session}"
"""The URL of an upload session, as *createUploadSession* answers it."""
ZONE = "timeZoneInformation"
REWRITE = WRITE | {messages.MIME_UPDATE}

SUBSCRIBED = BASIC | {subscriptions.SEES_ALL}

REPLY, REPLY_ALL, FORWARD = AnswerKind.REPLY, AnswerKind.REPLY_ALL, AnswerKind.FORWARD

_MAIL = (
    Route("POST", "U/messages", WRITE, messages.create),
    Route("POST", "F/messages", WRITE, messages.create),
    Route("GET", "U/messages", BASIC, messages.list_),
    Route("GET", "F/messages", BASIC, messages.list_),
    Route("GET", "U/messages/$count", BASIC, messages.count),
    Route("GET", "F/messages/$count", BASIC, messages.count),
    Route("GET", "M", BASIC, messages.get),
    Route("GET", "M/$value", READ, messages.mime),
    Route("GET", "M/microsoft.graph.eventMessage", BASIC, event_messages.get),
    Route("GET", "M/microsoft.graph.eventMessage/event", READ, event_messages.event, of="event"),
    Route("PATCH", "M", REWRITE, messages.update),
    Route("DELETE", "M", WRITE, messages.delete),
    Route("POST", "U/messages/{message}/send", SEND, messages.send),
    Route("POST", "U/sendMail", SEND, messages.send_mail),
    Route("POST", "M/createReply", WRITE, answering.creating(REPLY)),
    Route("POST", "M/createReplyAll", WRITE, answering.creating(REPLY_ALL)),
    Route("POST", "M/createForward", WRITE, answering.creating(FORWARD)),
    Route("POST", "M/reply", SEND, answering.sending(REPLY)),
    Route("POST", "M/replyAll", SEND, answering.sending(REPLY_ALL)),
    Route("POST", "M/forward", SEND, answering.sending(FORWARD)),
    Route("POST", "M/move", WRITE, filing.move),
    Route("POST", "M/copy", WRITE, filing.copy),
    Route("POST", "M/permanentDelete", WRITE, filing.delete_for_good),
    Route("POST", "M/markAsJunk", WRITE, filing.mark_as_junk, beta_only=True),
    Route("POST", "M/markAsNotJunk", WRITE, filing.mark_as_not_junk, beta_only=True),
    Route("POST", "U/messages/{message}/reportMessage", WRITE, filing.report, beta_only=True),
    Route("POST", "U/messages/{message}/unsubscribe", SEND, filing.unsubscribe, beta_only=True),
    Route("GET", "M/attachments", READ, attachments.list_, of="attachment"),
    Route("GET", "M/attachments/$count", READ, attachments.count, of="attachment"),
    Route("POST", "M/attachments", WRITE, attachments.add),
    Route("GET", "M/attachments/{attachment}", READ, attachments.get, of="attachment"),
    Route("GET", "M/attachments/{attachment}/$value", READ, attachments.value),
    Route("DELETE", "M/attachments/{attachment}", WRITE, attachments.remove),
    Route("POST", "M/attachments/createUploadSession", WRITE, uploads.create),
    Route("GET", UPLOAD, BY_URL, uploads.status),
    Route("PUT", UPLOAD, BY_URL, uploads.put),
    Route("DELETE", UPLOAD, BY_URL, uploads.cancel),
    Route("GET", "M/mentions", READ, mentions.list_, beta_only=True, of="mention"),
    Route("GET", "M/mentions/$count", READ, mentions.count, beta_only=True, of="mention"),
    Route("POST", "M/mentions", WRITE, mentions.add, beta_only=True, of="mention"),
    Route("GET", "M/mentions/{mention}", READ, mentions.get, beta_only=True, of="mention"),
    Route("DELETE", "M/mentions/{mention}", WRITE, mentions.remove, beta_only=True),
    Route("GET", "M/extensions", READ, mentions.list_extensions, of="extension"),
    Route("GET", "M/extensions/$count", READ, mentions.count_extensions, of="extension"),
    Route("POST", "M/extensions", WRITE, mentions.add_extension, of="extension"),
    Route("GET", "M/extensions/{extension}", READ, mentions.get_extension, of="extension"),
    Route("PATCH", "M/extensions/{extension}", WRITE, mentions.update_extension, of="extension"),
    Route("DELETE", "M/extensions/{extension}", WRITE, mentions.remove_extension),
    Route("GET", "U/mailFolders", BASIC, folders.list_, of="mailFolder"),
    Route("GET", "U/mailFolders/$count", BASIC, folders.count, of="mailFolder"),
    Route("POST", "U/mailFolders", WRITE, folders.create, of="mailFolder"),
    Route("GET", "F", BASIC, folders.get, of="mailFolder"),
    Route("PATCH", "F", WRITE, folders.update, of="mailFolder"),
    Route("DELETE", "F", WRITE, folder_actions.delete, of="mailFolder"),
    Route("POST", "F/move", WRITE, folder_actions.move, of="mailFolder"),
    Route("POST", "F/copy", WRITE, folder_actions.copy, of="mailFolder"),
    Route("POST", "F/permanentDelete", WRITE, folder_actions.delete_for_good, of="mailFolder"),
    Route(
        "POST",
        "F/updateAllMessagesReadState",
        WRITE,
        folder_actions.mark_all,
        beta_only=True,
        of="mailFolder",
    ),
    Route("GET", "F/operations", BASIC, folder_actions.operations, beta_only=True, of="mailFolder"),
    Route("GET", "F/childFolders", BASIC, folders.list_children, of="mailFolder"),
    Route("GET", "F/childFolders/$count", BASIC, folders.count_children, of="mailFolder"),
    Route("POST", "F/childFolders", WRITE, folders.create_child, of="mailFolder"),
    Route("GET", "F/messages/delta", BASIC, delta.messages, tracks=True),
    Route("GET", "U/messages/delta", BASIC, delta.of_mailbox, tracks=True),
    Route("GET", "U/mailFolders/delta", BASIC, delta.folders, of="mailFolder", tracks=True),
    Route("GET", "F/childFolders/delta", BASIC, delta.child_folders, of="mailFolder", tracks=True),
)

_WISHES = (
    Route("GET", "U/mailboxSettings", SETTINGS, settings.get, of="mailboxSettings"),
    Route("PATCH", "U/mailboxSettings", SET, settings.update, of="mailboxSettings"),
    Route("GET", "U/mailboxSettings/{setting}", SETTINGS, settings.get_one),
    Route("GET", "U/outlook", SETTINGS, categories.outlook, of="outlookUser"),
    Route("GET", "U/outlook/masterCategories", SETTINGS, categories.list_, of="outlookCategory"),
    Route("GET", "U/outlook/masterCategories/$count", SETTINGS, categories.count, of="outlookCategory"),
    Route("POST", "U/outlook/masterCategories", SET, categories.create, of="outlookCategory"),
    Route("GET", "U/outlook/masterCategories/{category}", SETTINGS, categories.get, of="outlookCategory"),
    Route("PATCH", "U/outlook/masterCategories/{category}", SET, categories.update, of="outlookCategory"),
    Route("DELETE", "U/outlook/masterCategories/{category}", SET, categories.remove),
    Route("GET", "U/inferenceClassification", READ, classification.whole, of="inferenceClassification"),
    Route("GET", "U/inferenceClassification/overrides", READ, classification.list_, of="override"),
    Route("GET", "U/inferenceClassification/overrides/$count", READ, classification.count, of="override"),
    Route("POST", "U/inferenceClassification/overrides", WRITE, classification.create, of="override"),
    Route("GET", "U/inferenceClassification/overrides/{override}", READ, classification.get, of="override"),
    Route("PATCH", "U/inferenceClassification/overrides/{override}", WRITE, classification.update),
    Route("DELETE", "U/inferenceClassification/overrides/{override}", WRITE, classification.remove),
    Route("GET", "F/messageRules", SETTINGS, inbox_rules.list_, of="messageRule"),
    Route("GET", "F/messageRules/$count", SETTINGS, inbox_rules.count, of="messageRule"),
    Route("POST", "F/messageRules", SET, inbox_rules.create, of="messageRule"),
    Route("GET", "F/messageRules/{rule}", SETTINGS, inbox_rules.get, of="messageRule"),
    Route("PATCH", "F/messageRules/{rule}", SET, inbox_rules.update, of="messageRule"),
    Route("DELETE", "F/messageRules/{rule}", SET, inbox_rules.remove),
    Route("GET", "U/outlook/supportedLanguages", OUTLOOK, settings.supported_languages, of="localeInfo"),
    Route("GET", "U/outlook/supportedTimeZones", OUTLOOK, settings.supported_zones, of=ZONE),
    Route("GET", "U/outlook/supportedTimeZones/{standard}", OUTLOOK, settings.supported_zones_of, of=ZONE),
)

_PEOPLE = (
    Route("POST", "U/getMailTips", TIPS, tips.get),
    Route("POST", "U/translateExchangeIds", PROFILE, exchange_ids.translate),
    Route("GET", "U", PROFILE, directory.get, of="user", whose="person"),
    Route("GET", "users", EVERYONE, directory.list_, of="user", whose="nobody"),
    Route("GET", "users/$count", EVERYONE, directory.count, of="user", whose="nobody"),
)

_ONE = "subscriptions/{subscription}"
_SUBSCRIPTIONS = (
    Route("POST", "subscriptions", BASIC, subscriptions.create, of="subscription", whose="nobody"),
    Route("GET", "subscriptions", SUBSCRIBED, subscriptions.list_, of="subscription", whose="nobody"),
    Route("GET", _ONE, SUBSCRIBED, subscriptions.get, of="subscription", whose="nobody"),
    Route("PATCH", _ONE, BASIC, subscriptions.renew, of="subscription", whose="nobody"),
    Route("DELETE", _ONE, BASIC, subscriptions.remove, of="subscription", whose="nobody"),
    Route(
        "POST",
        f"{_ONE}/reauthorize",
        BASIC,
        subscriptions.reauthorize,
        of="subscription",
        whose="nobody",
    ),
)

_PAST = (
    Route("GET", "M/letterbook.timeline", READ, chronicle.timeline, of="timelineEntry"),
    Route("GET", "M/letterbook.diff", READ, chronicle.diff, of="difference"),
    Route("GET", "F/letterbook.diff", READ, chronicle.diff, of="difference"),
    Route("GET", "U/letterbook.diff", READ, chronicle.diff, of="difference"),
)

_SINGLE = (*_MAIL, *_WISHES, *_PEOPLE, *_SUBSCRIPTIONS, *_PAST)
ANY = frozenset[str]().union(*(route.scopes for route in _SINGLE if not route.by_url))
"""A batch is open to whoever may do anything: each of its parts is looked at by itself."""

ROUTES = (*_SINGLE, Route("POST", "$batch", ANY, batch.batch, whose="nobody"))
