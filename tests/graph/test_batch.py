"""$batch: many requests in one, each answered as if it had come alone."""

import base64
import json
from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, to

Part = dict[str, Any]
JSON = {"Content-Type": "application/json"}


def part(number: int | str, method: str, url: str, **said: Any) -> Part:
    """One request of a batch."""
    return {"id": str(number), "method": method, "url": url, **said}


def write(number: int | str, method: str, url: str, body: object, **said: Any) -> Part:
    """One request of a batch that writes."""
    return part(number, method, url, headers=JSON, body=body, **said)


def answers(graph: Graph, *parts: Part) -> dict[str, Any]:
    """The answers to a batch, by id."""
    answer = graph.post("/$batch", json={"requests": list(parts)})
    assert answer.status_code == 200, answer.text
    responses = answer.json()["responses"]
    assert sorted(each["id"] for each in responses) == sorted(each["id"] for each in parts)
    for each in responses:
        assert isinstance(each["status"], int)
        assert isinstance(each["headers"], dict)
    return {each["id"]: each for each in responses}


def statuses(graph: Graph, *parts: Part) -> list[int]:
    """How each part of a batch went."""
    found = answers(graph, *parts)
    return [found[each["id"]]["status"] for each in parts]


# --- One of many -----------------------------------------------------------------------------------


def test_each_part_is_answered_as_if_it_had_come_alone(alex: Graph) -> None:
    draft = alex.draft()["id"]
    found = answers(
        alex,
        part(1, "GET", "/me/mailFolders/inbox"),
        part(2, "GET", f"/me/messages/{draft}?$select=subject"),
        part(3, "GET", "/me/messages/x"),
        write(4, "POST", "/me/messages", {"subject": "In a batch"}),
        part(5, "DELETE", f"/me/messages/{draft}"),
    )
    assert found["1"]["body"] == alex.read("/me/mailFolders/inbox")
    assert found["1"]["headers"]["Content-Type"].partition(";")[0] == "application/json"
    assert found["2"]["body"]["subject"] == "A draft"
    assert (found["3"]["status"], found["3"]["body"]["error"]["code"]) == (400, "ErrorInvalidIdMalformed")
    assert (found["4"]["status"], found["4"]["body"]["subject"]) == (201, "In a batch")
    assert found["4"]["headers"]["Location"].endswith(f"/messages('{found['4']['body']['id']}')")
    assert (found["5"]["status"], "body" in found["5"]) == (204, False)


@pytest.mark.parametrize(
    "url",
    [
        "/me/messages",
        "me/messages",
        "/v1.0/me/messages",
        "/V1.0/Me/Messages/",
        f"{BASE}/v1.0/me/messages",
        "HTTPS://Graph.Microsoft.com:443/v1.0/me/messages",
        "http://graph.microsoft.com/v1.0/me/messages",
        f"/users/{ALEX}/messages",
        "/me/mailFolders('drafts')/messages?$filter=subject eq 'A draft'&$top=1",
        "/me/messages?%24filter=startswith(subject%2C%20'A')",
    ],
)
def test_urls_are_written_in_many_ways(alex: Graph, url: str) -> None:
    draft = alex.draft()["id"]
    found = answers(alex, part(1, "get", url))["1"]
    assert (found["status"], [each["id"] for each in found["body"]["value"]]) == (200, [draft])


def test_the_version_is_that_of_the_batch_unless_a_url_says_another(alex: Graph) -> None:
    draft = alex.draft()["id"]
    urls = (f"/me/messages/{draft}", f"/v1.0/me/messages/{draft}", f"{BASE}/beta/me/messages/{draft}")
    shown = [answers(alex.beta, part(1, "GET", url))["1"]["body"] for url in urls]
    assert ["unsubscribeData" in each for each in shown] == [True, False, True]


def test_links_in_a_part_are_those_of_the_request(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=str(number))
    found = answers(alex, part(1, "GET", "/me/messages?$top=2"))["1"]["body"]
    rest = alex.read(found["@odata.nextLink"])
    assert [len(page["value"]) for page in (found, rest)] == [2, 1]


def test_a_part_has_headers_of_its_own(alex: Graph) -> None:
    draft = alex.draft(body={"contentType": "html", "content": "<p>Pizza?</p>"})["id"]
    url = f"/me/messages/{draft}"
    found = answers(
        alex,
        part(1, "GET", url, headers={"Prefer": 'outlook.body-content-type="text"'}),
        part(2, "GET", url),
        part(3, "DELETE", url, headers={"if-match": 'W/"somebody-was-faster"'}),
    )
    assert [found[n]["body"]["body"]["contentType"] for n in "12"] == ["text", "html"]
    assert found["1"]["headers"]["Preference-Applied"] == 'outlook.body-content-type="text"'
    assert found["3"]["status"] == 412


def test_who_asks_is_the_same_for_all_parts(alex: Graph) -> None:
    hers = {"Authorization": f"Bearer {alex.book.token(MEGAN)}"}
    found = answers(alex, part(1, "GET", "/me/messages", headers=hers))["1"]
    assert str(alex.book.mailbox(ALEX).id) in found["body"]["@odata.context"]
    reader = alex.holding(alex.book.token(ALEX, "Mail.Read"))
    assert statuses(reader, part(1, "GET", "/me/messages"), write(2, "POST", "/me/messages", {})) == [
        200,
        403,
    ]


def test_an_application_can_ask_about_many_people(robot: Graph) -> None:
    urls = [f"/users/{who}/messages" for who in (ALEX, MEGAN, "danas@contoso.com")] + ["/me/messages"]
    assert statuses(robot, *(part(n, "GET", url) for n, url in enumerate(urls))) == [200, 200, 404, 400]


def test_what_is_no_json_is_base64(alex: Graph) -> None:
    draft = alex.draft()["id"]
    found = answers(
        alex, part(1, "GET", f"/me/messages/{draft}/$value"), part(2, "GET", "/me/messages/$count")
    )
    mime = alex.get(f"/me/messages/{draft}/$value").content
    assert base64.b64decode(found["1"]["body"]) == mime
    assert base64.b64decode(found["2"]["body"]) == b"1"
    assert found["2"]["headers"]["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("times", [1, 2])
def test_mime_is_read_as_it_is_or_encoded_once_more(alex: Graph, times: int) -> None:
    body = b"To: adelev@contoso.com\r\nSubject: From MIME\r\n\r\nHello"
    for _ in range(times):
        body = base64.b64encode(body)
    said = part(1, "POST", "/me/messages", headers={"Content-Type": "text/plain"}, body=body.decode())
    found = answers(alex, said)["1"]
    assert (found["status"], found["body"]["subject"]) == (201, "From MIME")


def test_empty_answers_have_no_body(alex: Graph) -> None:
    letter = {"message": {"subject": "Lunch", "toRecipients": to(ADELE)}}
    found = answers(alex, write(1, "POST", "/me/sendMail", letter))["1"]
    assert (found["status"], "body" in found) == (202, False)
    draft = alex.draft()["id"]
    assert statuses(alex, write(1, "POST", f"/me/messages/{draft}/send", {})) == [202]


# --- One after the other ---------------------------------------------------------------------------


def test_a_part_waits_for_those_it_depends_on(alex: Graph) -> None:
    made = write(1, "POST", "/me/mailFolders", {"displayName": "Project"})
    found = answers(
        alex,
        made,
        write(2, "POST", "/me/mailFolders", {"displayName": "Plans"}, dependsOn=["1"]),
        part(3, "GET", "/me/mailFolders?$top=50", dependsOn=["1", "2"]),
    )
    names = {folder["displayName"] for folder in found["3"]["body"]["value"]}
    assert {"Project", "Plans"} <= names


def test_a_part_whose_forerunner_failed_is_not_asked(alex: Graph) -> None:
    found = answers(
        alex,
        write(1, "POST", "/me/mailFolders", {"displayName": "Inbox"}),
        write(2, "POST", "/me/mailFolders", {"displayName": "Project"}, dependsOn=["1"]),
        write(3, "POST", "/me/mailFolders", {"displayName": "Plans"}, dependsOn=["2"]),
        write(4, "POST", "/me/mailFolders", {"displayName": "Lunch"}),
    )
    assert [found[n]["status"] for n in "1234"] == [409, 424, 424, 201]
    error = found["2"]["body"]["error"]
    assert (error["code"], "'1'" in error["message"]) == ("FailedDependency", True)
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    names = {folder["displayName"] for folder in alex.values("/me/mailFolders?$top=50")}
    assert names & {"Project", "Plans", "Lunch"} == {"Lunch"}


def test_a_part_that_fails_does_not_undo_the_others(alex: Graph) -> None:
    parts = [write(n, "POST", "/me/mailFolders", {"displayName": "Project"}) for n in range(3)]
    assert sorted(statuses(alex, *parts)) == [201, 409, 409]


def test_what_clients_write_besides_is_passed_over(alex: Graph) -> None:
    said = part(1, "GET", "/me/messages", depends_on=[], atomicityGroup="g1", dependsOn=None, headers=None)
    assert statuses(alex, said) == [200]
    assert alex.post("/$batch", json={"requests": [said | {"id": 7}]}).json()["responses"][0]["id"] == "7"


def test_twenty_parts_are_a_batch(alex: Graph) -> None:
    parts = [write(n, "POST", "/me/messages", {"subject": f"Draft {n}"}) for n in range(20)]
    assert statuses(alex, *parts) == [201] * 20
    assert alex.get("/me/messages/$count").text == "20"
    alex.refused(
        "POST", "/$batch", 400, "BadRequest", json={"requests": [*parts, part(20, "GET", "/me/messages")]}
    )


# --- What is refused -------------------------------------------------------------------------------

GET = part(1, "GET", "/me/messages")
MALFORMED: list[object] = [
    [],
    [GET, GET],
    [GET | {"id": ""}],
    [{"id": "1", "method": "GET"}],
    [{"id": "1", "url": "/me/messages"}],
    [{"method": "GET", "url": "/me/messages"}],
    [GET | {"method": 7}],
    [GET | {"headers": ["Prefer"]}],
    [GET | {"headers": {"Prefer": 1}}],
    [GET | {"dependsOn": "2"}],
    [GET | {"dependsOn": ["2"]}],
    [GET | {"dependsOn": ["1"]}],
    [GET | {"dependsOn": ["2"]}, GET | {"id": "2"}],
    [part(1, "POST", "/me/messages", body={"subject": "x"})],
    [part(1, "POST", "/me/messages", headers=JSON)],
    [part(1, "PATCH", "/me/messages/x")],
    [GET, write(2, "POST", "/me/messages", {"subject": "x"}), part(3, "POST", "/me/messages/x/send")],
    ["GET /me/messages"],
    {"1": GET},
    None,
]


@pytest.mark.parametrize("requests", MALFORMED, ids=[json.dumps(each)[:60] for each in MALFORMED])
def test_a_malformed_batch_is_refused_whole(alex: Graph, requests: object) -> None:
    answer = alex.post("/$batch", json={"requests": requests})
    alex.refused("POST", "/$batch", 400, answer.json()["error"]["code"], json={"requests": requests})
    assert answer.json()["error"]["code"] in ("BadRequest", "RequestBodyRead")


def test_graphs_words_for_a_write_without_content(alex: Graph) -> None:
    for said, message in (
        (
            part("a", "POST", "/me/messages", body={}),
            "Write request with id 'a' does not contain a Content-Type header.",
        ),
        (
            part("a", "POST", "/me/messages", headers=JSON),
            "Write request id : a does not contain Content-Type header or body.",
        ),
        (GET | {"dependsOn": ["9"]}, "Invalid dependency for request Id: 1."),
    ):
        assert alex.refused("POST", "/$batch", 400, "BadRequest", json={"requests": [said]}) == message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"requests": 7}'])
def test_what_is_no_batch_is_refused(alex: Graph, body: bytes) -> None:
    answer = alex.post("/$batch", content=body, headers=JSON)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"url": "/$batch"}, 400),
        ({"url": f"{BASE}/v1.0/$batch/"}, 400),
        ({"url": "https://somewhere.else/v1.0/me/messages"}, 400),
        ({"url": f"{BASE}:8443/v1.0/me/messages"}, 400),
        ({"url": f"{BASE}:99999/v1.0/me/messages"}, 400),
        ({"url": "http://[/me"}, 400),
        ({"url": ""}, 400),
        ({"url": "/me/nonsense"}, 400),
        ({"url": "/me/messages%00"}, 400),
        ({"url": "/users/ä/messages"}, 404),
        ({"headers": {"X-Split\r\nX": "y"}}, 400),
        ({"headers": {"X-Split": "y\r\nAuthorization: none"}}, 400),
        ({"method": "PURGE"}, 405),
        ({"method": "HEAD"}, 405),
    ],
)
def test_a_part_that_makes_no_sense_is_refused_alone(alex: Graph, said: Part, status: int) -> None:
    found = answers(alex, GET | said, part(2, "GET", "/me/messages"))
    assert [found[n]["status"] for n in "12"] == [status, 200]
    assert found["1"]["body"]["error"]["code"]


def test_a_batch_inside_a_batch_is_refused(alex: Graph) -> None:
    inner = write(1, "POST", "/$batch", {"requests": [write(1, "POST", "/me/messages", {})]})
    found = answers(alex, inner)["1"]
    assert (found["status"], found["body"]["error"]["message"]) == (400, "A batch cannot hold another batch.")
    assert alex.values("/me/messages") == []


def test_a_batch_needs_a_token(nobody: Graph, alex: Graph) -> None:
    nobody.refused("POST", "/$batch", 401, "InvalidAuthenticationToken", json={"requests": [GET]})
    stranger = alex.holding(alex.book.token("danas@contoso.com"))
    assert statuses(stranger, GET) == [404]


def test_a_batch_is_posted(alex: Graph) -> None:
    alex.refused("GET", "/$batch", 405, "BadRequest")


# --- What else can be asked ------------------------------------------------------------------------


def test_a_letter_is_answered_and_filed_in_one_batch(alex: Graph, megan: Graph) -> None:
    megan.sent(subject="Lunch?", toRecipients=to(ALEX))
    alex.book.deliver()
    (letter,) = alex.values("/me/mailFolders/inbox/messages")
    path = f"/me/messages/{letter['id']}"
    found = answers(
        alex,
        write(1, "POST", f"{path}/reply", {"comment": "Yes"}),
        write(2, "POST", f"{path}/createForward", {"toRecipients": to(ADELE)}, dependsOn=["1"]),
        write(3, "POST", f"{path}/move", {"destinationId": "archive"}, dependsOn=["2"]),
        write(4, "POST", f"{path}/move", {"destinationId": "nowhere"}, dependsOn=["2"]),
    )
    assert [found[number]["status"] for number in "123"] == [202, 201, 201]
    assert "body" not in found["1"]
    assert found["2"]["body"]["subject"] == "FW: Lunch?"
    assert 400 <= found["4"]["status"] < 500
    alex.book.deliver()
    assert [got["subject"] for got in megan.values("/me/mailFolders/inbox/messages")] == ["RE: Lunch?"]
    assert [got["subject"] for got in alex.values("/me/mailFolders/archive/messages")] == ["Lunch?"]


def piece(number: int, url: str, data: bytes, start: int, end: int, **said: Any) -> Part:
    """The request of a batch that uploads some bytes of a file."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Range": f"bytes {start}-{end - 1}/{len(data)}",
    }
    body = base64.b64encode(data[start:end]).decode()
    return part(number, "PUT", url, headers=headers, body=body, **said)


def test_a_file_is_uploaded_and_read_in_batches(alex: Graph) -> None:
    data = bytes(range(256)) * 12_500
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    item = {"attachmentType": "file", "name": "flower", "size": len(data)}
    began = answers(alex, write(1, "POST", f"{path}/createUploadSession", {"AttachmentItem": item}))["1"]
    assert began["status"] == 201
    url, half = began["body"]["uploadUrl"], len(data) // 2
    found = answers(
        alex, piece(1, url, data, 0, half), part(2, "GET", url, dependsOn=["1"]), part(3, "GET", f"{url}x")
    )
    assert [found[number]["status"] for number in "123"] == [200, 200, 401]
    assert found["2"]["body"]["nextExpectedRanges"] == [f"{half}-{len(data) - 1}"]
    last = piece(1, url, data, half, len(data))
    assert statuses(alex, last, part(2, "GET", url, dependsOn=["1"])) == [201, 404]
    (file,) = alex.values(f"{path}?$select=id,name,size")
    read = answers(alex, part(1, "GET", f"{path}/{file['id']}/$value"))["1"]
    assert base64.b64decode(read["body"]) == data


def test_an_answer_that_is_read_while_it_is_sent_fits_into_a_batch(alex: Graph) -> None:
    draft = alex.draft()["id"]
    content = base64.b64encode(b"flower" * 450_000).decode()
    for name in ("one", "two"):
        file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentBytes": content}
        alex.made(f"/me/messages/{draft}/attachments", file)
    found = answers(alex, part(1, "GET", f"/me/messages/{draft}/attachments"))["1"]
    assert [file["contentBytes"] for file in found["body"]["value"]] == [content, content]


def test_the_url_of_an_upload_opens_nothing_else(alex: Graph) -> None:
    url = "/users/x/messages/y/attachmentSessions/z?authtoken=wrong"
    found = answers(alex, part(1, "GET", url), part(2, "GET", "/$metadata"))
    assert found["1"]["status"] in (400, 401)
    assert found["2"]["status"] == 200
