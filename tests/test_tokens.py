"""Who may: tokens of the store itself and of an identity provider, and every way to forge one."""

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from letterbook.adapters import tokens
from letterbook.adapters.door import GRAPH
from letterbook.adapters.tokens import AnyOf, LocalTokens, ProviderTokens
from letterbook.application.ports import Gatekeeper, NotAdmitted, Visitor

NOW = datetime(2022, 5, 23, 3, 46, 53, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SECRET = b"a secret of thirty-two bytes, or more"
ISSUER = "https://login.contoso.com/v2.0"
ALEX = "alex@contoso.com"
ROBOT = "0f4c2a4e-6a1f-4f3c-9d0a-3f1f6d1c2b3a"
MAIL = ["Mail.ReadWrite", "Mail.Send"]


@dataclass
class StoppedClock:
    """Shows the time it is set to, years away from the real one: whoever asks another clock is found out."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """The time it is set to."""
        return self.moment


@dataclass
class Provider:
    """An identity provider: keys, the set it publishes, and the claims it makes by default."""

    rsa: RSAPrivateKey
    ec: EllipticCurvePrivateKey
    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "iss": ISSUER,
            "aud": GRAPH,
            "sub": "opaque",
            "preferred_username": ALEX,
            "scp": "Mail.ReadWrite Mail.Send",
            "iat": seconds(NOW),
            "nbf": seconds(NOW),
            "exp": seconds(NOW + HOUR),
        }
    )

    def jwks(self) -> dict[str, Any]:
        """The public keys, one of each kind."""
        return {"keys": [public(self.rsa, "rsa-1"), public(self.ec, "ec-1")]}

    def token(self, /, **changes: Any) -> str:
        """A token signed with the RSA key, with some claims changed; ``None`` leaves one out."""
        return self.signed({**self.claims, **changes})

    def signed(self, claims: Mapping[str, Any], kid: str | None = "rsa-1") -> str:
        """A token signed with the RSA key, under this or no key id."""
        said = {name: claim for name, claim in claims.items() if claim is not None}
        return jwt.encode(said, self.rsa, "RS256", headers={"kid": kid} if kid is not None else None)

    def application(self, **changes: Any) -> str:
        """A token of an application, as the Microsoft identity platform writes it."""
        names = {"appid": ROBOT, "oid": "service-principal", "roles": MAIL, "iss": ISSUER, "aud": GRAPH}
        return self.signed({**names, "exp": seconds(NOW + HOUR), **changes})


def seconds(moment: datetime) -> int:
    """A NumericDate."""
    return int(moment.timestamp())


def public(key: RSAPrivateKey | EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    """The public half of a key, as a JWK."""
    if isinstance(key, RSAPrivateKey):
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": kid, "use": "sig"}


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def part(content: Mapping[str, Any]) -> str:
    """A header or payload."""
    return b64(json.dumps(content).encode())


def refused(keeper: Gatekeeper, token: str) -> str:
    """The words in which a token is refused."""
    with pytest.raises(NotAdmitted) as refusal:
        keeper.admit(token)
    return str(refusal.value)


def tampered(token: str, **changes: Any) -> str:
    """A token whose payload says something else under the same signature."""
    header, payload, signature = token.split(".")
    claims = json.loads(urlsafe_b64decode(payload + "=="))
    return f"{header}.{part({**claims, **changes})}.{signature}"


def write(path: Path, jwks: object) -> None:
    """Replace a key set, at a time of its own."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(jwks if isinstance(jwks, str) else json.dumps(jwks), encoding="utf-8")
    os.utime(path, ns=(0, before + 1_000_000_000))


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands at NOW."""
    return StoppedClock()


@pytest.fixture
def local(clock: StoppedClock) -> LocalTokens:
    """The store's own gatekeeper."""
    return LocalTokens(SECRET, clock)


@pytest.fixture
def alex_token(local: LocalTokens) -> str:
    """A local token of Alex, good for an hour."""
    return local.issue(ALEX, MAIL, NOW, HOUR)


@pytest.fixture(scope="module")
def provider() -> Provider:
    """Keys take a while to make, so all tests share them."""
    return Provider(generate_rsa(65537, 2048), generate_private_key(SECP256R1()))


@pytest.fixture(scope="module")
def stranger() -> Provider:
    """Another provider: the same claims, other keys under the same names."""
    return Provider(generate_rsa(65537, 2048), generate_private_key(SECP256R1()))


@pytest.fixture
def remote(provider: Provider, clock: StoppedClock) -> ProviderTokens:
    """The gatekeeper who knows the provider's keys."""
    return ProviderTokens(provider.jwks(), clock, ISSUER)


@pytest.fixture
def door(local: LocalTokens, remote: ProviderTokens) -> AnyOf:
    """Both together."""
    return AnyOf([local, remote])


# --- Tokens of the store itself --------------------------------------------------------------------


def test_a_person_is_admitted_with_their_scopes(local: LocalTokens, alex_token: str) -> None:
    """A delegated token."""
    assert local.admit(alex_token) == Visitor(ALEX, frozenset(MAIL), is_app=False)


def test_an_application_is_admitted_with_its_roles(local: LocalTokens) -> None:
    """An application token."""
    token = local.issue(ROBOT, MAIL, NOW, HOUR, app=True)
    assert local.admit(token) == Visitor(ROBOT, frozenset(MAIL), is_app=True)


def test_an_application_without_roles_is_still_an_application(local: LocalTokens) -> None:
    """It may do nothing, but nobody mistakes it for a person."""
    assert local.admit(local.issue(ROBOT, [], NOW, HOUR, app=True)).is_app


def test_a_person_without_scopes_is_still_that_person(local: LocalTokens) -> None:
    """They may do nothing."""
    assert local.admit(local.issue(ALEX, [], NOW, HOUR)) == Visitor(ALEX, frozenset())


def test_a_local_token_says_what_graph_tokens_say(alex_token: str) -> None:
    """Tools that show tokens understand it."""
    assert jwt.decode(alex_token, options={"verify_signature": False}) == {
        "iss": "letterbook",
        "aud": "https://graph.microsoft.com",
        "sub": ALEX,
        "iat": seconds(NOW),
        "nbf": seconds(NOW),
        "exp": seconds(NOW + HOUR),
        "scp": "Mail.ReadWrite Mail.Send",
    }


def test_an_application_token_says_that_it_is_one(local: LocalTokens) -> None:
    """Roles instead of scopes, and ``idtyp``."""
    claims = jwt.decode(local.issue(ROBOT, MAIL, NOW, HOUR, app=True), options={"verify_signature": False})
    assert (claims["idtyp"], claims["roles"], "scp" in claims) == ("app", MAIL, False)


def test_a_short_secret_is_refused_at_once(clock: StoppedClock) -> None:
    """RFC 7518 section 3.2."""
    with pytest.raises(ValueError, match="at least 32 bytes"):
        LocalTokens(SECRET[:31], clock)


@pytest.mark.parametrize("token", ["", " ", "\t\n"])
def test_an_empty_token_is_called_empty(local: LocalTokens, door: AnyOf, token: str) -> None:
    """Graph's words."""
    assert refused(local, token) == refused(door, token) == "Access token is empty."


@pytest.mark.parametrize(
    "token",
    [
        "token",
        "a.b",
        "a.b.c",
        "..",
        "a.b.c.d.e",
        f"{part({'alg': 'HS256'})}.e30",
        f"{part({'alg': 'HS256'})}.!!!.AAAA",
        f"{b64(b'[]')}.e30.AAAA",
        f"{b64(b'[' * 9000)}.e30.AAAA",
        f"{b64(bytes([255, 254]))}.e30.AAAA",
        "\ud800.e30.AAAA",
        "ключ.e30.AAAA",
        "e" * 1_000_000,
    ],
)
def test_what_is_no_token_cannot_be_parsed(
    local: LocalTokens, remote: ProviderTokens, door: AnyOf, token: str
) -> None:
    """Graph's words, whoever is asked."""
    words = "CompactToken parsing failed with error code: 80049217"
    assert {refused(keeper, token) for keeper in (local, remote, door)} == {words}


def test_an_overlong_token_is_not_read_at_all(local: LocalTokens) -> None:
    """Reading costs time, and the reader is not known yet."""
    token = local.issue(ALEX, ["x" * tokens.LONGEST], NOW, HOUR)
    assert refused(local, token) == "CompactToken parsing failed with error code: 80049217"


def test_a_forged_signature_is_refused(local: LocalTokens, clock: StoppedClock) -> None:
    """Someone guessed a secret."""
    forged = LocalTokens(b"another secret of thirty-two bytes!!", clock).issue(ALEX, MAIL, NOW, HOUR)
    assert refused(local, forged) == "Access token validation failure. Signature validation failed."


def test_a_tampered_payload_is_refused(local: LocalTokens, alex_token: str) -> None:
    """Even right after the true one was admitted: what is remembered is the whole token."""
    local.admit(alex_token)
    assert refused(local, tampered(alex_token, sub="megan@contoso.com")) == tokens.WRONG_SIGNATURE


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, ["HS256"], {"HS256": 1}, 1])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_an_unsigned_token_is_never_accepted(
    local: LocalTokens, remote: ProviderTokens, door: AnyOf, name: object, signature: str
) -> None:
    """RFC 8725 section 2.1, in every spelling."""
    claims = {"iss": "letterbook", "aud": GRAPH, "sub": ALEX, "scp": "Mail.Send", "exp": seconds(NOW + HOUR)}
    token = f"{part({'alg': name, 'kid': 'rsa-1'})}.{part(claims)}.{signature}"
    for keeper in (local, remote, door):
        assert refused(keeper, token) == tokens.WRONG_SIGNATURE


@pytest.mark.parametrize("name", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_secret_is_refused(
    local: LocalTokens, door: AnyOf, name: str
) -> None:
    """One algorithm for one key (RFC 8725 section 3.1)."""
    claims = {"iss": "letterbook", "aud": GRAPH, "sub": ALEX, "exp": seconds(NOW + HOUR)}
    token = jwt.encode(claims, SECRET * 2, name)
    assert refused(local, token) == refused(door, token) == tokens.WRONG_SIGNATURE


def test_a_token_for_somebody_else_is_refused(local: LocalTokens, clock: StoppedClock) -> None:
    """Graph's words."""
    token = LocalTokens(SECRET, clock, audience="https://contoso.com").issue(ALEX, MAIL, NOW, HOUR)
    assert refused(local, token) == "Access token validation failure. Invalid audience."


def test_a_token_from_somebody_else_is_refused(local: LocalTokens, clock: StoppedClock) -> None:
    """The same secret, but not the same house."""
    token = LocalTokens(SECRET, clock, issuer="elsewhere").issue(ALEX, MAIL, NOW, HOUR)
    assert refused(local, token) == "Access token validation failure. Invalid issuer."


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("iss", tokens.WRONG_ISSUER),
        ("aud", tokens.WRONG_AUDIENCE),
        ("exp", "Lifetime validation failed, the token is missing an Expiration Time."),
        ("sub", tokens.FAILURE),
    ],
)
def test_a_token_must_say_all_that_matters(local: LocalTokens, claim: str, words: str) -> None:
    """Where it is from, whom it is for, when it ends, and who holds it."""
    claims = {"iss": "letterbook", "aud": GRAPH, "sub": ALEX, "exp": seconds(NOW + HOUR)}
    del claims[claim]
    assert refused(local, jwt.encode(claims, SECRET, "HS256")) == words


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": -1},
        {"exp": "2099-01-01"},
        {"exp": ["4102444800"]},
        {"nbf": "soon"},
        {"iat": None},
        {"sub": ""},
        {"sub": " "},
        {"scp": 7},
        {"scp": {"Mail.Send": True}},
        {"idtyp": "app", "roles": [1]},
        {"idtyp": "app", "roles": {"Mail.Send": 1}},
        {"sub": 7},
    ],
)
def test_claims_that_make_no_sense_are_refused(local: LocalTokens, claims: dict[str, Any]) -> None:
    """Not even the right signature helps; above all, no end is not an end that never comes."""
    sense = {"iss": "letterbook", "aud": GRAPH, "sub": ALEX, "exp": seconds(NOW + HOUR)}
    token = jwt.encode({**sense, **claims}, SECRET, "HS256")
    assert refused(local, token) == tokens.FAILURE


# --- Time ------------------------------------------------------------------------------------------


def test_a_token_is_good_until_its_last_second(
    local: LocalTokens, clock: StoppedClock, alex_token: str
) -> None:
    """Judged by the clock that was given, not by today's date."""
    clock.moment = NOW + HOUR - SECOND
    assert local.admit(alex_token).subject == ALEX


@pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(days=400)])
def test_an_expired_token_is_refused(
    local: LocalTokens, clock: StoppedClock, alex_token: str, late: timedelta
) -> None:
    """*On* its end it has ended (RFC 7519 section 4.1.4), and no leeway is given."""
    clock.moment = NOW + HOUR + late
    assert refused(local, alex_token) == "Lifetime validation failed, the token is expired."


def test_a_remembered_token_expires_like_any_other(
    local: LocalTokens, clock: StoppedClock, alex_token: str
) -> None:
    """Only the signature is remembered, not the answer."""
    local.admit(alex_token)
    clock.moment = NOW + HOUR
    assert refused(local, alex_token) == tokens.EXPIRED


def test_a_token_may_come_a_minute_early(local: LocalTokens, clock: StoppedClock, alex_token: str) -> None:
    """The clock of whoever issued it may be ahead."""
    clock.moment = NOW - timedelta(seconds=60)
    assert local.admit(alex_token).subject == ALEX


def test_a_token_that_is_not_yet_valid_is_refused(
    local: LocalTokens, clock: StoppedClock, alex_token: str
) -> None:
    """More than a minute early; and once its time has come it is good."""
    clock.moment = NOW - timedelta(seconds=61)
    assert refused(local, alex_token) == "Access token has expired or is not yet valid."
    clock.moment = NOW
    assert local.admit(alex_token).subject == ALEX


@pytest.mark.parametrize("year", [1971, 2022, 2999])
def test_the_machines_own_clock_has_no_say(local: LocalTokens, clock: StoppedClock, year: int) -> None:
    """Neither long after nor long before today."""
    clock.moment = NOW.replace(year=year)
    assert local.admit(local.issue(ALEX, MAIL, clock.moment, HOUR)).subject == ALEX


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_either_beginning_counts(remote: ProviderTokens, provider: Provider, claim: str) -> None:
    """A token issued in the future is as odd as one valid in the future."""
    too_early, in_time = ({"nbf": 0, "iat": 0, claim: seconds(NOW) + ahead} for ahead in (61, 60))
    assert refused(remote, provider.token(**too_early)) == tokens.TOO_EARLY
    assert remote.admit(provider.token(**in_time)).subject == ALEX


# --- What is remembered ----------------------------------------------------------------------------


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every token whose signature is checked."""
    checked: list[str] = []
    decode = jwt.decode

    def watched(token: str, *rest: Any, **named: Any) -> Any:
        checked.append(token)
        return decode(token, *rest, **named)

    monkeypatch.setattr(jwt, "decode", watched)
    return checked


def test_a_signature_is_checked_once(
    door: AnyOf, provider: Provider, alex_token: str, checks: list[str]
) -> None:
    """A client sends the same token with every request."""
    theirs = provider.token()
    for _ in range(3):
        assert door.admit(alex_token).subject == door.admit(theirs).subject == ALEX
    assert checks == [alex_token, theirs]


def test_a_bad_token_is_not_remembered(door: AnyOf, alex_token: str, checks: list[str]) -> None:
    """So nobody can fill the memory from outside, and no refusal sticks."""
    bad = tampered(alex_token, sub="megan@contoso.com")
    assert [refused(door, bad) for _ in range(2)] == [tokens.WRONG_SIGNATURE] * 2
    assert checks == [bad, bad]


def test_the_memory_has_an_end(
    clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, checks: list[str]
) -> None:
    """The token that was not used for the longest time is forgotten, and checked again."""
    monkeypatch.setattr(tokens, "REMEMBERED", 2)
    local = LocalTokens(SECRET, clock)
    first, *others = [
        local.issue(who, MAIL, NOW, HOUR) for who in (ALEX, "megan@contoso.com", "adele@contoso.com")
    ]
    for token in (first, *others, first):
        local.admit(token)
    assert checks == [first, *others, first]


# --- Tokens of an identity provider ----------------------------------------------------------------


def test_a_provider_vouches_for_a_person(remote: ProviderTokens, provider: Provider) -> None:
    """RS256, the key found by its id."""
    assert remote.admit(provider.token()) == Visitor(ALEX, frozenset(MAIL), is_app=False)


def test_an_elliptic_signature_is_as_good(remote: ProviderTokens, provider: Provider) -> None:
    """ES256."""
    token = jwt.encode(provider.claims, provider.ec, "ES256", headers={"kid": "ec-1"})
    assert remote.admit(token).subject == ALEX


@pytest.mark.parametrize(
    ("names", "subject"),
    [
        ({"preferred_username": ALEX, "upn": "u", "oid": "o", "sub": "s"}, ALEX),
        ({"upn": ALEX, "oid": "o", "sub": "s"}, ALEX),
        ({"oid": "o", "sub": "s"}, "o"),
        ({"sub": "s"}, "s"),
        ({"preferred_username": "", "upn": None, "oid": 7, "sub": "s"}, "s"),
    ],
)
def test_a_person_goes_by_their_most_telling_name(
    remote: ProviderTokens, provider: Provider, names: dict[str, Any], subject: str
) -> None:
    """An address rather than an id."""
    nameless = {**provider.claims, "preferred_username": None, "sub": None}
    token = provider.signed({**nameless, **names})
    assert remote.admit(token).subject == subject


def test_an_application_goes_by_its_id(remote: ProviderTokens, provider: Provider) -> None:
    """Roles and no scopes: it acts for itself."""
    assert remote.admit(provider.application()) == Visitor(ROBOT, frozenset(MAIL), is_app=True)


def test_a_provider_may_say_that_it_is_an_application(remote: ProviderTokens, provider: Provider) -> None:
    """The optional claim ``idtyp`` decides where it is given."""
    assert remote.admit(provider.application(idtyp="app")).is_app
    assert not remote.admit(provider.application(idtyp="user")).is_app


def test_scopes_make_it_a_persons_token_whatever_their_roles(
    remote: ProviderTokens, provider: Provider
) -> None:
    """Someone with an application role still sees only their own mailbox."""
    for claims in ({}, {"preferred_username": None, "sub": ALEX}):
        token = provider.token(**claims, roles=["Mail.ReadWrite"], scp="Mail.Read")
        assert remote.admit(token) == Visitor(ALEX, frozenset({"Mail.Read"}), is_app=False)


@pytest.mark.parametrize("name", ["preferred_username", "upn"])
def test_the_id_token_of_a_person_never_passes_for_an_application(
    remote: ProviderTokens, provider: Provider, name: str
) -> None:
    """It has roles and no scopes too; read as an application's it would open every mailbox."""
    visitor = remote.admit(provider.application(**{name: ALEX}))
    assert visitor == Visitor(ALEX, frozenset(), is_app=False)


def test_scopes_may_come_as_a_list(remote: ProviderTokens, provider: Provider) -> None:
    """Some providers write them so."""
    assert remote.admit(provider.token(scp=MAIL)).scopes == frozenset(MAIL)


def test_one_of_several_audiences_is_enough(remote: ProviderTokens, provider: Provider) -> None:
    """RFC 7519 section 4.1.3."""
    assert remote.admit(provider.token(aud=["https://contoso.com", GRAPH])).subject == ALEX


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"aud": "https://contoso.com"}, tokens.WRONG_AUDIENCE),
        ({"aud": []}, tokens.WRONG_AUDIENCE),
        ({"aud": None}, tokens.WRONG_AUDIENCE),
        ({"iss": "https://login.fabrikam.com/v2.0"}, tokens.WRONG_ISSUER),
        ({"iss": ISSUER + "/"}, tokens.WRONG_ISSUER),
        ({"iss": None}, tokens.WRONG_ISSUER),
        ({"exp": None}, tokens.ENDLESS),
        ({"exp": seconds(NOW)}, tokens.EXPIRED),
    ],
)
def test_a_provider_token_must_be_in_order(
    remote: ProviderTokens, provider: Provider, changes: dict[str, Any], words: str
) -> None:
    """Signed by the right key, and still not good."""
    assert refused(remote, provider.token(**changes)) == words


@pytest.mark.parametrize("kid", ["rsa-2", "ec-1", "", None])
def test_a_token_must_name_the_key_that_signed_it(
    remote: ProviderTokens, provider: Provider, kid: str | None
) -> None:
    """An unknown key, one of another kind, or none at all."""
    assert refused(remote, provider.signed(provider.claims, kid=kid)) == tokens.WRONG_SIGNATURE


def test_a_stranger_with_a_key_of_the_same_name_is_refused(
    remote: ProviderTokens, stranger: Provider
) -> None:
    """A key id is a hint, not a proof."""
    assert refused(remote, stranger.token()) == tokens.WRONG_SIGNATURE


def test_a_tampered_provider_token_is_refused(remote: ProviderTokens, provider: Provider) -> None:
    """Alex would like to be Megan."""
    token = provider.token()
    remote.admit(token)
    assert refused(remote, tampered(token, preferred_username="megan@contoso.com")) == tokens.WRONG_SIGNATURE


@pytest.mark.parametrize("name", ["PS256", "RS384", "RS512"])
def test_another_algorithm_with_the_right_key_is_refused(
    remote: ProviderTokens, door: AnyOf, provider: Provider, name: str
) -> None:
    """One algorithm for one key."""
    token = jwt.encode(provider.claims, provider.rsa, name, headers={"kid": "rsa-1"})
    assert refused(remote, token) == refused(door, token) == tokens.WRONG_SIGNATURE


def test_a_key_inside_the_token_is_not_used(remote: ProviderTokens, stranger: Provider) -> None:
    """RFC 7515 lets a header carry a key; believing it would let anyone in."""
    header = {"kid": "rsa-1", "jwk": public(stranger.rsa, "rsa-1"), "jku": "https://contoso.com/keys"}
    token = jwt.encode(stranger.claims, stranger.rsa, "RS256", headers=header)
    assert refused(remote, token) == tokens.WRONG_SIGNATURE


# --- No confusion between the two ------------------------------------------------------------------


def test_both_kinds_come_in_by_one_door(door: AnyOf, provider: Provider, alex_token: str) -> None:
    """Each is checked by the one who knows it."""
    assert door.admit(alex_token).subject == door.admit(provider.token()).subject == ALEX


def public_forms(provider: Provider) -> list[bytes]:
    """The provider's public RSA key in every form that one may take for a secret."""
    key = provider.rsa.public_key()
    written = [
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    ]
    return [
        *written,
        json.dumps(public(provider.rsa, "rsa-1")).encode(),
        json.dumps(provider.jwks()).encode(),
    ]


def test_a_public_key_is_never_a_secret(
    local: LocalTokens, remote: ProviderTokens, door: AnyOf, provider: Provider
) -> None:
    """The classic: sign with HS256 and the RSA public key that everyone can read (RFC 8725 section 2.1)."""
    for secret in public_forms(provider):
        token = signed_by_hand({"alg": "HS256", "kid": "rsa-1"}, provider.claims, secret)
        for keeper in (local, remote, door):
            assert refused(keeper, token) == tokens.WRONG_SIGNATURE


def signed_by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes) -> str:
    """An HS256 token; by hand, because PyJWT refuses such secrets."""
    content = f"{part(header)}.{part(claims)}"
    return f"{content}.{b64(hmac.digest(secret, content.encode(), 'sha256'))}"


def test_a_public_key_given_as_the_secret_admits_nobody(provider: Provider, clock: StoppedClock) -> None:
    """A wrong setting must not open the door."""
    for secret in public_forms(provider)[:4]:
        local = LocalTokens(secret, clock)
        claims = {"iss": "letterbook", "aud": GRAPH, "sub": ALEX, "exp": seconds(NOW + HOUR)}
        assert refused(local, signed_by_hand({"alg": "HS256"}, claims, secret)) == tokens.WRONG_SIGNATURE


def test_a_secret_among_the_public_keys_is_not_used(provider: Provider, clock: StoppedClock) -> None:
    """A key set that holds a symmetric key by mistake makes nobody a provider."""
    secret = {"kty": "oct", "k": b64(SECRET), "kid": "oct-1", "alg": "HS256"}
    remote = ProviderTokens({"keys": [secret, *provider.jwks()["keys"]]}, clock, ISSUER)
    token = signed_by_hand({"alg": "HS256", "kid": "oct-1"}, provider.claims, SECRET)
    assert refused(remote, token) == refused(AnyOf([remote]), token) == tokens.WRONG_SIGNATURE


def test_a_provider_cannot_issue_in_the_name_of_the_store(door: AnyOf, provider: Provider) -> None:
    """Its signature, but the store's issuer."""
    assert refused(door, provider.token(iss="letterbook")) == tokens.WRONG_ISSUER


def test_the_second_of_two_providers_is_asked_as_well(
    provider: Provider, stranger: Provider, clock: StoppedClock
) -> None:
    """Both know RS256, each its own keys."""
    door = AnyOf([ProviderTokens(who.jwks(), clock, ISSUER) for who in (provider, stranger)])
    assert door.admit(stranger.token()).subject == door.admit(provider.token()).subject == ALEX


def test_a_door_without_keepers_admits_nobody(alex_token: str) -> None:
    """Nothing configured, nobody in."""
    assert refused(AnyOf([]), alex_token) == tokens.WRONG_SIGNATURE


# --- The key set -----------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path, provider: Provider) -> Path:
    """A file with the provider's keys."""
    path = tmp_path / "jwks.json"
    write(path, provider.jwks())
    return path


def test_keys_come_from_a_file(key_file: Path, clock: StoppedClock, provider: Provider) -> None:
    """As the provider publishes it."""
    assert ProviderTokens(key_file, clock, ISSUER).admit(provider.token()).subject == ALEX


def test_a_new_key_is_known_as_soon_as_it_is_in_the_file(
    key_file: Path, clock: StoppedClock, provider: Provider, stranger: Provider
) -> None:
    """Providers change keys every few weeks; nobody restarts for it."""
    remote = ProviderTokens(key_file, clock, ISSUER)
    token = stranger.signed(stranger.claims, kid="rsa-2")
    assert refused(remote, token) == tokens.WRONG_SIGNATURE
    write(key_file, {"keys": [*provider.jwks()["keys"], public(stranger.rsa, "rsa-2")]})
    assert remote.admit(token).subject == remote.admit(provider.token()).subject == ALEX


def test_a_key_that_was_taken_out_opens_no_door_any_more(
    key_file: Path, clock: StoppedClock, provider: Provider, stranger: Provider
) -> None:
    """Not even for a token that was admitted a moment ago."""
    remote = ProviderTokens(key_file, clock, ISSUER)
    token = provider.token()
    remote.admit(token)
    write(key_file, stranger.jwks())
    assert refused(remote, token) == tokens.WRONG_SIGNATURE


def test_a_check_that_outlasts_a_change_of_keys_is_not_remembered(
    key_file: Path,
    clock: StoppedClock,
    provider: Provider,
    stranger: Provider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The keys change while a token of the old ones is being checked: it may pass this once, never again."""
    remote, token, decode = ProviderTokens(key_file, clock, ISSUER), provider.token(), jwt.decode

    def slowly(*rest: Any, **named: Any) -> Any:
        monkeypatch.setattr(jwt, "decode", decode)
        write(key_file, stranger.jwks())
        assert refused(remote, token) == tokens.WRONG_SIGNATURE
        return decode(*rest, **named)

    monkeypatch.setattr(jwt, "decode", slowly)
    assert remote.admit(token).subject == ALEX
    assert refused(remote, token) == tokens.WRONG_SIGNATURE


def test_an_unchanged_file_is_not_read_again(
    key_file: Path, clock: StoppedClock, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many tokens name keys that are not in it."""
    remote = ProviderTokens(key_file, clock, ISSUER)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read again"))
    for number in range(3):
        assert (
            refused(remote, provider.signed(provider.claims, kid=f"unknown-{number}"))
            == tokens.WRONG_SIGNATURE
        )


@pytest.mark.parametrize(
    "rubbish", ["", "{", "[]", '{"keys": []}', '{"keys": "none"}', '{"keys": [{}, 1]}', "null"]
)
def test_a_broken_file_leaves_the_keys_as_they_are(
    key_file: Path, clock: StoppedClock, provider: Provider, caplog: pytest.LogCaptureFixture, rubbish: str
) -> None:
    """It may be half written; the log says so, once, and the whole one is read when it is there."""
    remote = ProviderTokens(key_file, clock, ISSUER)
    write(key_file, rubbish)
    for _ in range(2):
        assert remote.admit(provider.token()).subject == ALEX
    assert len(caplog.records) == 1
    write(key_file, provider.jwks())
    assert remote.admit(provider.token()).subject == ALEX
    assert len(caplog.records) == 1


def test_a_lost_file_leaves_the_keys_as_they_are(
    key_file: Path, clock: StoppedClock, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """It is noted in the log."""
    remote = ProviderTokens(key_file, clock, ISSUER)
    key_file.unlink()
    assert remote.admit(provider.token()).subject == ALEX
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "rubbish", ["", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "AAAA", "kid": "1"}]}']
)
def test_there_must_be_a_key_to_begin_with(tmp_path: Path, clock: StoppedClock, rubbish: str) -> None:
    """A gatekeeper without keys is a mistake in the settings, told at once."""
    write(tmp_path / "jwks.json", rubbish)
    with pytest.raises(ValueError, match=r"."):
        ProviderTokens(tmp_path / "jwks.json", clock, ISSUER)


def test_the_file_must_be_there_to_begin_with(tmp_path: Path, clock: StoppedClock) -> None:
    """The same mistake."""
    with pytest.raises(FileNotFoundError):
        ProviderTokens(tmp_path / "jwks.json", clock, ISSUER)


def test_keys_that_are_not_for_signing_are_skipped(provider: Provider, clock: StoppedClock) -> None:
    """For encryption, without a name, or of a kind nobody knows (RFC 7517 section 5)."""
    nameless = public(provider.rsa, "")
    secret = {**public(provider.rsa, "rsa-enc"), "use": "enc"}
    jwks = {"keys": [{"kty": "new", "kid": "n"}, nameless, secret, *provider.jwks()["keys"]]}
    remote = ProviderTokens(jwks, clock, ISSUER)
    assert remote.admit(provider.token()).subject == ALEX
    assert refused(remote, provider.signed(provider.claims, kid="rsa-enc")) == tokens.WRONG_SIGNATURE
    assert refused(remote, provider.signed(provider.claims, kid="")) == tokens.WRONG_SIGNATURE


def test_a_weak_key_is_not_believed(clock: StoppedClock, provider: Provider) -> None:
    """RSA below 2048 bits can be broken (RFC 7518 section 3.3)."""
    weak = Provider(generate_rsa(65537, 1024), provider.ec)  # noqa: S505 - weak on purpose
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = weak.token()
    assert refused(ProviderTokens(weak.jwks(), clock, ISSUER), token) == tokens.WRONG_SIGNATURE
