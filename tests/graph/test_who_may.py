"""Who may do what: tokens, scopes for every route, and mailboxes that do not see each other."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from letterbook.adapters.graph.routes import BASIC, READ, ROUTES, SEND, WRITE
from letterbook.adapters.graph.routing import Route, spelled_out
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, error_in, state_of, to

GUARDED = [route for route in ROUTES if not route.by_url]
"""The routes that ask for a token; the others are URLs that are keys themselves."""
EVERY_SCOPE = frozenset().union(*(route.scopes for route in GUARDED))


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


# --- Tokens ----------------------------------------------------------------------------------------


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def unsigned(token: str, algorithm: str) -> str:
    """The same claims without a signature."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()).rstrip(b"=")
    return f"{header.decode()}.{token.split('.')[1]}."


def forged(graph: Graph) -> dict[str, str]:
    """Tokens that open nothing, by what is wrong with them."""
    token = graph.book.token(ALEX)
    claims, secret = claims_of(token), graph.book.engine.store.secret

    def signed(**changes: Any) -> str:
        return jwt.encode(claims | changes, secret, "HS256")

    head, body, signature = token.split(".")
    return {
        "expired": graph.book.token(ALEX, lifetime=timedelta(seconds=-1)),
        "another secret": jwt.encode(claims, "another secret that is long enough", "HS256"),
        "no algorithm": unsigned(token, "none"),
        "no algorithm, louder": unsigned(token, "None"),
        "no signature": f"{head}.{body}.",
        "another algorithm": jwt.encode(claims, secret.hex() * 2, "HS512"),
        "another audience": signed(aud="https://outlook.office365.com"),
        "another issuer": signed(iss="somebody"),
        "not yet": signed(nbf=claims["exp"] - 60),
        "no end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, secret, "HS256"),
        "an end of text": signed(exp="never"),
        "no subject": signed(sub=""),
        "nonsense": "nonsense",
        "three parts of nonsense": "a.b.c",
        "too long": "x" * 20_000,
        "another body": f"{head}.{base64.urlsafe_b64encode(b'{}').decode()}.{signature}",
        "half": token[: len(token) // 2],
    }


def test_tokens_that_are_not_good_open_nothing(alex: Graph) -> None:
    for wrong, token in forged(alex).items():
        for method, path in (("GET", "/me/messages"), ("POST", "/me/messages"), ("POST", "/me/sendMail")):
            stranger = alex.holding(token)
            stranger.refused(method, path, 401, "InvalidAuthenticationToken", json={"subject": wrong})


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer ", "Basic YWxleDpzZWNyZXQ=", "Token x", "\xff"])
def test_without_a_token_nothing_opens(nobody: Graph, said: str | None) -> None:
    headers = {} if said is None else {"Authorization": said.encode("latin-1")}
    said_back = nobody.refused("GET", "/me/messages", 401, "InvalidAuthenticationToken", headers=headers)
    assert said_back == "Access token is empty."


def test_a_refused_token_is_challenged_but_not_asked_for_claims(nobody: Graph) -> None:
    challenge = nobody.get("/me/messages").headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert "claims" not in challenge


def test_without_a_token_a_path_is_not_even_looked_at(nobody: Graph) -> None:
    for path in ("/me/nonsense", "/v9.9/me", "/"):
        nobody.refused("GET", path, 401, "InvalidAuthenticationToken")


def test_the_word_bearer_may_be_written_in_any_case(nobody: Graph) -> None:
    token = nobody.book.token(ALEX)
    for word in ("bearer", "BEARER", "Bearer  "):
        assert nobody.saying(Authorization=f"{word} {token}").get("/me/messages").status_code == 200


def test_a_token_of_somebody_without_a_mailbox_opens_none(alex: Graph) -> None:
    stranger = alex.holding(alex.book.token("danas@contoso.com"))
    for path in ("/me/messages", f"/users/{ALEX}/messages", "/users/danas@contoso.com/messages"):
        stranger.refused("GET", path, 404, "MailboxNotEnabledForRESTAPI")
    stranger.refused("POST", "/me/messages", 404, "MailboxNotEnabledForRESTAPI", json={"subject": "x"})


# --- Scopes ----------------------------------------------------------------------------------------


def example_of(route: Route) -> str:
    """A path of a route, with keys that need not name anything."""
    return "/" + next(spelled_out(route.path)).replace("{message}", "x").replace("{folder}", "inbox")


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_asks_for_its_scopes(alex: Graph, route: Route) -> None:
    path, beta = example_of(route), alex.beta
    beta.holding(None).refused(route.method, path, 401, "InvalidAuthenticationToken", json={})
    others = " ".join(sorted((EVERY_SCOPE | {"User.Read", "Calendars.ReadWrite"}) - route.scopes))
    lacking = beta.holding(alex.book.token(ALEX, others))
    lacking.refused(route.method, path, 403, "ErrorAccessDenied", json={})
    lacking.holding(alex.book.token(ALEX, "")).refused(route.method, path, 403, "ErrorAccessDenied", json={})
    robot = lacking.holding(alex.book.token("a-daemon", others, app=True))
    robot.refused(route.method, path.replace("/me/", f"/users/{ALEX}/"), 403, "ErrorAccessDenied", json={})


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_any_one_scope_of_a_route_is_enough(alex: Graph, route: Route) -> None:
    for scope in route.scopes:
        holder = alex.beta.holding(alex.book.token(ALEX, scope))
        assert holder.request(route.method, example_of(route), json={}).status_code not in (401, 403, 405)


def test_the_scopes_are_those_of_graphs_pages() -> None:
    table = {(route.method, route.path): route.scopes for route in GUARDED}
    for (method, path), scopes in table.items():
        if path.endswith(("/send", "/sendMail", "/reply", "/replyAll", "/forward", "/unsubscribe")):
            assert scopes == SEND, path
        elif (method, path) == ("PATCH", "M"):
            assert scopes == WRITE | {"Mail.Advanced.ReadWrite"}
        elif any(word in path for word in ("mailboxSettings", "masterCategories", "messageRules")):
            writes = frozenset({"MailboxSettings.ReadWrite"})
            assert scopes == (writes | {"MailboxSettings.Read"} if method == "GET" else writes), path
        elif path in ("U", "users", "$batch") or path.startswith(("U/get", "U/translate", "U/outlook/supp")):
            continue  # tests of their own
        elif path.startswith("subscriptions"):
            assert scopes - {"Subscription.Read.All"} == BASIC, path
            assert ("Subscription.Read.All" in scopes) == (method == "GET"), path
        elif method != "GET":
            assert scopes == WRITE, path
        elif "attachments" in path or path.endswith("$value"):
            assert scopes == READ, path
    for path in ("U/messages", "F/messages", "M", "U/mailFolders", "F", "F/childFolders"):
        assert table["GET", path] == BASIC
    assert "Mail.ReadWrite" not in SEND
    assert "Mail.Send" not in WRITE | READ | BASIC


def test_reading_basically_hides_what_the_letter_says(alex: Graph) -> None:
    extension = {"extensionName": "com.contoso.x", "theme": "dark"}
    prop = {"id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color", "value": "Green"}
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGk="}
    draft = alex.draft(
        body={"contentType": "text", "content": "Nobody must see this"},
        extensions=[extension],
        attachments=[file],
        singleValueExtendedProperties=[prop],
    )["id"]
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    property_filter = f"singleValueExtendedProperties($filter=id eq '{prop['id']}')"
    for path in ("/me/messages", f"/me/messages/{draft}", "/me/mailFolders/drafts/messages"):
        for query in ("", "?$select=subject,body,bodyPreview,uniqueBody", "?$select=body"):
            answer = basic.get(path + query)
            assert answer.status_code == 200
            assert "Nobody must" not in answer.text
            (shown,) = answer.json().get("value", [answer.json()])
            assert not {"body", "bodyPreview", "uniqueBody"} & set(shown)
        for expand in ("attachments", "extensions", property_filter):
            basic.refused("GET", f"{path}?$expand={expand}", 403, "ErrorAccessDenied")
            assert alex.get(f"{path}?$expand={expand}").status_code == 200
    wanted = f"id eq '{prop['id']}'"
    found = f"singleValueExtendedProperties/any(p:p/{wanted})"
    for query in (f"$filter=not {found}", f"$filter=extensions/any(f:f/{wanted})"):
        basic.refused("GET", f"/me/messages?{query}", 403, "ErrorAccessDenied")
        basic.refused("GET", f"/me/messages/$count?{query}", 403, "ErrorAccessDenied")
    assert basic.values("/me/messages?$filter=categories/any()") == []
    for query in (
        f"$filter={found}",
        f"$expand={property_filter}",
        f"$expand=childFolders($expand={property_filter})",
    ):
        for path in ("/me/mailFolders", "/me/mailFolders/inbox/childFolders"):
            basic.refused("GET", f"{path}?{query}", 403, "ErrorAccessDenied")
            alex.read(f"{path}?{query}")
    assert basic.values("/me/mailFolders?$filter=displayName eq 'singleValueExtendedProperties'") == []
    assert basic.read(f"/me/messages/{draft}")["subject"] == "A draft"
    for path in ("$value", "attachments", "extensions"):
        basic.refused("GET", f"/me/messages/{draft}/{path}", 403, "ErrorAccessDenied")


def test_reading_in_full_shows_what_the_letter_says(alex: Graph) -> None:
    draft = alex.draft(body={"contentType": "text", "content": "Everybody may"})["id"]
    for scope in ("Mail.Read", "Mail.ReadWrite", "Mail.ReadBasic Mail.Read"):
        reader = alex.holding(alex.book.token(ALEX, scope))
        assert reader.read(f"/me/messages/{draft}")["body"]["content"] == "Everybody may"


# --- Applications ----------------------------------------------------------------------------------


def test_an_application_sees_every_mailbox_and_has_none(robot: Graph, alex: Graph, megan: Graph) -> None:
    for person, address in ((alex, ALEX), (megan, MEGAN)):
        draft = person.draft()["id"]
        assert [each["id"] for each in robot.values(f"/users/{address}/messages")] == [draft]
        said = {"subject": "By a daemon", "toRecipients": to(ADELE)}
        made = robot.lasting.made(f"/users/{address}/messages", said)
        assert robot.post(f"/users/{address}/messages/{made['id']}/send").status_code == 202
        sent = person.read(f"/me/messages/{made['id']}")
        assert sent["from"]["emailAddress"]["address"] == address
    for me in ("/me", "/users/me-token-to-replace", "/users/me"):
        robot.refused("GET", f"{me}/messages", 400, "BadRequest")
    robot.refused("GET", "/users/danas@contoso.com/messages", 404, "ErrorInvalidUser")


def test_what_an_application_did_is_written_down_as_its_doing(robot: Graph) -> None:
    made = robot.made(f"/users/{ALEX}/messages", {"subject": "By a daemon"})
    (begun,) = robot.book.mailbox(ALEX).history(made["id"])
    assert begun.on.actor == "app:a-daemon"


# --- Isolation -------------------------------------------------------------------------------------


def test_mailboxes_do_not_see_each_other(alex: Graph, megan: Graph) -> None:
    alex.draft(subject="Of Alex")
    alex.made("/me/mailFolders", {"displayName": "Of Alex"})
    assert megan.values("/me/messages") == []
    assert megan.read("/me/messages?$count=true")["@odata.count"] == 0
    assert megan.get("/me/messages/$count").text == "0"
    assert "Of Alex" not in [folder["displayName"] for folder in megan.values("/me/mailFolders")]
    assert megan.read("/me/mailFolders/drafts")["totalItemCount"] == 0
    assert megan.read("/me/mailFolders/drafts")["id"] != alex.read("/me/mailFolders/drafts")["id"]


def test_writing_in_one_mailbox_leaves_the_others_alone(alex: Graph, megan: Graph) -> None:
    megan.draft()
    hers = megan.read("/me/messages")["@odata.context"].split("'")[1]
    before = {str(name): head for name, head in state_of(alex.book)[0].items()}[hers]
    alex.sent()
    assert {str(name): head for name, head in state_of(alex.book)[0].items()}[hers] == before


def test_the_error_of_a_refused_token_has_graphs_shape(nobody: Graph) -> None:
    given = "6f666666-4d14-4b0a-8d0e-1b7d36b2c3a1"
    answer = nobody.get("/me/messages", headers={"client-request-id": given})
    assert error_in(answer)["innerError"]["client-request-id"] == given
