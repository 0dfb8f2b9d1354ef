"""The rules of an inbox (messageRules): list, read, make, change, remove."""

from typing import Annotated, Any, ClassVar, get_args
from uuid import UUID

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.lists import Shown, counted, found, one, several
from letterbook.adapters.graph.reading import person
from letterbook.adapters.graph.shown_filters import Findable
from letterbook.adapters.graph.wire import Wire, WireRecipient, any_case, read
from letterbook.application.public_ids import Kind, private, public
from letterbook.domain import inbox_rules
from letterbook.domain.inbox_rules import (
    ActionFlag,
    Actions,
    Conditions,
    DefineRule,
    InboxRule,
    RemoveRule,
    ReviseRule,
    Sensitivity,
    SizeRange,
)
from letterbook.domain.letter import Importance
from letterbook.domain.mailbox import Mailbox, well_known_id
from letterbook.domain.named import one_of
from letterbook.domain.people import EmailAddress

# --- What is said ----------------------------------------------------------------------------------


class WireSizeRange(Wire):
    """sizeRange, in kilobytes."""

    graph_type: ClassVar[str] = "sizeRange"

    minimum_size: int | None = None
    maximum_size: int | None = None


class WireConditions(Wire):
    """messageRulePredicates."""

    graph_type: ClassVar[str] = "messageRulePredicates"

    body_contains: list[str] | None = None
    body_or_subject_contains: list[str] | None = None
    categories: list[str] | None = None
    from_addresses: list[WireRecipient] | None = None
    has_attachments: bool | None = None
    header_contains: list[str] | None = None
    importance: Annotated[Importance, any_case(*Importance)] | None = None
    is_approval_request: bool | None = None
    is_automatic_forward: bool | None = None
    is_automatic_reply: bool | None = None
    is_encrypted: bool | None = None
    is_meeting_request: bool | None = None
    is_meeting_response: bool | None = None
    is_non_delivery_report: bool | None = None
    is_permission_controlled: bool | None = None
    is_read_receipt: bool | None = None
    is_signed: bool | None = None
    is_voicemail: bool | None = None
    message_action_flag: Annotated[ActionFlag, any_case(*get_args(ActionFlag))] | None = None
    not_sent_to_me: bool | None = None
    recipient_contains: list[str] | None = None
    sender_contains: list[str] | None = None
    sensitivity: Annotated[Sensitivity, any_case(*get_args(Sensitivity))] | None = None
    sent_cc_me: bool | None = None
    sent_only_to_me: bool | None = None
    sent_to_addresses: list[WireRecipient] | None = None
    sent_to_me: bool | None = None
    sent_to_or_cc_me: bool | None = None
    subject_contains: list[str] | None = None
    within_size_range: WireSizeRange | None = None


class WireActions(Wire):
    """messageRuleActions."""

    graph_type: ClassVar[str] = "messageRuleActions"

    assign_categories: list[str] | None = None
    copy_to_folder: str | None = None
    delete: bool | None = None
    forward_as_attachment_to: list[WireRecipient] | None = None
    forward_to: list[WireRecipient] | None = None
    mark_as_read: bool | None = None
    mark_importance: Annotated[Importance, any_case(*Importance)] | None = None
    move_to_folder: str | None = None
    permanent_delete: bool | None = None
    redirect_to: list[WireRecipient] | None = None
    stop_processing_rules: bool | None = None


class WireRule(Wire):
    """messageRule."""

    graph_type: ClassVar[str] = "messageRule"

    display_name: str | None = None
    sequence: int | None = None
    is_enabled: bool | None = None
    is_read_only: bool | None = None
    conditions: WireConditions | None = None
    exceptions: WireConditions | None = None
    actions: WireActions | None = None
    # worked out by the server:
    id: Any = None
    has_error: Any = None


_ALIKE = {
    "display_name": "name",
    "sequence": "sequence",
    "is_enabled": "enabled",
    "is_read_only": "read_only",
}
_UPPER = frozenset({"sender_contains", "recipient_contains"})
"""Kept in capitals, as Exchange does (sample of *Create rule*): they are looked for in any case."""


def _given(said: Wire) -> dict[str, Any]:
    """What a part of a rule says, in our words."""
    named = (name for name in said.model_fields_set if name in type(said).model_fields and said.said(name))
    return {name: _value(name, getattr(said, name)) for name in named}


def _value(name: str, said: Any) -> Any:
    if isinstance(said, WireSizeRange):
        return SizeRange(minimum=said.minimum_size, maximum=said.maximum_size)
    if not isinstance(said, list):
        return said
    if said and isinstance(said[0], WireRecipient):
        return tuple(person(each) for each in said)
    return tuple(each.upper() if name in _UPPER else each for each in said)


def _conditions(said: WireConditions | None) -> Conditions:
    return Conditions(**_given(said)) if said else Conditions()


def _actions(call: Call, said: WireActions | None) -> Actions:
    given = _given(said) if said else {}
    for name in ("copy_to_folder", "move_to_folder"):
        if name in given:
            given[name] = call.folder_named(given[name])
    return Actions(**given)


def _rule_parts(call: Call, said: WireRule) -> dict[str, Any]:
    """The parts of a rule that a request names."""
    parts = {ours: getattr(said, theirs) for theirs, ours in _ALIKE.items() if said.said(theirs)}
    for name in ("conditions", "exceptions"):
        if name in said.model_fields_set:
            parts[name] = _conditions(getattr(said, name))
    if "actions" in said.model_fields_set:
        parts["actions"] = _actions(call, said.actions)
    return parts


# --- What is shown ---------------------------------------------------------------------------------


def _shown(home: Mailbox, rule: InboxRule) -> Shown:
    """A rule; its parts show what they say, and nothing else."""
    shown: Shown = {
        "id": public(Kind.RULE, rule.id),
        "displayName": rule.name,
        "sequence": rule.sequence,
        "isEnabled": rule.enabled,
        "hasError": not all(map(home.holds_messages, rule.actions.folders)),
        "isReadOnly": rule.read_only,
    }
    for name in ("conditions", "exceptions"):
        if part := _part(getattr(rule, name)):
            shown[name] = part
    return {**shown, "actions": _part(rule.actions)}


def _part(part: BaseModel) -> Shown:
    said = ((name, getattr(part, name)) for name in type(part).model_fields)
    return {to_camel(name): _written(value) for name, value in said if value not in ((), False, None)}


def _written(value: Any) -> Any:
    match value:
        case UUID():
            return public(Kind.FOLDER, value)
        case SizeRange():
            return {"minimumSize": value.minimum, "maximumSize": value.maximum}
        case tuple():
            return [_written(each) for each in value]
        case EmailAddress():
            return {"emailAddress": {"name": value.name, "address": value.address}}
        case _:
            return value


# --- Handlers --------------------------------------------------------------------------------------


def _path(call: Call) -> str:
    return f"{call.owner_path}/mailFolders('inbox')/messageRules"


def _home(call: Call) -> Mailbox:
    """The mailbox; rules are those of its inbox, and no other folder has any."""
    if call.folder_id() != well_known_id(call.mailbox, "inbox"):
        raise errors.bad_request("Message rules are only supported for the Inbox folder.")
    return call.engine.mailbox(call.mailbox)


def _id(call: Call) -> UUID:
    return private(Kind.RULE, call.keys["rule"])


_FINDABLE = Findable(
    of="messageRule",
    properties={
        **dict.fromkeys(("id", "displayName"), str),
        "sequence": int,
        **dict.fromkeys(("isEnabled", "hasError", "isReadOnly"), bool),
    },
    exact=frozenset({"id"}),
)


async def list_(call: Call) -> Response:
    """GET U/mailFolders/inbox/messageRules, in the order they are followed unless another is asked for."""
    return several(call, _path(call), _every(call), _FINDABLE)


async def count(call: Call) -> Response:
    """GET U/mailFolders/inbox/messageRules/$count."""
    return counted(found(call, _every(call), _FINDABLE))


def _every(call: Call) -> list[Shown]:
    home = _home(call)
    return [_shown(home, rule) for rule in inbox_rules.in_order(home.preferences.rules)]


async def get(call: Call) -> Response:
    """GET U/mailFolders/inbox/messageRules/{id}."""
    home = _home(call)
    return one(call, _path(call), _shown(home, one_of(home.preferences.rules, _id(call))))


async def create(call: Call) -> Response:
    """POST U/mailFolders/inbox/messageRules."""
    _home(call)
    said = read(WireRule, await call.body())
    for name in ("display_name", "sequence", "actions"):
        if not said.said(name):
            raise errors.body_unread(f"The property '{to_camel(name)}' is required.")
    rule = InboxRule(id=call.engine.ids.new(), **_rule_parts(call, said))
    ask, on = DefineRule(rule), call.on()
    after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return one(call, _path(call), _shown(after, after.preferences.rules[rule.id]), 201)


async def update(call: Call) -> Response:
    """PATCH U/mailFolders/inbox/messageRules/{id}: each named part takes the place of the old one."""
    _home(call)
    said, name, on = read(WireRule, await call.body()), _id(call), call.on()
    if "has_error" in said.model_fields_set or said.id not in (None, call.keys["rule"]):
        raise errors.read_only()
    said.check_not_null("id", *_ALIKE)
    ask = ReviseRule(name, _rule_parts(call, said))
    after = await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return one(call, _path(call), _shown(after, after.preferences.rules[name]))


async def remove(call: Call) -> Response:
    """DELETE U/mailFolders/inbox/messageRules/{id}."""
    _home(call)
    ask, on = RemoveRule(_id(call)), call.on()
    await call.engine.run_async(lambda work: work.ask_mailbox(call.mailbox, ask, on))
    return gone()
