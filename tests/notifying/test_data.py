"""Notifications that hold the message itself, for nobody but the owner of a certificate."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from letterbook.adapters.graph.tenant import TENANT
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, Graph, to
from tests.notifying.receiver import Reader, Receiver, reader
from tests.notifying.subscribing import asking, ending, subscribed

PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
"""The application that Graph's notifications come from (*Validation tokens in the change notification*)."""


def with_data(owner: Reader, select: str = "subject,isRead", **said: Any) -> dict[str, Any]:
    """What is said besides, to get data."""
    return {
        "resource": f"me/messages?$select={select}",
        "includeResourceData": True,
        "encryptionCertificate": owner.text,
        "encryptionCertificateId": "the first",
    } | said


def contents(owner: Reader, endpoint: Receiver) -> list[dict[str, Any]]:
    """The data of every notification so far."""
    return [owner.read(notice["encryptedContent"]) for notice in endpoint.notices]


def test_the_owner_of_the_certificate_reads_what_was_selected(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    made = subscribed(alex, endpoint, clock, **with_data(owner))
    assert (made["encryptionCertificate"], made["encryptionCertificateId"]) == (owner.text, "the first")
    draft = alex.draft(subject="Только для подписчика", body={"contentType": "text", "content": "Secret"})
    alex.book.notify()

    (notice,) = endpoint.notices
    assert notice["encryptedContent"]["encryptionCertificateId"] == "the first"
    thumbprint = owner.certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
    assert notice["encryptedContent"]["encryptionCertificateThumbprint"] == thumbprint
    assert contents(owner, endpoint) == [
        {
            "@odata.etag": draft["@odata.etag"],
            "id": draft["id"],
            "subject": "Только для подписчика",
            "isRead": True,
        }
    ]
    assert "подписчика".encode() not in endpoint.told[0].body
    assert notice["resourceData"]["id"] == draft["id"]


def test_each_notice_has_a_key_of_its_own(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    subscribed(alex, endpoint, clock, **with_data(owner))
    alex.draft()
    alex.draft()
    alex.book.notify()

    keys = {owner.key_of(notice["encryptedContent"]) for notice in endpoint.notices}
    assert len(keys) == 2


def test_the_data_is_what_the_message_was_when_it_changed(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    subscribed(alex, endpoint, clock, **with_data(owner, changeType="created"))
    draft = alex.draft(subject="Then")
    alex.changed(f"/me/messages/{draft['id']}", {"subject": "Now"})
    alex.book.notify()

    assert [each["subject"] for each in contents(owner, endpoint)] == ["Then"]


def test_of_what_is_deleted_there_is_no_data(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    draft = alex.draft()
    subscribed(alex, endpoint, clock, **with_data(owner))
    alex.post(f"/me/messages/{draft['id']}/permanentDelete")
    alex.book.notify()

    (notice,) = endpoint.notices
    assert notice["changeType"] == "deleted"
    assert "encryptedContent" not in notice


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_data_has_the_shape_of_the_version_that_was_subscribed_in(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader, version: str
) -> None:
    graph = alex.beta if version == "beta" else alex
    subscribed(graph, endpoint, clock, **with_data(owner, "microsoft.graph.eventMessage/meetingMessageType"))
    calendar = (
        "METHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:a@b.c\r\nEND:VEVENT"
    )
    mime = f"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n{calendar}\r\nEND:VCALENDAR\r\n"
    plain = {"Content-Type": "text/plain"}
    made = alex.post("/me/messages", content=base64.b64encode(mime.encode()), headers=plain)
    assert made.status_code == 201, made.text
    alex.book.notify()

    (content,) = contents(owner, endpoint)
    shown = graph.read(f"/me/messages/{made.json()['id']}")
    assert content["meetingMessageType"] == shown["meetingMessageType"]
    spelled = {"v1.0": "meetingTenativelyAccepted", "beta": "meetingTentativelyAccepted"}
    assert content["meetingMessageType"] == spelled[version]


def test_what_only_beta_has_is_subscribed_to_in_beta(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    asked = with_data(owner, "subject,mentionsPreview", changeType="created")
    body = asking(endpoint, clock, **asked)
    alex.refused("POST", "/subscriptions", 400, "RequestBroker--ParseUri", json=body)
    subscribed(alex.beta, endpoint, clock, **asked)
    alex.draft()
    alex.book.notify()

    (content,) = contents(owner, endpoint)
    assert content["mentionsPreview"] is None


def test_extended_properties_come_along_when_they_are_expanded(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    known = "String {00020329-0000-0000-c000-000000000046} Name Colour"
    query = f"subject&$expand=singleValueExtendedProperties($filter=id eq '{known}')"
    subscribed(alex, endpoint, clock, **with_data(owner, query))
    alex.draft(singleValueExtendedProperties=[{"id": known, "value": "blue"}])
    alex.book.notify()

    (content,) = contents(owner, endpoint)
    assert content["singleValueExtendedProperties"] == [{"id": known, "value": "blue"}]


def test_who_may_see_the_basic_properties_is_told_no_more(
    nobody: Graph, alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    basic = nobody.holding(nobody.book.token(ALEX, "Mail.ReadBasic"))
    subscribed(basic, endpoint, clock, **with_data(owner, "subject,bodyPreview"))
    alex.draft(subject="Offsite", body={"contentType": "text", "content": "Secret"})
    alex.book.notify()

    (content,) = contents(owner, endpoint)
    assert content["subject"] == "Offsite"
    assert "bodyPreview" not in content


def test_with_the_basic_scope_nothing_is_expanded(
    nobody: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    basic = nobody.holding(nobody.book.token(ALEX, "Mail.ReadBasic"))
    query = "subject&$expand=singleValueExtendedProperties($filter=id eq 'String 0x1')"
    body = asking(endpoint, clock, **with_data(owner, query))
    basic.refused("POST", "/subscriptions", 403, "ErrorAccessDenied", json=body)


@pytest.mark.parametrize(
    "beyond",
    [
        "singleValueExtendedProperties/any(p: p/id eq 'String 0x1' and p/value eq 'blue')",
        "extensions/any(e: e/id eq 'Com.Contoso.Referral')",
    ],
)
def test_with_the_basic_scope_no_condition_asks_for_more(
    nobody: Graph, endpoint: Receiver, clock: FakeClock, beyond: str
) -> None:
    """Else notifications would tell of which messages it is true."""
    basic = nobody.holding(nobody.book.token(ALEX, "Mail.ReadBasic"))
    body = asking(endpoint, clock, resource=f"me/messages?$filter={beyond}")
    basic.refused("POST", "/subscriptions", 403, "ErrorAccessDenied", json=body)
    assert endpoint.asked == []
    subscribed(basic, endpoint, clock, resource="me/messages?$filter=categories/any(c: c eq 'Red')")


def test_a_certificate_is_changed_by_a_renewal(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    made = subscribed(alex, endpoint, clock, **with_data(owner))
    second = reader()
    change = {"encryptionCertificate": second.text, "encryptionCertificateId": "the second"}
    alex.changed(f"/subscriptions/{made['id']}", change | {"expirationDateTime": ending(clock)})
    alex.draft(subject="Offsite")
    alex.book.notify()

    (notice,) = endpoint.notices
    assert notice["encryptedContent"]["encryptionCertificateId"] == "the second"
    assert second.read(notice["encryptedContent"])["subject"] == "Offsite"


def pem(owner: Reader) -> str:
    """The certificate as people keep it in files."""
    return owner.certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_a_certificate_may_be_pem_or_pem_in_base64(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    wrapped = base64.b64encode(pem(owner).encode()).decode()
    for text, changes in ((pem(owner), "created"), (wrapped, "updated,created")):
        said = with_data(owner, encryptionCertificate=text, changeType=changes)
        assert subscribed(alex, endpoint, clock, **said)["encryptionCertificate"] == text
    alex.draft(subject="Offsite")
    alex.book.notify()
    assert [each["subject"] for each in contents(owner, endpoint)] == ["Offsite", "Offsite"]


def small() -> str:
    """The certificate of a key that is too small."""
    return reader(rsa.generate_private_key(public_exponent=65_537, key_size=1024)).text  # noqa: S505


def elliptic() -> str:
    """The public key of another kind."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode()


NO_CERTIFICATES = ["AAAAB3NzaC1yc2E=", "no base64 at all", "-----BEGIN CERTIFICATE-----", "x" * 40_000]


@pytest.mark.parametrize("text", NO_CERTIFICATES, ids=["ssh key", "words", "a beginning", "too long"])
def test_what_is_no_certificate_is_refused(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader, text: str
) -> None:
    body = asking(endpoint, clock, **with_data(owner, encryptionCertificate=text))
    said = alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=body)
    assert said.startswith("Certificate validation error:")
    assert endpoint.asked == []


@pytest.mark.parametrize("make", [small, elliptic])
def test_keys_that_are_too_small_or_of_another_kind_are_refused(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader, make: Any
) -> None:
    body = asking(endpoint, clock, **with_data(owner, encryptionCertificate=make()))
    alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=body)


# --- Validation tokens -----------------------------------------------------------------------------


def test_a_validation_token_comes_along_for_each_application(
    alex: Graph, robot: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    mine = subscribed(alex, endpoint, clock, **with_data(owner, changeType="created"))
    theirs = with_data(owner, resource=f"users/{ALEX}/messages?$select=subject")
    subscribed(robot, endpoint, clock, **theirs)
    alex.draft()
    alex.book.notify()

    (asked,) = endpoint.told
    tokens = json.loads(asked.body)["validationTokens"]
    claims = [checked(alex, token) for token in tokens]
    assert {each["aud"] for each in claims} == {mine["applicationId"], "a-daemon"}
    for each in claims:
        assert each["appid"] == PUBLISHER
        assert each["iss"] == f"https://sts.windows.net/{TENANT}/"
        assert each["tid"] == str(TENANT)
        assert each["nbf"] <= clock.now().timestamp() < each["exp"]


def checked(graph: Graph, token: str) -> dict[str, Any]:
    """What a validation token says, checked with the published keys, found as Graph's page says."""
    nobody = graph.holding(None)
    configuration = nobody.get("https://graph.microsoft.com/common/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(nobody.get(configuration["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    found: dict[str, Any] = jwt.decode(token, key, ["RS256"], options=options, issuer=configuration["issuer"])
    return found


def test_a_validation_token_opens_nothing(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    subscribed(alex, endpoint, clock, **with_data(owner))
    alex.draft()
    alex.book.notify()
    (token,) = json.loads(endpoint.told[0].body)["validationTokens"]

    alex.holding(token).refused("GET", "/me/messages", 401, "InvalidAuthenticationToken")


def test_the_keys_are_published_where_the_identity_platform_has_its_own(alex: Graph) -> None:
    nobody = alex.holding(None)
    for path in ("/common/discovery/keys", "/common/discovery/v2.0/keys"):
        published = nobody.get(f"https://graph.microsoft.com{path}").json()
        assert published == alex.book.subscriptions.keys()
        assert set(published["keys"][0]) == {"kty", "use", "alg", "kid", "n", "e"}, "nothing private"


def test_data_of_letters_that_arrive(
    alex: Graph, adele: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    inbox = "me/mailFolders('inbox')/messages?$select=Subject,bodyPreview,importance,receivedDateTime,from"
    subscribed(adele, endpoint, clock, **with_data(owner, resource=inbox, changeType="created"))
    alex.sent(subject="TEST MESSAGE FOR RICH NOTIFICATIONS", toRecipients=to(ADELE))
    clock.pass_by(timedelta(seconds=1))
    adele.book.deliver()
    adele.book.notify()

    (content,) = contents(owner, endpoint)
    assert content["from"]["emailAddress"]["address"] == ALEX
    assert set(content) == {
        "@odata.etag",
        "id",
        *("subject", "bodyPreview", "importance", "receivedDateTime", "from"),
    }
