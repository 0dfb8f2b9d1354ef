"""What may be said to the Graph face: the shapes of request bodies, but for the parameters of actions.

JSON types are taken strictly. Words with a fixed set of values are read in any case. Annotations
(``@odata.…``) are passed over; unknown properties are refused, and collections that are ``null``.
"""

from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, from_json

from letterbook.adapters.graph import errors
from letterbook.domain.extended_properties import is_property_id, is_property_value
from letterbook.domain.letter import BodyKind, FlagStatus, Importance, Inference


class Wire(BaseModel):
    """A JSON object of a request."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", strict=True, frozen=True)

    graph_type: ClassVar[str] = "message"
    """What an error calls it that names a property which nobody knows."""
    slips: ClassVar[frozenset[str]] = frozenset()
    """Names that SDKs write by mistake: they are passed over while they are null."""

    @model_validator(mode="after")
    def _known_properties(self) -> Self:
        for name, value in (self.__pydantic_extra__ or {}).items():
            if "@" not in name and (value is not None or name not in self.slips):
                known = {"name": name, "of": self.type_name}
                raise PydanticCustomError("unknown_property", "{name}", known)
        return self._collections_said()

    def _collections_said(self) -> Self:
        for name in _collections(type(self)) & self.model_fields_set:
            if getattr(self, name) is None:
                raise PydanticCustomError("null_collection", "{name}", {"name": self.spelled(name)})
        return self

    @property
    def type_name(self) -> str:
        """The type that this is of."""
        return self.graph_type

    def said(self, name: str) -> bool:
        """Whether a property was given and is not null."""
        return name in self.model_fields_set and getattr(self, name) is not None

    def nulled(self, name: str) -> bool:
        """Whether a property was given as null."""
        return name in self.model_fields_set and getattr(self, name) is None

    def check_not_null(self, *names: str) -> None:
        """Refuse null where there always is a value: of these properties, or of all."""
        for name in filter(self.nulled, names or type(self).model_fields):
            raise errors.null_value(self.spelled(name))

    @classmethod
    def spelled(cls, name: str) -> str:
        """A property as requests write it."""
        return cls.model_fields[name].alias or name


@cache
def _collections(shape: type[Wire]) -> frozenset[str]:
    """The properties that have many values; there may be none of them, but not null (OData JSON 4.01, 7)."""
    kinds = {name: (info.annotation, *get_args(info.annotation)) for name, info in shape.model_fields.items()}
    return frozenset(name for name, some in kinds.items() if any(get_origin(kind) is list for kind in some))


def any_case(*words: str) -> BeforeValidator:
    """Words of a fixed set, read in any case."""
    known = {word.lower(): word for word in words}
    return BeforeValidator(lambda given: known.get(given.lower(), given) if isinstance(given, str) else given)


def _truth(given: object) -> object:
    """``"true"`` and ``"false"`` are read as Booleans: Graph's samples write them so (*sendMail*, isRead)."""
    if isinstance(given, str):
        return {"true": True, "false": False}.get(given.lower(), given)
    return given


Truth = Annotated[bool, BeforeValidator(_truth)]
"""A Boolean, or its name."""


class WireAddress(Wire):
    """emailAddress."""

    graph_type: ClassVar[str] = "emailAddress"

    name: str | None = None
    address: str | None = None


class WireRecipient(Wire):
    """recipient."""

    graph_type: ClassVar[str] = "recipient"

    email_address: WireAddress


class WireBody(Wire):
    """itemBody."""

    graph_type: ClassVar[str] = "itemBody"

    content_type: Annotated[BodyKind, any_case("text", "html")] | None = None
    content: str | None = None


class WireMoment(Wire):
    """dateTimeTimeZone."""

    graph_type: ClassVar[str] = "dateTimeTimeZone"

    date_time: str
    time_zone: str = "UTC"


class WireFlag(Wire):
    """followupFlag."""

    graph_type: ClassVar[str] = "followupFlag"

    flag_status: Annotated[FlagStatus, any_case(*FlagStatus)] | None = None
    start_date_time: WireMoment | None = None
    due_date_time: WireMoment | None = None
    completed_date_time: WireMoment | None = None


class WireHeader(Wire):
    """internetMessageHeader."""

    graph_type: ClassVar[str] = "internetMessageHeader"

    name: str
    value: str


class WireMention(Wire):
    """mention; only ``mentioned`` is the author's to say."""

    graph_type: ClassVar[str] = "mention"

    mentioned: WireAddress
    mention_text: str | None = None
    client_reference: str | None = None


class WireExtension(Wire):
    """openTypeExtension: free members beside its name."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", strict=True, frozen=True)

    extension_name: str | None = None
    id: str | None = None

    @model_validator(mode="after")
    def _known_properties(self) -> Self:
        return self

    @property
    def values(self) -> dict[str, JsonValue]:
        """The free members."""
        extra = self.__pydantic_extra__ or {}
        return {name: value for name, value in extra.items() if "@odata" not in name}


class WireSingleProperty(Wire):
    """singleValueLegacyExtendedProperty."""

    graph_type: ClassVar[str] = "singleValueLegacyExtendedProperty"

    id: str
    value: str

    @model_validator(mode="after")
    def _of_its_type(self, info: ValidationInfo) -> Self:
        _check_property(self.id, [self.value], info, many=False)
        return self


class WireMultiProperty(Wire):
    """multiValueLegacyExtendedProperty."""

    graph_type: ClassVar[str] = "multiValueLegacyExtendedProperty"

    id: str
    value: list[str]

    @model_validator(mode="after")
    def _of_its_type(self, info: ValidationInfo) -> Self:
        _check_property(self.id, self.value, info, many=True)
        return self


KEPT = {"kept": True}
"""The context in which messages are read that somebody was answered with and has kept."""


def _check_property(named: str, values: list[str], info: ValidationInfo, *, many: bool) -> None:
    """A request must say what is well formed; what was kept may be older than that rule."""
    if info.context is KEPT:
        return
    if not is_property_id(named, many=many):
        raise PydanticCustomError("property_id", "it is not the id of an extended property")
    if not all(is_property_value(named, value) for value in values):
        raise PydanticCustomError("property_value", "it is not of the type that the id names")


_Provider = Literal["other", "oneDriveBusiness", "oneDriveConsumer", "dropbox"]
_Permission = Literal[
    "other", "view", "edit", "anonymousView", "anonymousEdit", "organizationView", "organizationEdit"
]


class WireRecord(WireExtension):
    """An event or a contact, whose own members are compared with their type later."""

    odata_type: str = Field(alias="@odata.type")
    attachments: list["WireAttachment"] | None = None
    extensions: list[WireExtension] | None = None
    single_value_extended_properties: list[WireSingleProperty] | None = None
    multi_value_extended_properties: list[WireMultiProperty] | None = None

    @model_validator(mode="after")
    def _known_properties(self) -> Self:
        return self._collections_said()


_MESSAGE, _RECORD = "a message", "a record"
_NO_NAMES = frozenset((_MESSAGE, _RECORD))
"""What tells kinds of items apart, and is no part of where something is in a body."""


def _kind_of_item(given: object) -> str:
    """Without a type it is a message."""
    said = given.get("@odata.type", "") if isinstance(given, dict) else ""
    kind = said.lstrip("#").rpartition(".")[2].lower() if isinstance(said, str) else ""
    return _RECORD if kind in RECORDS else _MESSAGE


RECORDS = frozenset(("event", "contact"))
"""Types of items that are no messages."""


_ATTACHMENTS = {name.lower(): name for name in ("fileAttachment", "itemAttachment", "referenceAttachment")}


class WireAttachment(Wire):
    """Any attachment; ``@odata.type`` tells which."""

    graph_type: ClassVar[str] = "attachment"

    odata_type: str | None = Field(default=None, alias="@odata.type")
    name: str | None = None
    content_type: str | None = None
    content_bytes: str | None = None
    content_id: str | None = None
    content_location: str | None = None
    is_inline: bool | None = None
    size: int | None = None
    id: str | None = None
    last_modified_date_time: str | None = None
    item: (
        "Annotated[Annotated[WireMessage, Tag(_MESSAGE)] | Annotated[WireRecord, Tag(_RECORD)], "
        "Discriminator(_kind_of_item)] | None"
    ) = None
    source_url: str | None = None
    provider_type: Annotated[_Provider, any_case(*get_args(_Provider))] | None = None
    permission: Annotated[_Permission, any_case(*get_args(_Permission))] | None = None
    is_folder: Truth | None = None
    thumbnail_url: str | None = None
    preview_url: str | None = None

    @property
    def type_name(self) -> str:
        """The kind of attachment that this says it is, if there is such a kind."""
        said = (self.odata_type or "").rpartition(".")[2].lower()
        return _ATTACHMENTS.get(said, self.graph_type)


class WireMessage(Wire):
    """message: the properties an author may set, and the ones only a server sets (``Any``)."""

    odata_type: str | None = Field(default=None, alias="@odata.type")
    subject: str | None = None
    body: WireBody | None = None
    importance: Annotated[Importance, any_case(*Importance)] | None = None
    to_recipients: list[WireRecipient] | None = None
    cc_recipients: list[WireRecipient] | None = None
    bcc_recipients: list[WireRecipient] | None = None
    reply_to: list[WireRecipient] | None = None
    from_: WireRecipient | None = Field(default=None, alias="from")
    sender: WireRecipient | None = None
    internet_message_id: str | None = None
    internet_message_headers: list[WireHeader] | None = None
    is_delivery_receipt_requested: Truth | None = None
    is_read_receipt_requested: Truth | None = None
    inference_classification: Annotated[Inference, any_case(*Inference)] | None = None
    is_read: Truth | None = None
    flag: WireFlag | None = None
    categories: list[str] | None = None
    attachments: list[WireAttachment] | None = None
    mentions: list[WireMention] | None = None
    extensions: list[WireExtension] | None = None
    single_value_extended_properties: list[WireSingleProperty] | None = None
    multi_value_extended_properties: list[WireMultiProperty] | None = None
    # worked out by the server:
    id: Any = None
    change_key: Any = None
    created_date_time: Any = None
    last_modified_date_time: Any = None
    received_date_time: Any = None
    sent_date_time: Any = None
    has_attachments: Any = None
    body_preview: Any = None
    unique_body: Any = None
    is_draft: Any = None
    parent_folder_id: Any = None
    conversation_id: Any = None
    conversation_index: Any = None
    web_link: Any = None
    unsubscribe_data: Any = None
    unsubscribe_enabled: Any = None
    mentions_preview: Any = None


READ_ONLY = frozenset(name for name, info in WireMessage.model_fields.items() if info.annotation is Any)
"""Properties of a message that only a server sets (Graph: message-update)."""


Shape = TypeVar("Shape", bound=Wire)


def read(shape: type[Shape], raw: bytes) -> Shape:
    """A request body in its shape. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    if not raw.strip():
        raise errors.bad_request("Empty Payload. JSON content expected.")
    try:
        if b"NaN" in raw or b"Infinity" in raw:
            from_json(raw, allow_inf_nan=False)  # neither is JSON (RFC 8259 section 6)
        return shape.model_validate_json(raw)
    except ValidationError as wrong:
        raise _explained(wrong) from None
    except (RecursionError, ValueError):
        raise errors.bad_json() from None


def _explained(wrong: ValidationError) -> errors.GraphError:
    first = wrong.errors(include_url=False, include_context=True)[0]
    named = (str(part) for part in first["loc"] if part not in _NO_NAMES)
    where = ".".join(part for part in named if not part.startswith("function"))
    match first["type"]:
        case "json_invalid":
            return errors.bad_json()
        case "unknown_property":
            return errors.unknown_member(first["msg"], first["ctx"]["of"])
        case "null_collection":
            return errors.null_value(first["msg"])
        case "property_id":
            return errors.bad_property()
        case "property_value":
            return errors.bad_property_value()
        case "missing":
            return errors.body_unread(f"The property '{where}' is required.")
        case _:
            return errors.body_unread(
                f"Property {where or 'body'} in payload has a value that does not match schema: "
                f"{first['msg']}."
            )
