"""The table of contents: every method and path, who may use it, and where it is answered.

``U`` is ``me`` or ``users/{user}``, ``F`` a folder of it, ``M`` a message of it or of a folder. The scopes
of a line are alternatives; they are those of the permission column of Graph's pages.
"""

from letterbook.adapters.graph import (
    answering,
    attachments,
    filing,
    folder_actions,
    folders,
    mentions,
    messages,
    uploads,
)
from letterbook.adapters.graph.routing import BY_URL, Route
from letterbook.domain.letter import AnswerKind

BASIC = frozenset({"Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite"})
READ = frozenset({"Mail.Read", "Mail.ReadWrite"})
WRITE = frozenset({"Mail.ReadWrite"})
SEND = frozenset({"Mail.Send"})
UPLOAD = "users/{user}/messages/{message}/attachmentSessions/{session}"
"""The URL of an upload session, as *createUploadSession* answers it."""
REWRITE = WRITE | {messages.MIME_UPDATE}

REPLY, REPLY_ALL, FORWARD = AnswerKind.REPLY, AnswerKind.REPLY_ALL, AnswerKind.FORWARD

ROUTES = (
    Route("POST", "U/messages", WRITE, messages.create),
    Route("POST", "F/messages", WRITE, messages.create),
    Route("GET", "U/messages", BASIC, messages.list_),
    Route("GET", "F/messages", BASIC, messages.list_),
    Route("GET", "U/messages/$count", BASIC, messages.count),
    Route("GET", "F/messages/$count", BASIC, messages.count),
    Route("GET", "M", BASIC, messages.get),
    Route("GET", "M/$value", READ, messages.mime),
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
    Route("POST", "M/attachments", WRITE, attachments.add),
    Route("GET", "M/attachments/{attachment}", READ, attachments.get, of="attachment"),
    Route("GET", "M/attachments/{attachment}/$value", READ, attachments.value),
    Route("DELETE", "M/attachments/{attachment}", WRITE, attachments.remove),
    Route("POST", "M/attachments/createUploadSession", WRITE, uploads.create),
    Route("GET", UPLOAD, BY_URL, uploads.status),
    Route("PUT", UPLOAD, BY_URL, uploads.put),
    Route("DELETE", UPLOAD, BY_URL, uploads.cancel),
    Route("GET", "M/mentions", READ, mentions.list_, beta_only=True, of="mention"),
    Route("POST", "M/mentions", WRITE, mentions.add, beta_only=True),
    Route("GET", "M/mentions/{mention}", READ, mentions.get, beta_only=True, of="mention"),
    Route("DELETE", "M/mentions/{mention}", WRITE, mentions.remove, beta_only=True),
    Route("GET", "M/extensions", READ, mentions.list_extensions),
    Route("POST", "M/extensions", WRITE, mentions.add_extension),
    Route("GET", "M/extensions/{extension}", READ, mentions.get_extension),
    Route("PATCH", "M/extensions/{extension}", WRITE, mentions.update_extension),
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
)
