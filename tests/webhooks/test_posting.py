"""Requests to addresses that other people name: where they go, how long they take, what they carry."""

import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from letterbook.adapters.webhooks.posting import LONGEST_ANSWER, Poster
from letterbook.application.heralding import AddressForbidden, Answered, GivenUp, TooSlow, Unheard
from tests.chance import examples

BODY = b'{"value":[]}'
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


def ask(poster: Poster, url: str, seconds: float = 5.0) -> Answered:
    """One request."""
    try:
        return poster.post(url, BODY, "application/json", seconds)
    finally:
        poster.close()


def always(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    """A directory in which every host has these addresses."""
    return lambda _host, _port: list(addresses)


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on this machine that talks as it likes; gives its port."""
    ear = socket.create_server(("127.0.0.1", 0))
    ear.settimeout(0.05)
    closing = threading.Event()

    def serve() -> None:
        while not closing.is_set():
            try:
                connection, _ = ear.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                with suppress(OSError):
                    talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield ear.getsockname()[1]
    finally:
        closing.set()
        thread.join()
        ear.close()


def answering(said: bytes, heard: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    """Hears one request and answers."""

    def talk(connection: socket.socket) -> None:
        request = b""
        while not request.endswith(BODY):  # what is not read would break the answer off
            request += connection.recv(65_536)
        if heard is not None:
            heard.append(request)
        connection.sendall(said)

    return talk


# --- Where they go ---------------------------------------------------------------------------------


def test_the_request_goes_to_the_address_that_was_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    heard: list[bytes] = []
    with listening(answering(HELLO, heard)) as port:
        poster = Poster(local=True, resolve=always("127.0.0.1"))
        answer = ask(poster, f"http://subscriber.contoso.com:{port}/api?tenant=1")

    assert answer == Answered(200, "text/plain", b"hello")
    (request,) = heard
    assert request.startswith(b"POST /api?tenant=1 HTTP/1.1\r\n")
    assert f"\r\nhost: subscriber.contoso.com:{port}\r\n".encode() in request.lower()
    assert b"authorization" not in request.lower()
    assert b"cookie" not in request.lower()


INSIDE = [
    *(["10.0.0.1"], ["169.254.169.254"], ["127.0.0.1"], ["::1"]),
    *(["8.8.8.8", "10.0.0.1"], ["not an address"], []),
]


@pytest.mark.parametrize("found", INSIDE, ids=str)
def test_a_host_with_any_address_inside_is_not_asked(found: list[str]) -> None:
    with pytest.raises(AddressForbidden):
        ask(Poster(resolve=always(*found)), "https://subscriber.contoso.com/")


def test_a_name_is_looked_up_once_so_a_second_answer_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    asked: list[str] = []

    async def connect(self: Poster, target: httpx.URL, address: str, *_: object) -> Answered:
        asked.append(address)
        return Answered(200, "text/plain", b"")

    monkeypatch.setattr(Poster, "_ask", connect)
    ask(Poster(resolve=lambda _host, _port: next(answers)), "https://rebinding.contoso.com/")
    assert asked == ["8.8.8.8"]


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8/", "ftp://8.8.8.8/", "//8.8.8.8/", "8.8.8.8", "https://", "file:///etc"]
)
def test_only_https_is_spoken(url: str) -> None:
    with pytest.raises(AddressForbidden):
        ask(Poster(resolve=always("8.8.8.8")), url)


@pytest.mark.parametrize(
    "url",
    ["https://u:p@contoso.com/", "https://contoso.com/#a", "https://contoso.com:99999/", "https://[::1/"],
)
def test_urls_that_say_too_much_or_cannot_be_read_are_refused(url: str) -> None:
    with pytest.raises(AddressForbidden):
        ask(Poster(local=True, resolve=always("8.8.8.8")), url)


def test_even_where_this_machine_may_be_asked_others_need_tls() -> None:
    with pytest.raises(AddressForbidden):
        ask(Poster(local=True, resolve=always("8.8.8.8")), "http://contoso.com/")


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://localhost/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_other_spellings_of_this_machine_are_seen_through(url: str) -> None:
    with pytest.raises(AddressForbidden):
        ask(Poster(), url)


@settings(max_examples=examples(50))
@given(st.text() | st.from_regex(r"https://[^/]*/.*"))
def test_whatever_is_written_is_an_address_or_refused(text: str) -> None:
    with pytest.raises(Unheard):
        ask(Poster(resolve=always("10.0.0.1")), text)


def test_redirects_are_not_followed() -> None:
    heard: list[bytes] = []
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(moved, heard)) as port:
        answer = ask(Poster(local=True), f"http://127.0.0.1:{port}/")
    assert (answer.status, len(heard)) == (307, 1)


def test_the_next_address_is_tried_where_nobody_listens() -> None:
    with listening(answering(HELLO)) as port:
        poster = Poster(local=True, resolve=always("::1", "127.0.0.1"))
        assert ask(poster, f"http://subscriber.contoso.com:{port}/").status == 200


def test_a_host_that_nobody_knows_is_not_reached() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unheard):
        ask(Poster(resolve=unknown), "https://nowhere.invalid/")


def test_where_nobody_listens_nobody_hears() -> None:
    with pytest.raises(Unheard):
        ask(Poster(local=True), "http://127.0.0.1:9/")


# --- How long they take, and how much is read ------------------------------------------------------


def drip(connection: socket.socket) -> None:
    """Says one letter of a header at a time."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(500):
        connection.sendall(b"x")
        time.sleep(0.02)


def silence(connection: socket.socket) -> None:
    """Says nothing."""
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize("talk", [drip, silence])
def test_whoever_talks_too_slowly_is_not_listened_to(talk: Callable[[socket.socket], None]) -> None:
    with listening(talk) as port:
        begun = time.monotonic()
        with pytest.raises(TooSlow):
            ask(Poster(local=True), f"http://127.0.0.1:{port}/", seconds=0.3)
        assert time.monotonic() - begun < 5


def test_a_directory_that_does_not_answer_is_not_waited_for() -> None:
    let_go = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        let_go.wait(5)
        return ["8.8.8.8"]

    with pytest.raises(TooSlow):
        ask(Poster(resolve=slow), "https://contoso.com/", seconds=0.1)
    let_go.set()


def test_a_program_that_ends_does_not_wait_for_a_directory() -> None:
    """Nor does a lookup that is under way keep others from theirs; what fails is told to whoever asked."""
    program = (
        "import time\n"
        "from letterbook.adapters.webhooks.posting import Poster\n"
        "from letterbook.application.heralding import AddressForbidden, TooSlow\n"
        "def resolve(host, port):\n"
        "    if host == 'slow.contoso.com':\n"
        "        time.sleep(60)\n"
        "    raise OSError('unknown')\n"
        "poster = Poster(resolve=resolve)\n"
        "for host, kind in (('slow', TooSlow), ('other', AddressForbidden)):\n"
        "    try:\n"
        "        poster.post(f'https://{host}.contoso.com/', b'', 'text/plain', 0.2)\n"
        "    except kind:\n"
        "        print(host)\n"
        "poster.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=40)
    assert done.stdout.split() == ["slow", "other"], done.stderr


def test_who_closes_waits_for_nobody() -> None:
    """Neither for what is on its way nor for what somebody asks after that."""
    let_go, heard = threading.Event(), threading.Event()

    def silent(_connection: socket.socket) -> None:
        heard.set()
        let_go.wait(5)

    poster = Poster(local=True)
    with listening(silent) as port, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(poster.post, f"http://127.0.0.1:{port}/", BODY, "application/json", 30.0)
        assert heard.wait(5)
        poster.close()
        with pytest.raises(GivenUp):
            asked.result(3)
        with pytest.raises(GivenUp):
            poster.post(f"http://127.0.0.1:{port}/", BODY, "application/json", 30.0)
        let_go.set()


def test_no_more_of_an_answer_is_read_than_is_needed() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 3_000_000
    with listening(answering(endless)) as port:
        answer = ask(Poster(local=True), f"http://127.0.0.1:{port}/")
    assert len(answer.body) == LONGEST_ANSWER


def test_what_is_no_http_is_no_answer() -> None:
    with listening(answering(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")) as port, pytest.raises(Unheard):
        ask(Poster(local=True), f"http://127.0.0.1:{port}/")


# --- Certificates ----------------------------------------------------------------------------------


def certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A certificate for these names that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def behind_tls(file: Path) -> Callable[[socket.socket], None]:
    """The same answer to whoever finishes the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as safe:
            answering(HELLO)(safe)

    return talk


def trusting(file: Path) -> Callable[[], ssl.SSLContext]:
    """Trusts this certificate alone."""
    return lambda: ssl.create_default_context(cafile=str(file))


def test_the_certificate_is_checked_for_the_name_not_the_number(tmp_path: Path) -> None:
    file = certificate(tmp_path, x509.DNSName("subscriber.contoso.com"))
    with listening(behind_tls(file)) as port:
        for host, good in (("subscriber.contoso.com", True), ("other.contoso.com", False)):
            poster = Poster(local=True, resolve=always("127.0.0.1"), make_context=trusting(file))
            if good:
                assert ask(poster, f"https://{host}:{port}/").status == 200
            else:
                with pytest.raises(Unheard):
                    ask(poster, f"https://{host}:{port}/")


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    file = certificate(tmp_path, x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    with listening(behind_tls(file)) as port, pytest.raises(Unheard):
        ask(Poster(local=True), f"https://127.0.0.1:{port}/")
