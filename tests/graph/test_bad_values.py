"""Values of the right type that Graph refuses all the same; none leaves a trace in any history."""

import pytest

from tests.graph.client import ALEX, Graph, error_in, state_of

UNREAD = (400, "RequestBodyRead")


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


# --- Headers, flags, extensions --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Subject", "List-Unsubscribe", "y-header", "", "X_custom", "Bcc"])
def test_headers_that_are_not_custom_are_refused(alex: Graph, name: str) -> None:
    headers = [{"name": name, "value": "x"}]
    said = {"internetMessageHeaders": headers}
    alex.refused("POST", "/me/messages", 400, "InvalidInternetMessageHeader", json=said)
    path = f"/me/messages/{alex.draft()['id']}"
    alex.refused("PATCH", path, 400, "InvalidInternetMessageHeader", json=said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-a", "b\r\nBcc: all@contoso.com"),
        ("x-a", "b\nBcc: all@contoso.com"),
        ("x-a", "b\rBcc: all@contoso.com"),
        ("x-a", "b\0c"),
        ("x-a\r\nBcc", "all@contoso.com"),
        ("x-a: b", "c"),
        ("x-a b", "c"),
        ("x-ä", "c"),
    ],
)
def test_headers_that_smuggle_are_refused(alex: Graph, name: str, value: str) -> None:
    said = {"internetMessageHeaders": [{"name": name, "value": value}]}
    alex.refused("POST", "/me/messages", 400, "InvalidInternetMessageHeader", json=said)


def test_six_headers_are_too_many_and_five_are_not(alex: Graph) -> None:
    headers = [{"name": f"x-{number}", "value": "x"} for number in range(6)]
    six = {"internetMessageHeaders": headers}
    alex.refused("POST", "/me/messages", 400, "InvalidInternetMessageHeaderCollection", json=six)
    draft = alex.draft(internetMessageHeaders=headers[:5])
    shown = alex.read(f"/me/messages/{draft['id']}?$select=internetMessageHeaders")
    assert shown["internetMessageHeaders"] == headers[:5]


def test_a_due_date_needs_a_start(alex: Graph) -> None:
    due = {"dateTime": "2023-09-01T17:00:00", "timeZone": "Eastern Standard Time"}
    said = {"flag": {"flagStatus": "flagged", "dueDateTime": due}}
    alex.refused("POST", "/me/messages", 400, "ErrorInvalidArgument", json=said)
    path = f"/me/messages/{alex.draft()['id']}"
    alex.refused("PATCH", path, 400, "ErrorInvalidArgument", json=said)
    said["flag"]["startDateTime"] = due
    assert alex.changed(path, said)["flag"]["flagStatus"] == "flagged"


@pytest.mark.parametrize(
    "value", ["1e400", "-1e400", "NaN", "Infinity", "[1e400]", '{"deep":[-Infinity]}', "[" * 60 + "]" * 60]
)
def test_values_that_could_not_be_read_again_are_refused(alex: Graph, value: str) -> None:
    path = f"/me/messages/{alex.draft()['id']}/extensions"
    said = f'{{"extensionName":"com.contoso.x","value":{value}}}'
    before = alex.values(path)
    answer = alex.post(path, content=said, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert alex.values(path) == before


_NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "[-1e999]")
_EVENT = '{"@odata.type":"#microsoft.graph.event","location":{"coordinates":{"latitude":%s}}}'
_ITEM = '{"@odata.type":"#microsoft.graph.itemAttachment","name":"x","item":' + _EVENT + "}"


@pytest.mark.parametrize("number", _NO_NUMBERS)
@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "{}/attachments", _ITEM),
        ("POST", "{}/extensions", '{"extensionName":"com.contoso.x","theme":%s}'),
        ("POST", "/me/messages", '{"subject":"x","extensions":[{"extensionName":"x","n":%s}]}'),
        ("POST", "/me/messages", '{"attachments":[' + _ITEM + "]}"),
        ("PATCH", "{}", '{"singleValueExtendedProperties":[{"id":"Integer 0x1","value":%s}]}'),
        ("PATCH", "{}", '{"isRead":%s}'),
        ("PATCH", "/me/mailboxSettings", '{"timeZone":%s}'),
        ("PATCH", "/me/mailboxSettings", '{"workingHours":{"startTime":%s}}'),
        ("POST", "/me/mailFolders/inbox/messageRules", '{"displayName":"x","sequence":%s}'),
        ("POST", "/me/mailFolders", '{"displayName":%s}'),
    ],
)
def test_what_is_no_number_is_said_nowhere(
    alex: Graph, method: str, path: str, said: str, number: str
) -> None:
    where, body = path.format(f"/me/messages/{alex.draft()['id']}"), said % number
    alex = alex.holding(alex.book.token(ALEX, "Mail.ReadWrite MailboxSettings.ReadWrite"))
    before = state_of(alex.book)
    kind = {"Content-Type": "application/json"}
    answer = alex.request(method, where, content=body, headers=kind)
    assert answer.status_code == 400, answer.text
    assert error_in(answer)["code"] in ("BadRequest", "RequestBodyRead", "ErrorInvalidArgument")
    part = f'{{"id":"1","method":"{method}","url":"{where}","headers":{{"Content-Type":"application/json"}},'
    batch = f'{{"requests":[{part}"body":{body}}}]}}'
    answer = alex.post("/$batch", content=batch, headers=kind)
    assert answer.status_code == 400 or answer.json()["responses"][0]["status"] == 400, answer.text
    assert state_of(alex.book) == before


def test_words_that_are_no_numbers_may_be_said(alex: Graph) -> None:
    extension = {"extensionName": "com.contoso.x", "NaN": "Infinity"}
    draft = alex.draft(subject="NaN, -Infinity", extensions=[extension])
    assert (draft["subject"], draft["extensions"][0]["NaN"]) == ("NaN, -Infinity", "Infinity")


@pytest.mark.parametrize("name", ["", None, "a/b", "x" * 129])
def test_an_extension_needs_a_name_that_can_be_found(alex: Graph, name: str | None) -> None:
    path = f"/me/messages/{alex.draft()['id']}/extensions"
    before = alex.values(path)
    extension = {"extensionName": name, "theme": "dark"}
    assert alex.post(path, json=extension).status_code == 400
    assert alex.post("/me/messages", json={"extensions": [extension]}).status_code == 400
    assert alex.values(path) == before


# --- Folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", [{"displayName": 5}, {"displayName": "x", "isHidden": "no"}, {"colour": "red"}]
)
def test_a_folder_with_a_wrong_type_is_refused(alex: Graph, said: object) -> None:
    alex.refused("POST", "/me/mailFolders", *UNREAD, json=said)


@pytest.mark.parametrize("said", [{}, {"displayName": ""}, {"displayName": "  "}, {"displayName": None}])
def test_a_folder_needs_a_name(alex: Graph, said: object) -> None:
    alex.refused("POST", "/me/mailFolders", 400, "ErrorInvalidArgument", json=said)
