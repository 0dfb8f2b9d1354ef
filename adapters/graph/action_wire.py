"""What may be said to actions: the shapes of their parameters."""

from typing import Annotated, ClassVar, Literal

from pydantic import AliasChoices, Field, model_validator

from letterbook.adapters.graph.wire import Truth, Wire, WireMessage, WireRecipient, any_case
from letterbook.domain.letter import ReportAction


class WireSendMail(Wire):
    """The parameters of *sendMail*, whose names are read in either case."""

    graph_type: ClassVar[str] = ""
    slips: ClassVar[frozenset[str]] = frozenset({"save_to_sent_items"})

    message: WireMessage | None = Field(default=None, validation_alias=AliasChoices("message", "Message"))
    save_to_sent_items: Truth | None = Field(
        default=None, validation_alias=AliasChoices("saveToSentItems", "SaveToSentItems")
    )


class WireAction(Wire):
    """The parameters of an action, whose names are read in either case: SDKs write them both ways."""

    graph_type: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _lower_first(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {key[:1].lower() + key[1:]: value for key, value in given.items()}


class WireAttachmentItem(Wire):
    """attachmentItem: a file that will be uploaded."""

    graph_type: ClassVar[str] = "attachmentItem"

    attachment_type: Annotated[Literal["file", "item", "reference"], any_case("file", "item", "reference")]
    name: Annotated[str, Field(min_length=1)]
    size: Annotated[int, Field(ge=0)]
    content_type: str | None = None
    content_id: str | None = None
    is_inline: bool | None = None


class WireUploadSession(WireAction):
    """The parameter of *createUploadSession*."""

    attachment_item: WireAttachmentItem


class WireAnswer(WireAction):
    """The parameters of *reply*, *replyAll* and of their drafts."""

    message: WireMessage | None = None
    comment: str | None = None


class WireForward(WireAnswer):
    """The parameters of *forward* and of its draft, which alone can say to whom it goes."""

    to_recipients: list[WireRecipient] | None = None


class WireDestination(WireAction):
    """The parameter of *move* and *copy*: a folder by id or well-known name."""

    destination_id: str


class WireJunk(WireAction):
    """The parameter of *markAsJunk*."""

    move_to_junk: Truth


class WireNotJunk(WireAction):
    """The parameter of *markAsNotJunk*."""

    move_to_inbox: Truth


class WireReport(WireAction):
    """The parameters of *reportMessage*."""

    is_message_move_requested: Truth
    report_action: Annotated[ReportAction, any_case(*ReportAction)]


class WireReadState(WireAction):
    """The parameters of *updateAllMessagesReadState*; its page writes them as text."""

    is_read: Truth
    suppress_read_receipts: Truth | None = None
