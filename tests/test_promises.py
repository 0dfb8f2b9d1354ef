"""Every Protocol of the ports has a contract suite, and every adapter, doubles too, is run through it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from letterbook.adapters.clock import SystemClock
from letterbook.adapters.door import GRAPH
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.tokens import AnyOf, LocalTokens, ProviderTokens
from letterbook.application import ports
from letterbook.application.ports import Clock, Gatekeeper, Ids, Mime, Transport, Visitor
from tests.contracts.clock import ClockContract
from tests.contracts.gatekeeper import GatekeeperContract
from tests.contracts.ids import IdsContract
from tests.contracts.mime import MimeContract
from tests.contracts.transport import Arrived, TransportContract
from tests.fakes import MONDAY, FakeClock, FakeTransport

TESTS = Path(__file__).parent
HOUR = timedelta(hours=1)
ISSUER = "https://login.contoso.com/v2.0"
ALEX = Visitor("alexw@contoso.com", frozenset({"Mail.Read", "Mail.Send"}))


# --- The time and names ----------------------------------------------------------------------------


class TestSystemClock(ClockContract):
    """The clock on the wall."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Runs."""
        return SystemClock()


class TestFakeClock(ClockContract):
    """The one that tests set."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Stands still."""
        return FakeClock()


class TestTimeOrderedIds(IdsContract):
    """Names by the time of the machine."""

    @pytest.fixture
    def ids(self) -> Ids:
        """New."""
        return TimeOrderedIds()


class TestIdsOfAClockThatStands(IdsContract):
    """Every name is a step ahead of it."""

    @pytest.fixture
    def ids(self) -> Ids:
        """At one moment."""
        return TimeOrderedIds(nanoseconds=lambda: 1_700_000_000_000_000_000)


# --- Letters ---------------------------------------------------------------------------------------


class TestMimeCodec(MimeContract):
    """The codec of mail."""

    @pytest.fixture
    def mime(self) -> Mime:
        """With names of its own."""
        return MimeCodec(TimeOrderedIds().new)


class TestFakeTransport(TransportContract):
    """What tests hand letters to."""

    @pytest.fixture
    def transport(self) -> FakeTransport:
        """Takes everything."""
        return FakeTransport()

    @pytest.fixture
    def arrived(self, transport: FakeTransport) -> Arrived:
        """What it took."""
        return lambda: [mime for _, _, mime in transport.letters.values()]

    def test_it_is_one(self, transport: FakeTransport) -> None:
        """The type checker reads this as a claim."""
        promised: Transport = transport
        assert promised is transport


# --- Tokens ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed() -> tuple[ProviderTokens, str]:
    """An identity provider with one key, and what it signed."""
    key = generate_private_key(SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    claims = {
        "iss": ISSUER,
        "aud": GRAPH,
        "preferred_username": ALEX.subject,
        "scp": " ".join(sorted(ALEX.scopes)),
        "exp": int((MONDAY + HOUR).timestamp()),
    }
    token = jwt.encode(claims, key, "ES256", headers={"kid": "1"})
    return ProviderTokens({"keys": [{**public, "kid": "1"}]}, FakeClock(), ISSUER), token


class TestLocalTokens(GatekeeperContract):
    """The store's own."""

    @pytest.fixture
    def keeper(self) -> LocalTokens:
        """With a secret."""
        return LocalTokens(b"a secret of thirty-two bytes, or more", FakeClock())

    @pytest.fixture
    def pass_(self, keeper: LocalTokens) -> str:
        """Issued by it."""
        return keeper.issue(ALEX.subject, sorted(ALEX.scopes), MONDAY, HOUR)

    @pytest.fixture
    def holder(self) -> Visitor:
        """A person."""
        return ALEX


class TestProviderTokens(GatekeeperContract):
    """Those of an identity provider."""

    @pytest.fixture
    def keeper(self, signed: tuple[ProviderTokens, str]) -> Gatekeeper:
        """Knows the public key."""
        return signed[0]

    @pytest.fixture
    def pass_(self, signed: tuple[ProviderTokens, str]) -> str:
        """Signed with the other half."""
        return signed[1]

    @pytest.fixture
    def holder(self) -> Visitor:
        """A person."""
        return ALEX


class TestAnyOf(TestProviderTokens):
    """Both together."""

    @pytest.fixture
    def keeper(self, signed: tuple[ProviderTokens, str]) -> Gatekeeper:
        """The store's own first."""
        return AnyOf([LocalTokens(bytes(32), FakeClock()), signed[0]])


# --- All of them -----------------------------------------------------------------------------------


def protocols() -> Iterator[str]:
    """What Letterbook needs from the world. A session is had from a store, and promised with it."""
    for name, port in vars(ports).items():
        if getattr(port, "_is_protocol", False) and port.__module__.startswith("letterbook."):
            yield name


@pytest.mark.parametrize("port", sorted({*protocols()} - {"Session"}))
def test_every_port_has_a_contract_that_is_run(port: str) -> None:
    """By at least one class of tests."""
    contract = re.compile(rf"^class {port}Contract\b", re.M)
    assert any(contract.search(each.read_text("utf-8")) for each in (TESTS / "contracts").glob("*.py"))
    run = re.compile(rf"^class \w+\((?:\w+, )*(?:Clear)?{port}Contract\b", re.M)
    assert any(run.search(each.read_text("utf-8")) for each in TESTS.rglob("test_*.py"))


def test_there_are_ports() -> None:
    """The test above would go well without any."""
    assert {*protocols()} >= {
        "Blobs",
        "Clock",
        "Gatekeeper",
        "History",
        "Ids",
        "Mime",
        "Store",
        "Transport",
        "Views",
    }
