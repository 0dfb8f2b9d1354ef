"""What the rules of an inbox make of a letter that arrives. Pure: it says what to do, and does nothing."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from letterbook.domain.attachments import Attachment
from letterbook.domain.inbox_rules import Actions, Conditions, InboxRule, People, SizeRange, Words
from letterbook.domain.letter import Importance, Letter
from letterbook.domain.people import EmailAddress

T = TypeVar("T")

LOOP_HEADER = "X-MS-Exchange-Inbox-Rules-Loop"
"""Exchange's mark on a letter that the rules of a mailbox passed on; its value is the owner's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A letter as it reaches an owner. ``read_body`` gives its body as plain text, when a rule asks."""

    letter: Letter
    attachments: tuple[Attachment, ...]
    owner: EmailAddress
    size: int
    read_body: Callable[[], str]

    def header(self, name: str) -> str:
        """The value of a header in lower case; empty if there is none."""
        found = (h.value for h in self.letter.headers if h.name.lower() == name.lower())
        return next(found, "").strip().lower()

    def passed_on_by(self, owner: EmailAddress) -> bool:
        """Whether the rules of a mailbox passed this letter on before."""
        return any(
            h.name.lower() == LOOP_HEADER.lower() and h.value.strip().casefold() == owner.key
            for h in self.letter.headers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """Somebody is to get the letter, too: forwarded, forwarded as an attachment, or as it is."""

    rule: UUID
    how: str
    people: People


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Everything that the rules want done with a letter. ``folder`` is ``None`` for the inbox."""

    rules: tuple[UUID, ...] = ()
    folder: UUID | None = None
    copies: tuple[UUID, ...] = ()
    discarded: bool = False
    """To Deleted Items."""
    destroyed: bool = False
    """For good."""
    is_read: bool | None = None
    importance: Importance | None = None
    categories: Words = ()
    passed_on: tuple[PassOn, ...] = ()


def sort(arrival: Arrival, rules: Iterable[InboxRule]) -> Sorted:
    """Follow the rules that apply, in order, until one says that this is enough."""
    followed = tuple(_followed(arrival, rules))
    actions = tuple(rule.actions for rule in followed)
    return Sorted(
        rules=tuple(rule.id for rule in followed),
        folder=_last(each.move_to_folder for each in actions),
        copies=tuple(each.copy_to_folder for each in actions if each.copy_to_folder),
        discarded=any(each.delete for each in actions),
        destroyed=any(each.permanent_delete for each in actions),
        is_read=any(each.mark_as_read for each in actions) or None,
        importance=_last(each.mark_importance for each in actions),
        categories=tuple(dict.fromkeys(name for each in actions for name in each.assign_categories)),
        passed_on=tuple(each for rule in followed for each in _passed_on(arrival, rule)),
    )


def _followed(arrival: Arrival, rules: Iterable[InboxRule]) -> Iterator[InboxRule]:
    for rule in rules:
        if rule.enabled and applies(arrival, rule):
            yield rule
            if rule.actions.stop_processing_rules:
                return


def _last(values: Iterable[T | None]) -> T | None:
    given = [value for value in values if value is not None]
    return given[-1] if given else None


def _passed_on(arrival: Arrival, rule: InboxRule) -> Iterator[PassOn]:
    """Nothing is passed on that the rules of this mailbox passed on before: letters do not go in circles."""
    if arrival.passed_on_by(arrival.owner):
        return
    actions: Actions = rule.actions
    for how in ("forward_to", "forward_as_attachment_to", "redirect_to"):
        if people := getattr(actions, how):
            yield PassOn(rule=rule.id, how=how, people=people)


def applies(arrival: Arrival, rule: InboxRule) -> bool:
    """Whether all conditions of a rule hold, and none of its exceptions."""
    return all(_told(arrival, rule.conditions)) and not any(_told(arrival, rule.exceptions))


def _told(arrival: Arrival, asked: Conditions) -> Iterator[bool]:
    """Each condition that asks for something: whether it holds."""
    for name in asked.model_fields_set:
        value = getattr(asked, name)
        if value not in ((), False, None):
            yield CHECKS[name](arrival, value)


# --- Conditions ------------------------------------------------------------------------------------


def _has_one(text: str, words: Words) -> bool:
    folded = text.casefold()
    return any(word.casefold() in folded for word in words)


def _written(people: Iterable[EmailAddress]) -> str:
    return "\n".join(f"{person.name} {person.address}" for person in people)


def _seen(arrival: Arrival) -> People:
    return (*arrival.letter.to, *arrival.letter.cc)


def _senders(arrival: Arrival) -> People:
    return tuple(person for person in (arrival.letter.author, arrival.letter.sender) if person)


def _among(people: Iterable[EmailAddress], sought: People) -> bool:
    keys = {person.key for person in people}
    return any(person.key in keys for person in sought)


def _to_me(arrival: Arrival) -> bool:
    return _among(arrival.letter.to, (arrival.owner,))


def _cc_me(arrival: Arrival) -> bool:
    return _among(arrival.letter.cc, (arrival.owner,))


def _only_to_me(arrival: Arrival) -> bool:
    return len(_seen(arrival)) == 1 and _to_me(arrival)


def _within(arrival: Arrival, size: SizeRange) -> bool:
    kilobytes = arrival.size / 1024
    return (size.minimum or 0) <= kilobytes and (size.maximum is None or kilobytes <= size.maximum)


def _type(arrival: Arrival) -> str:
    return re.sub(r"[\s\"]", "", arrival.header("Content-Type"))


def _is_report(arrival: Arrival, kind: str) -> bool:
    return _type(arrival).startswith("multipart/report") and f"report-type={kind}" in _type(arrival)


def _is_automatic_reply(arrival: Arrival) -> bool:
    """RFC 3834 section 5; Exchange says ``auto-generated`` for what is no answer."""
    return arrival.header("Auto-Submitted").startswith("auto-replied")


def _is_encrypted(arrival: Arrival) -> bool:
    """RFC 8551 section 3.2.2 and RFC 1847 section 2.2."""
    kind = _type(arrival)
    return kind.startswith("multipart/encrypted") or "smime-type=enveloped-data" in kind


def _is_signed(arrival: Arrival) -> bool:
    """RFC 8551 section 3.5 and RFC 1847 section 2.1."""
    kind = _type(arrival)
    return kind.startswith("multipart/signed") or "smime-type=signed-data" in kind


def _is_meeting(arrival: Arrival, *methods: str) -> bool:
    """RFC 6047 section 2.4: the method of a calendar part says what it asks for."""
    kinds = (_type(arrival), *(re.sub(r"[\s\"]", "", a.content_type or "") for a in arrival.attachments))
    asked = (kind.lower() for kind in kinds if kind.lower().startswith("text/calendar"))
    return any(f"method={method}" in kind for kind in asked for method in methods)


def _is_rights_managed(arrival: Arrival) -> bool:
    """Exchange encloses a rights-protected letter as ``message.rpmsg``."""
    return any(a.name.lower() == "message.rpmsg" for a in arrival.attachments)


_SAID_AS = {
    "call": "call",
    "doNotForward": "do not forward",
    "followUp": "follow up",
    "fyi": "for your information",
    "forward": "forward",
    "noResponseNecessary": "no response necessary",
    "read": "read",
    "reply": "reply",
    "replyToAll": "reply to all",
    "review": "review",
}
"""What Outlook writes into ``X-Message-Flag``."""


def _has_flag(arrival: Arrival, flag: object) -> bool:
    written = arrival.header("X-Message-Flag")
    return bool(written) if flag == "any" else written == _SAID_AS[str(flag)]


def _has_category(arrival: Arrival, names: Words) -> bool:
    """RFC 5322 section 3.6.5: Outlook sends the categories of a letter along as keywords."""
    said = {keyword.strip() for keyword in arrival.header("Keywords").split(",")}
    return any(name.lower() in said for name in names)


def _sensitivity(arrival: Arrival) -> str:
    """RFC 4021 section 2.1.55; the header of a normal letter is absent."""
    return arrival.header("Sensitivity").replace("company-", "") or "normal"


CHECKS: dict[str, Callable[[Arrival, Any], bool]] = {
    "body_contains": lambda a, words: _has_one(a.read_body(), words),
    "body_or_subject_contains": lambda a, w: _has_one(a.letter.subject, w) or _has_one(a.read_body(), w),
    "subject_contains": lambda a, words: _has_one(a.letter.subject, words),
    "header_contains": lambda a, w: any(_has_one(f"{h.name}: {h.value}", w) for h in a.letter.headers),
    "recipient_contains": lambda a, words: _has_one(_written(_seen(a)), words),
    "sender_contains": lambda a, words: _has_one(_written(_senders(a)), words),
    "from_addresses": lambda a, people: _among(_senders(a), people),
    "sent_to_addresses": lambda a, people: _among(_seen(a), people),
    "categories": _has_category,
    "importance": lambda a, importance: a.letter.importance == importance,
    "sensitivity": lambda a, sensitivity: _sensitivity(a) == sensitivity,
    "message_action_flag": _has_flag,
    "within_size_range": _within,
    "has_attachments": lambda a, _: any(not each.is_inline for each in a.attachments),
    "sent_to_me": lambda a, _: _to_me(a),
    "sent_cc_me": lambda a, _: _cc_me(a),
    "sent_to_or_cc_me": lambda a, _: _to_me(a) or _cc_me(a),
    "sent_only_to_me": lambda a, _: _only_to_me(a),
    "not_sent_to_me": lambda a, _: not (_to_me(a) or _cc_me(a)),
    "is_automatic_reply": lambda a, _: _is_automatic_reply(a),
    "is_automatic_forward": lambda a, _: bool(a.header(LOOP_HEADER)),
    "is_approval_request": lambda a, _: a.header("Content-Class").endswith("approval.request"),
    "is_encrypted": lambda a, _: _is_encrypted(a),
    "is_signed": lambda a, _: _is_signed(a),
    "is_meeting_request": lambda a, _: _is_meeting(a, "request"),
    "is_meeting_response": lambda a, _: _is_meeting(a, "reply", "counter"),
    "is_non_delivery_report": lambda a, _: _is_report(a, "delivery-status"),
    "is_read_receipt": lambda a, _: _is_report(a, "disposition-notification"),
    "is_permission_controlled": lambda a, _: _is_rights_managed(a),
    "is_voicemail": lambda a, _: a.header("Message-Context") == "voice-message",
}
"""How each of Graph's conditions is checked, by its name in our spelling."""
