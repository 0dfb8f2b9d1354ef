"""The comparison with the documents notices what it must."""

from typing import Any

import pytest

from tests.documents.wire import Json, Sample, differences

MEGAN = {"emailAddress": {"name": "Megan Bowen", "address": "meganb@contoso.com"}}
PRINTED: Json = {"id": "AAMkAGRW=", "isDraft": True, "toRecipients": [MEGAN], "bodyPreview": "Hi"}


def test_another_id_of_the_same_form_makes_no_difference() -> None:
    assert differences(PRINTED | {"id": "AAMkADhN_-w="}, PRINTED) == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", None),
        ("id", "not an id"),
        ("isDraft", False),
        ("isDraft", 1),
        ("toRecipients", []),
        ("toRecipients", [MEGAN, MEGAN]),
        ("toRecipients", [{"emailAddress": {"address": "meganb@contoso.com", "name": "Megan Bowen"}}]),
        ("bodyPreview", "Hi "),
        ("subject", ""),
    ],
)
def test_another_value_order_or_member_is_noticed(member: str, value: Any) -> None:
    assert len(differences(PRINTED | {member: value}, PRINTED)) == 1


def test_a_missing_member_is_noticed_even_if_the_sample_is_cut() -> None:
    ours = {name: value for name, value in PRINTED.items() if name != "isDraft"}

    assert differences(ours, PRINTED, cut=True) == ["isDraft is missing"]


def test_the_samples_are_those_of_the_documents(sample: dict[str, Sample]) -> None:
    """Thirteen samples; what the two translations of *Create message* share is kept once."""
    assert len(sample) == 13
    assert {each.status for each in sample.values()} == {200, 201, 202, 400}
    assert [name for name, each in sample.items() if each.status == 200] == ["send-existing-draft-2015"]
