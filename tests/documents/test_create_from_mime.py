"""create message (S1, S4): MIME, example 4, and what is no MIME."""

import base64
import re

import pytest

from tests.documents.talking import GraphClient, Office
from tests.documents.ticking import ticks
from tests.documents.wire import Json, Sample, differences, error_of

CREATE = "/v1.0/me/messages"
PLAIN = {"Content-Type": "text/plain"}
FOUR_MB = 4 * 1024 * 1024


def in_base64(mime: str) -> str:
    return base64.b64encode(mime.replace("\n", "\r\n").encode()).decode()


@pytest.fixture
def resume(alex: GraphClient, sample: dict[str, Sample]) -> Json:
    """What example 4 is answered."""
    answered: Json = alex.say(sample["create-draft-mime"]).json()
    return answered


@ticks("S1-62", "S4-26")
def test_example_4_is_answered_as_it_is_printed(alex: GraphClient, sample: dict[str, Sample]) -> None:
    printed = sample["create-draft-mime"]

    answer = alex.say(printed)

    assert answer.status_code == printed.status == 201
    cannot_come_from_the_payload = ["body", "bodyPreview"]
    assert differences(answer.json(), printed.answer, but=cannot_come_from_the_payload) == []
    assert list(answer.json()) == list(printed.answer)


@ticks("S1-59", "Across-8")
def test_version_1_leaves_out_what_only_beta_has(resume: Json, alex: GraphClient) -> None:
    assert resume["@odata.context"].startswith("https://graph.microsoft.com/v1.0/$metadata#users('")
    assert len(resume) == 31
    in_beta = alex.read(f"/beta/me/messages/{resume['id']}")
    assert set(in_beta) - set(resume) == {"unsubscribeData", "unsubscribeEnabled", "mentionsPreview"}


@ticks("S1-60")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_may_be_folded(alex: GraphClient, sample: dict[str, Sample], end: str) -> None:
    lines = sample["create-draft-mime"].body.split("\n")
    assert [len(line) for line in lines] == [76] * 7 + [28]

    answer = alex.post(CREATE, content=end.join(lines) + end, headers=PLAIN)

    assert answer.status_code == 201
    assert answer.json()["subject"] == "Internal Resume Submission: Sales Associate"


@ticks("S1-61", "Across-9")
def test_a_message_cut_off_in_a_header_makes_a_draft_without_a_body(
    resume: Json, sample: dict[str, Sample]
) -> None:
    payload = base64.b64decode(sample["create-draft-mime"].body)
    assert len(payload) == 420
    assert payload.endswith(b"X-MS-TNEF-Correlato")

    assert resume["body"] == {"contentType": "text", "content": ""}
    assert resume["bodyPreview"] == ""
    assert resume["hasAttachments"] is False


@ticks("S1-61")
def test_folded_and_empty_headers_are_read(alex: GraphClient, resume: Json) -> None:
    path = f"{CREATE}/{resume['id']}?$select=internetMessageHeaders"

    headers = {each["name"]: each["value"] for each in alex.read(path)["internetMessageHeaders"]}

    assert headers["Message-ID"].startswith("<MWHPR1301MB")
    assert headers["X-MS-Has-Attach"] == ""
    assert headers["Content-Language"] == "en-US"


@ticks("S1-62", "Across-6")
def test_the_properties_of_a_draft_come_from_the_headers(resume: Json) -> None:
    alex = {"emailAddress": {"name": "Alex Wilber", "address": "AlexW@contoso.com"}}
    megan = {"emailAddress": {"name": "Megan Bowen", "address": "MeganB@contoso.com"}}

    assert resume["subject"] == "Internal Resume Submission: Sales Associate"
    assert resume["from"] == resume["sender"] == alex
    assert resume["toRecipients"] == [megan]
    assert resume["sentDateTime"] == "2021-02-28T07:15:00Z"
    for name in ("createdDateTime", "lastModifiedDateTime", "receivedDateTime"):
        assert resume[name] == "2021-04-23T18:13:44Z"
    assert resume["isDeliveryReceiptRequested"] is None


@ticks("S1-63")
def test_what_is_scrambled_in_the_sample_agrees_in_ours(resume: Json, office: Office) -> None:
    assert resume["@odata.etag"] == f'W/"{resume["changeKey"]}"'
    assert resume["parentFolderId"] == office.folder_id("alexw@contoso.com", "drafts")
    assert f"ItemID={resume['id'].replace('=', '%3D')}&exvsurl=1&" in resume["webLink"]


@ticks("S1-6", "S1-21", "S2-4", "S4-6", "S4-18")
def test_to_cc_bcc_and_subject_are_read_from_the_mime(alex: GraphClient) -> None:
    mime = (
        "To: Megan Bowen <meganb@contoso.com>, randiw@contoso.com\nCC: danas@contoso.com\n"
        "BCC: samanthab@contoso.com\nSubject: =?utf-8?B?44GT44KT44Gr44Gh44Gv?=\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\nHello"
    )

    draft = alex.post(CREATE, content=in_base64(mime), headers=PLAIN).json()

    def names(member: str) -> list[str]:
        return [who["emailAddress"]["name"] for who in draft[member]]

    assert draft["subject"] == "こんにちは"
    assert names("toRecipients") == ["Megan Bowen", "Randi Welch"]
    assert names("ccRecipients") == ["Dana Swope"]
    assert names("bccRecipients") == ["Samantha Booth"]
    assert draft["body"] == {"contentType": "text", "content": "Hello"}


@ticks("S1-6", "S2-4", "S4-7")
def test_attachments_lie_inside_the_mime(alex: GraphClient) -> None:
    mime = (
        "To: meganb@contoso.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n"
        "--cut\nContent-Type: text/plain\n\nSee the menu\n"
        '--cut\nContent-Type: text/csv\nContent-Disposition: attachment; filename="menu.csv"\n\nsoup,3\n'
        "--cut--\n"
    )

    draft = alex.post(CREATE, content=in_base64(mime), headers=PLAIN).json()

    assert draft["hasAttachments"] is True
    (menu,) = alex.read(f"{CREATE}/{draft['id']}/attachments")["value"]
    assert (menu["name"], menu["contentType"]) == ("menu.csv", "text/csv")
    assert base64.b64decode(menu["contentBytes"]) == b"soup,3"


ENCRYPTED = (
    "To: meganb@contoso.com\nSubject: Sealed\nMIME-Version: 1.0\n"
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\n'
    "Content-Transfer-Encoding: base64\n\n"
)


@ticks("S4-7")
def test_what_smime_has_sealed_is_kept_as_it_is(alex: GraphClient) -> None:
    sealed = bytes(range(256))

    answer = alex.post(
        CREATE, content=in_base64(ENCRYPTED + base64.b64encode(sealed).decode()), headers=PLAIN
    )

    (kept,) = alex.read(f"{CREATE}/{answer.json()['id']}/attachments")["value"]
    assert (kept["name"], kept["contentType"]) == ("smime.p7m", "application/pkcs7-mime")
    assert base64.b64decode(kept["contentBytes"]) == sealed


@ticks("S1-10", "S4-11")
@pytest.mark.parametrize("without", [(), ("Content-Length",)], ids=["announced", "not announced"])
def test_more_than_four_megabytes_are_too_large(alex: GraphClient, without: tuple[str, ...]) -> None:
    sealed = in_base64(ENCRYPTED + "A" * (FOUR_MB // 4 * 3))
    assert FOUR_MB < len(sealed) < FOUR_MB + 1024

    answer = alex.post(CREATE, content=sealed, headers=PLAIN, without=without)

    assert error_of(answer) == (413, "BadRequest")
    assert set(answer.json()["error"]) == {"code", "message", "innerError"}
    assert alex.folder("drafts") == []


@ticks("S1-10", "S4-11")
def test_up_to_the_limit_sealed_mail_is_taken(alex: GraphClient) -> None:
    room = FOUR_MB // 4 * 3 - len(ENCRYPTED) - 64
    sealed = in_base64(ENCRYPTED + "A" * (room // 4 * 4))
    assert FOUR_MB - 128 < len(sealed) <= FOUR_MB

    assert alex.post(CREATE, content=sealed, headers=PLAIN).status_code == 201


@ticks("S1-26", "S1-64", "S4-22", "S4-26", "Across-9")
@pytest.mark.parametrize("body", ["this is not base64!", "YWJ", "", "\n", "=", "ごめん"])
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_what_is_no_base64_is_answered_as_it_is_printed(
    alex: GraphClient, sample: dict[str, Sample], body: str, version: str
) -> None:
    printed = sample["create-draft-mime-malformed"]

    answer = alex.post(f"/{version}/me/messages", content=body.encode(), headers=PLAIN)

    assert answer.status_code == printed.status == 400
    assert answer.headers["content-type"].startswith("application/json")
    error = answer.json()["error"]
    assert list(answer.json()) == ["error"]
    assert {name: error[name] for name in error if name != "innerError"} == printed.answer["error"]
    assert alex.folder("drafts") == []


@ticks("S1-61", "Across-9")
@pytest.mark.parametrize(
    "damaged",
    [
        b"\x00\x01\x02\xff",
        b"no header at all",
        b"Subject",
        b": nobody said this\n\nbody",
        b"Content-Type: multipart/mixed; boundary=lost\n\nno boundary follows",
        b"Content-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: runes\n\nHi",
    ],
)
def test_decoded_content_is_read_however_damaged(alex: GraphClient, damaged: bytes) -> None:
    answer = alex.post(CREATE, content=base64.b64encode(damaged), headers=PLAIN)

    assert answer.status_code == 201
    assert re.fullmatch(r"<[^<>@\s]+@contoso\.com>", answer.json()["internetMessageId"])
    assert len(alex.folder("drafts")) == 1
