"""Who holds a bearer token: JSON Web Tokens (RFC 7519), checked as RFC 8725 advises.

PyJWT reads and writes tokens and checks signature, audience and issuer. Their times are checked here, by
the clock that is given. Refusals use Microsoft Graph's words where those are known.
"""

import json
import logging
import math
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import jwt
from jwt.types import Options

from letterbook.adapters.door import GRAPH
from letterbook.application.ports import Clock, Gatekeeper, NotAdmitted, Visitor

LEEWAY = 60.0
"""How many seconds too early a token may come: the clock of its issuer may be ahead. None for its end."""

LONGEST = 16_384
"""The most characters a token may have; a longer one is not read at all."""

REMEMBERED = 4096
"""How many tokens a gatekeeper remembers whose signature it has checked."""

EMPTY = "Access token is empty."
UNREADABLE = "CompactToken parsing failed with error code: 80049217"
FAILURE = "Access token validation failure."
WRONG_SIGNATURE = f"{FAILURE} Signature validation failed."
WRONG_AUDIENCE = f"{FAILURE} Invalid audience."
WRONG_ISSUER = f"{FAILURE} Invalid issuer."
EXPIRED = "Lifetime validation failed, the token is expired."
ENDLESS = "Lifetime validation failed, the token is missing an Expiration Time."
TOO_EARLY = "Access token has expired or is not yet valid."

_SHORTEST_SECRET = 32
_OPTIONS: Options = {
    "require": ["exp"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}
_log = logging.getLogger(__name__)


# --- The gatekeepers -------------------------------------------------------------------------------


class Keeper(Gatekeeper, Protocol):
    """A gatekeeper that says which signatures it knows."""

    @property
    def algorithms(self) -> frozenset[str]:
        """The ``alg`` values (RFC 7518 section 3.1) of the tokens it may admit."""


class LocalTokens:
    """Issues and admits tokens signed with the store's own secret. Keeps ``Gatekeeper``.

    Raises ValueError for a secret below 32 bytes (RFC 7518 section 3.2).
    """

    algorithms = frozenset({"HS256"})

    def __init__(
        self, secret: bytes, clock: Clock, issuer: str = "letterbook", audience: str = GRAPH
    ) -> None:
        if len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"A secret for tokens needs at least {_SHORTEST_SECRET} bytes.")
        self._secret = secret
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._recall = lru_cache(REMEMBERED)(self._verify)

    def issue(
        self, subject: str, scopes: Iterable[str], now: datetime, lifetime: timedelta, app: bool = False
    ) -> str:
        """A token for a person (``subject`` is their address or id) or, with ``app``, an application's id."""
        begins = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "iat": begins,
            "nbf": begins,
            "exp": begins + int(lifetime.total_seconds()),
            **_granted(scopes, app),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def admit(self, token: str) -> Visitor:
        """Who holds this token. Raises NotAdmitted."""
        return self._recall(token).at(self._clock.now())

    def _verify(self, token: str) -> "_Pass":
        claims = _claims(token, self._secret, "HS256", self._issuer, self._audience)
        return _pass(claims, person=("sub",), app=("sub",))


class ProviderTokens:
    """Admits tokens of an identity provider, checked with the public keys it publishes. Keeps ``Gatekeeper``.

    The keys are a JWK Set (RFC 7517 section 5), given as such or as a file. A changed file is read again
    before the next token is looked at, so a key that was taken out opens no door any more; one that cannot
    be read leaves the keys as they are. Raises OSError or ValueError if there is no usable key to begin with.
    """

    algorithms = frozenset({"RS256", "ES256"})

    def __init__(
        self, jwks: Mapping[str, Any] | Path, clock: Clock, issuer: str, audience: str = GRAPH
    ) -> None:
        self._jwks = jwks
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._held = (self._stamp(), self._read())

    def admit(self, token: str) -> Visitor:
        """Who holds this token. Raises NotAdmitted."""
        return self._keyring().recall(token).at(self._clock.now())

    def _keyring(self) -> "_Keyring":
        """The keys, read again if the file is not what it was.

        The stamp is never newer than the keys it is held with: what is written in between is read next time.
        """
        stamp, (seen, keyring) = self._stamp(), self._held
        if stamp != seen:
            keyring = self._read_again(keyring)
            self._held = (stamp, keyring)
        return keyring

    def _read_again(self, old: "_Keyring") -> "_Keyring":
        try:
            return self._read()
        except (OSError, ValueError) as error:
            _log.warning("The key set cannot be read; the keys known so far stay in use: %s", error)
            return old

    def _read(self) -> "_Keyring":
        jwks = json.loads(self._jwks.read_bytes()) if isinstance(self._jwks, Path) else self._jwks
        return _Keyring(jwks, self._issuer, self._audience)

    def _stamp(self) -> tuple[int, ...]:
        """What changes when the file does; nothing ever does if there is no file."""
        try:
            stat = self._jwks.stat() if isinstance(self._jwks, Path) else None
        except OSError:
            return (0,)
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else ()


class AnyOf:
    """Admits whoever one of several gatekeepers admits. Keeps ``Gatekeeper``.

    Each is asked only about signatures it knows: a token signed with a shared secret never comes near public
    keys, nor the reverse (RFC 8725 section 3.1).
    """

    def __init__(self, keepers: Sequence[Keeper]) -> None:
        self._keepers = tuple(keepers)

    def admit(self, token: str) -> Visitor:
        """Who holds this token, says the first who admits it. Raises NotAdmitted in the words of the last."""
        refusal = NotAdmitted(WRONG_SIGNATURE)
        for keeper in self._asked(token):
            try:
                return keeper.admit(token)
            except NotAdmitted as error:
                refusal = error
        raise refusal

    def _asked(self, token: str) -> list[Keeper]:
        _check_length(token)
        algorithm = _algorithm(token.partition(".")[0])
        return [keeper for keeper in self._keepers if algorithm in keeper.algorithms]


# --- The keys of a provider ------------------------------------------------------------------------


class _Keyring:
    """One reading of a key set and the tokens it has vouched for; both are forgotten together."""

    def __init__(self, jwks: Mapping[str, Any], issuer: str, audience: str) -> None:
        self._keys = _usable(jwks)
        self._issuer = issuer
        self._audience = audience
        self.recall = lru_cache(REMEMBERED)(self._verify)

    def _verify(self, token: str) -> "_Pass":
        key = self._key_for(_header(token))
        claims = _claims(token, key, key.algorithm_name, self._issuer, self._audience)
        return _pass(
            claims,
            person=("preferred_username", "upn", "oid", "sub"),
            app=("appid", "azp", "oid", "sub"),
        )

    def _key_for(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        key = self._keys.get((str(header.get("kid")), str(header.get("alg"))))
        if key is None:
            raise NotAdmitted(WRONG_SIGNATURE)
        return key


def _usable(jwks: Mapping[str, Any]) -> dict[tuple[str, str], jwt.PyJWK]:
    """The signing keys of a set, by id and algorithm; others are skipped (RFC 7517 section 5)."""
    keys = {(key.key_id, key.algorithm_name): key for key in _known(jwks) if key.public_key_use != "enc"}
    usable = {
        (kid, name): key for (kid, name), key in keys.items() if kid and name in ProviderTokens.algorithms
    }
    if not usable:
        raise ValueError("The key set holds no named RS256 or ES256 key.")
    return usable


def _known(jwks: object) -> list[jwt.PyJWK]:
    """Every key of a set that PyJWT understands."""
    if not isinstance(jwks, Mapping):
        raise ValueError("A key set is a JSON object.")
    try:
        return jwt.PyJWKSet(jwks.get("keys", [])).keys
    except jwt.PyJWTError as error:
        raise ValueError(str(error)) from error


# --- Reading a token -------------------------------------------------------------------------------


class _Pass(NamedTuple):
    """A token whose signature, issuer and audience are good, and its time in seconds since 1970."""

    visitor: Visitor
    begins: float
    ends: float

    def at(self, now: datetime) -> Visitor:
        """Who holds the token, in its time; *on* its end it has ended (RFC 7519 section 4.1.4)."""
        moment = now.timestamp()
        if moment >= self.ends:
            raise NotAdmitted(EXPIRED)
        if moment + LEEWAY < self.begins:
            raise NotAdmitted(TOO_EARLY)
        return self.visitor


def _pass(claims: Mapping[str, Any], person: Sequence[str], app: Sequence[str]) -> _Pass:
    """What a good token says; ``person`` and ``app`` are the claims that name its holder, the best first."""
    is_app = _is_app(claims)
    subject = _subject(claims, app if is_app else person)
    scopes = _words(claims.get("roles" if is_app else "scp", []))
    begins = (_moment(claims[name]) for name in ("nbf", "iat") if name in claims)
    visitor = Visitor(subject, scopes, is_app, _client(claims, subject if is_app else ""))
    return _Pass(visitor, max(begins, default=-math.inf), _moment(claims["exp"]))


def _claims(token: str, key: bytes | jwt.PyJWK, algorithm: str, issuer: str, audience: str) -> dict[str, Any]:
    """What a token says, once its signature, issuer and audience are found good."""
    _check_length(token)
    try:
        return jwt.decode(
            token, key, algorithms=[algorithm], options=_OPTIONS, issuer=issuer, audience=audience
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise NotAdmitted(_reason(error)) from error


def _reason(error: Exception) -> str:
    """Why a token was refused, in Graph's words."""
    match error:
        case jwt.MissingRequiredClaimError(claim="exp"):
            return ENDLESS
        case jwt.InvalidAudienceError() | jwt.MissingRequiredClaimError(claim="aud"):
            return WRONG_AUDIENCE
        case jwt.InvalidIssuerError() | jwt.MissingRequiredClaimError(claim="iss"):
            return WRONG_ISSUER
        case jwt.InvalidSignatureError() | jwt.InvalidAlgorithmError() | jwt.InvalidKeyError():
            return WRONG_SIGNATURE
        case jwt.DecodeError() | ValueError():
            return UNREADABLE
        case _:
            return FAILURE


def _check_length(token: str) -> None:
    """Refuse what is not worth reading."""
    if not token.strip():
        raise NotAdmitted(EMPTY)
    if len(token) > LONGEST:
        raise NotAdmitted(UNREADABLE)


def _header(token: str) -> dict[str, Any]:
    """What a token says about itself, before anything is checked: good for finding a key, nothing else."""
    _check_length(token)
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise NotAdmitted(UNREADABLE) from error


@lru_cache(64)
def _algorithm(head: str) -> str:
    """The algorithm named in the first part of a token, which all tokens of one key have in common."""
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        return str(header["alg"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise NotAdmitted(UNREADABLE) from error


# --- What the claims mean --------------------------------------------------------------------------


def _granted(scopes: Iterable[str], app: bool) -> dict[str, Any]:
    """Scopes as the Microsoft identity platform writes them into a token."""
    return {"idtyp": "app", "roles": list(scopes)} if app else {"scp": " ".join(scopes)}


def _is_app(claims: Mapping[str, Any]) -> bool:
    """Whether a token is an application's own: it has roles and no scopes.

    The ID token of a person may look like that too. Such a person must not pass for an application, which may
    see every mailbox: where ``idtyp`` does not tell, a token that gives a person's name is a person's.
    """
    if "scp" in claims:
        return False
    if "idtyp" in claims:
        return bool(claims["idtyp"] == "app")
    return bool(claims.get("roles")) and not {"preferred_username", "upn"} & claims.keys()


def _subject(claims: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these claims that says something."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and value.strip():
            return value
    raise NotAdmitted(FAILURE)


def _client(claims: Mapping[str, Any], otherwise: str) -> str:
    """The application that a token was issued to."""
    named = (claims.get(name) for name in ("appid", "azp"))
    return next((each for each in named if isinstance(each, str)), otherwise)


def _words(value: object) -> frozenset[str]:
    """Scopes from a claim, in either of the two ways they are written: ``"a b"`` or ``["a", "b"]``."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise NotAdmitted(FAILURE)
    return frozenset(words)


def _moment(value: object) -> float:
    """A NumericDate (RFC 7519 section 2). Infinity and NaN, which JSON readers let pass, are none."""
    if not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise NotAdmitted(FAILURE)
    return value
