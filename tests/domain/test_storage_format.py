"""What was stored once is read for ever: names and samples of the facts of this format, frozen."""

import inspect
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic_core import to_jsonable_python

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, UnknownFact, Value, catalogue, kind_of
from letterbook.domain.mailbox import MailboxFact
from letterbook.domain.message import MessageFact
from letterbook.domain.refusals import Refused
from tests.domain.harness import read_back, stored

OLD_FACTS: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("old_facts.json").read_text(encoding="utf-8")
)
"""Samples by stored name. New samples may be added; none may ever be changed or removed."""

ABSENT: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("absent_fields.json").read_text(encoding="utf-8")
)
"""What a field that was not stored means, by class and field: part of the format, never to be changed."""

STORED_NAMES = {
    "mailbox.automatic-reply-sent.v1",
    "mailbox.category-defined.v1",
    "mailbox.category-recoloured.v1",
    "mailbox.category-removed.v1",
    "mailbox.folder-copied.v1",
    "mailbox.folder-created.v1",
    "mailbox.folder-deleted.v1",
    "mailbox.folder-moved.v1",
    "mailbox.folder-properties-set.v1",
    "mailbox.folder-renamed.v1",
    "mailbox.hold-placed.v1",
    "mailbox.hold-released.v1",
    "mailbox.opened.v1",
    "mailbox.owner-erased.v1",
    "mailbox.override-removed.v1",
    "mailbox.override-set.v1",
    "mailbox.removal-refused.v1",
    "mailbox.resync-ordered.v1",
    "mailbox.retention-cleared.v1",
    "mailbox.retention-set.v1",
    "mailbox.rule-defined.v1",
    "mailbox.rule-removed.v1",
    "mailbox.rule-revised.v1",
    "mailbox.search-changed.v1",
    "mailbox.sender-blocked.v1",
    "mailbox.sender-unblocked.v1",
    "mailbox.sending-allowed.v1",
    "mailbox.sending-forbidden.v1",
    "mailbox.settings-changed.v1",
    "message.attachment-added.v1",
    "message.attachment-removed.v1",
    "message.categorised.v1",
    "message.copied.v1",
    "message.deleted.v1",
    "message.delivered.v1",
    "message.delivery-failed.v1",
    "message.draft-created.v1",
    "message.draft-replaced.v1",
    "message.draft-updated.v1",
    "message.erased.v1",
    "message.extension-removed.v1",
    "message.extension-set.v1",
    "message.flagged.v1",
    "message.imported.v1",
    "message.meeting-followed.v1",
    "message.meeting-overtaken.v1",
    "message.mention-added.v1",
    "message.mention-removed.v1",
    "message.moved.v1",
    "message.read-state-changed.v1",
    "message.received.v1",
    "message.remarked.v1",
    "message.reported.v1",
    "message.sent.v1",
    "message.unsubscribed.v1",
}
"""Names in files that people keep. A new fact adds one; none may ever be changed or removed."""

REFUSAL_CODES = {
    "mailbox-erased",
    "reason-missing",
    "ordered-by-nobody",
    "store-unencrypted",
    "address-taken",
    "attachment-too-large",
    "attachment-too-small",
    "conflict",
    "due-without-start",
    "extension-malformed",
    "extension-name-missing",
    "folder-distinguished",
    "folder-holds-no-folders",
    "folder-immovable",
    "folder-inside-itself",
    "folder-is-a-search",
    "folder-is-no-search",
    "folder-name-missing",
    "folder-name-taken",
    "folder-name-too-long",
    "header-malformed",
    "header-not-custom",
    "id-malformed",
    "mailbox-unknown",
    "message-too-large",
    "nested-too-deeply",
    "no-recipients",
    "no-way-to-unsubscribe",
    "not-a-draft",
    "not-found",
    "range-out-of-order",
    "range-unfit",
    "recipient-unresolved",
    "too-many",
    "address-impossible",
    "search-incomplete",
    "send-as-denied",
    "too-many-folders",
    "too-many-headers",
    "too-many-recipients",
    "category-name-missing",
    "category-name-taken",
    "hours-reversed",
    "replies-period-invalid",
    "rule-name-missing",
    "rule-read-only",
    "rule-without-actions",
    "too-long",
    "too-many-overrides",
    "too-many-rules",
    "certificate-unfit",
    "subscriber-silent",
    "subscriber-unfit",
    "subscription-malformed",
    "subscription-taken",
    "subscription-too-long",
    "subscription-unknown",
    "too-many-subscriptions",
    "past-unchangeable",
    "point-unknown",
    "upload-too-large",
    "held",
    "hold-ambiguous",
    "hold-name-taken",
    "hold-unexplained",
    "hold-unknown",
    "retention-impossible",
}


def test_stored_names_are_for_ever() -> None:
    assert {kind.stored_name for kind in catalogue()} == STORED_NAMES


def test_every_fact_has_a_name_of_its_own_in_the_file_format() -> None:
    kinds = {*get_args(MessageFact), *get_args(MailboxFact)}
    assert {*catalogue()} == kinds
    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+\.v[0-9]+", kind.stored_name) for kind in kinds)
    assert all(kind_of(kind.stored_name) is kind for kind in kinds)


def test_two_facts_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"two facts are stored as 'message\.sent\.v1'"):
        type("Posted", (Fact,), {"__module__": __name__}, stored_as="message.sent.v1")
    assert {kind.stored_name for kind in catalogue()} == STORED_NAMES


def test_a_fact_nobody_knows_is_not_dropped_in_silence() -> None:
    with pytest.raises(UnknownFact, match=r"message\.evaporated\.v1"):
        kind_of("message.evaporated.v1")


def test_a_field_nobody_knows_is_not_dropped_in_silence() -> None:
    sample = OLD_FACTS["message.deleted.v1"][0] | {"reason": "none of your business"}
    with pytest.raises(ValueError, match="reason"):
        read_back(kind_of("message.deleted.v1"), json.dumps(sample).encode())


def test_there_is_a_sample_of_every_fact() -> None:
    assert OLD_FACTS.keys() == STORED_NAMES


@pytest.mark.parametrize(
    ("name", "sample"),
    [(name, sample) for name, samples in OLD_FACTS.items() for sample in samples],
    ids=[f"{name}-{n}" for name, samples in OLD_FACTS.items() for n in range(len(samples))],
)
def test_old_facts_are_read_for_ever(name: str, sample: dict[str, Any]) -> None:
    fact = read_back(kind_of(name), json.dumps(sample).encode())
    assert json.loads(stored(fact)) == sample


def test_samples_hold_every_field_of_every_fact() -> None:
    for name, samples in OLD_FACTS.items():
        assert set().union(*samples) == kind_of(name).model_fields.keys(), name


def values_in(kinds: Iterable[Any]) -> set[type[Value]]:
    """These kinds of value, and those that their fields hold."""
    found: set[type[Value]] = set()
    waiting = [*kinds]
    while waiting:
        kind = waiting.pop()
        waiting.extend(get_args(kind))
        if inspect.isclass(kind) and issubclass(kind, Value) and kind not in found:
            found.add(kind)
            waiting.extend(field.annotation for field in kind.model_fields.values())
    return found


def absent(kind: type[Value]) -> dict[str, Any]:
    """What the fields of a value mean if they were not stored."""
    fields = kind.model_fields.items()
    return {n: to_jsonable_python(field.get_default()) for n, field in fields if not field.is_required()}


def test_what_was_not_stored_means_the_same_for_ever() -> None:
    assert {kind.__name__: absent(kind) for kind in values_in(catalogue()) if absent(kind)} == ABSENT


def every_refusal(kind: type[Refused] = Refused) -> set[type[Refused]]:
    """Every reason to say no that the domain knows."""
    named = (each for _, each in inspect.getmembers(refusals, inspect.isclass))
    return {each for each in named if issubclass(each, kind) and each is not kind}


def test_codes_of_refusals_are_for_ever_and_each_has_its_own() -> None:
    codes = [kind.code for kind in every_refusal()]
    assert len(codes) == len(set(codes))
    assert set(codes) == REFUSAL_CODES
