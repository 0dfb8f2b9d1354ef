"""Pages in browsers ask the Graph face from wherever they come, and whoever likes asks with HEAD."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from letterbook import open_book
from letterbook.adapters.graph.doorstep import METHODS, Doorstep
from letterbook.adapters.graph.limits import Limits
from tests.graph.client import ALEX, BASE, Client, Graph, InProcess
from tests.looping import Conversations

PAGE = "https://mail.contoso.com"


def preflight(graph: Graph, method: str, *headers: str, path: str = "/me/messages") -> httpx.Response:
    """What a browser asks before a page may ask: without a token."""
    said = {"Origin": PAGE, "Access-Control-Request-Method": method}
    if headers:
        said["Access-Control-Request-Headers"] = ", ".join(headers)
    request = graph.http.build_request("OPTIONS", f"/v1.0{path}", headers=said)
    return graph.loop.run(graph.http.ask(request))


def words(answer: httpx.Response, header: str) -> set[str]:
    """The words of a list in a header, in lower case."""
    return {word.strip().lower() for word in answer.headers[header].split(",")}


@pytest.mark.parametrize("method", METHODS)
def test_a_page_may_ask_in_any_way_that_is_understood(nobody: Graph, method: str) -> None:
    wanted = ("authorization", "content-type", "prefer", "sdkversion", "consistencylevel", "if-match")
    answer = preflight(nobody, method, *wanted)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert method.lower() in words(answer, "access-control-allow-methods")
    assert words(answer, "access-control-allow-headers") == set(wanted)
    assert "access-control-allow-credentials" not in answer.headers


def test_in_no_other_way(nobody: Graph) -> None:
    assert preflight(nobody, "TRACE").status_code == 400


def test_a_public_page_does_not_reach_into_a_private_network(nobody: Graph) -> None:
    said = {"Access-Control-Request-Private-Network": "true", "Access-Control-Request-Method": "GET"}
    request = nobody.http.build_request("OPTIONS", "/v1.0/me", headers=said | {"Origin": PAGE})
    answer = nobody.loop.run(nobody.http.ask(request))

    assert answer.status_code == 400
    assert "access-control-allow-private-network" not in answer.headers


def test_a_page_reads_answers_and_what_their_headers_say(alex: Graph) -> None:
    answer = alex.saying(Origin=PAGE).get("/me/messages")

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    shown = words(answer, "access-control-expose-headers")
    assert shown >= {"request-id", "client-request-id", "location", "preference-applied", "retry-after"}
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_reads_errors_too(nobody: Graph) -> None:
    page = nobody.saying(Origin=PAGE)

    page.refused("GET", "/me/messages", 401, "InvalidAuthenticationToken")
    assert page.get("/me/messages").headers["access-control-allow-origin"] == "*"


def test_a_page_reads_that_it_asked_too_much(loop: Conversations) -> None:
    with open_book(":memory:", deliver=False, throttle=Limits(requests=1)) as book:
        book.add_user(ALEX, name="Alex Wilber")
        said = {"Authorization": f"Bearer {book.token(ALEX)}", "Origin": PAGE}
        http = Client(InProcess(book.asgi()))
        asked = [http.build_request("GET", "/v1.0/me/messages", headers=said) for _ in range(2)]
        answers = [loop.run(http.ask(each)) for each in asked]
        loop.run(http.aclose())

    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["access-control-allow-origin"] == "*"


def test_nobody_else_hears_of_it(alex: Graph) -> None:
    answer = alex.get("/me/messages")

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_options_without_a_page_is_no_method(alex: Graph) -> None:
    alex.refused("OPTIONS", "/me/messages", 405, "BadRequest")


# --- HEAD ------------------------------------------------------------------------------------------

EVERYWHERE = ["/v1.0/me/messages", "/v1.0/me/messages/$count", "/beta/$metadata", "/openapi.json", "/docs"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_head_says_what_get_says_but_for_the_body(alex: Graph, path: str) -> None:
    whole, head = alex.get(f"{BASE}{path}"), alex.request("HEAD", f"{BASE}{path}")

    ids = {"request-id", "client-request-id"}
    assert head.status_code == whole.status_code == 200
    assert {k: v for k, v in head.headers.items() if k not in ids} == {
        k: v for k, v in whole.headers.items() if k not in ids
    }
    assert int(head.headers["content-length"]) == len(whole.content) > 0


def test_the_body_is_left_out_here_whatever_carries_the_answer(loop: Conversations) -> None:
    said = list[Message]()

    async def face(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"length", b"7")]})
        await send({"type": "http.response.body", "body": scope["method"].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"more"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        said.append(message)

    loop.run(Doorstep(face)({"type": "http", "method": "HEAD", "headers": []}, receive, send))
    assert said == [
        {"type": "http.response.start", "status": 200, "headers": [(b"length", b"7")]},
        {"type": "http.response.body", "body": b"", "more_body": True},
        {"type": "http.response.body", "body": b""},
    ]


def test_head_asks_for_a_token_like_get(nobody: Graph) -> None:
    assert nobody.request("HEAD", "/me/messages").status_code == 401


def test_there_is_no_head_of_what_cannot_be_got(alex: Graph) -> None:
    assert alex.request("HEAD", "/me/sendMail").status_code == 405
