"""What one request may cost: nobody else waits for it, and nothing is lost behind its answer."""

import pytest

from letterbook.adapters.graph.options import LONGEST, read_options
from tests.graph.client import Graph

ITEM = "#microsoft.graph.itemAttachment"


def test_an_expand_of_blanks_is_read_once(alex: Graph) -> None:
    """The pattern gives nothing back: blanks are not tried in two places."""
    for blanks in (10, 1_000, LONGEST - 20):
        query = "$expand=attachments" + "+" * blanks + "!"
        alex.refused("GET", f"/me/messages?{query}", status=400, code="BadRequest")


@pytest.mark.parametrize("option", ["$expand", "$select", "$orderby", "$filter"])
def test_an_option_has_a_longest_length(alex: Graph, option: str) -> None:
    """Far beyond what anybody writes."""
    alex.refused("GET", f"/me/messages?{option}={'a' * (LONGEST + 1)}", status=400, code="BadRequest")


def test_a_path_of_a_thousand_steps_is_no_filter(alex: Graph) -> None:
    """Whatever the parser makes of it."""
    path = "/".join("a" * 2_000)
    alex.refused("GET", f"/me/messages?$filter={path} eq 1", status=400, code="InefficientFilter")


def test_an_expand_can_leave_the_bytes_out(alex: Graph) -> None:
    """``$expand=attachments($select=name,size)``."""
    (expand,) = read_options(b"$expand=attachments($select=name,%20size)", beta=False).expand
    assert expand.members == frozenset({"name", "size"})
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    made = alex.post("/me/messages", json={"attachments": [file]}).json()
    shown = alex.get(f"/me/messages/{made['id']}?$expand=attachments($select=name,size)").json()
    (attachment,) = shown["attachments"]
    assert set(attachment) == {"@odata.type", "@odata.mediaContentType", "id", "name", "size"}


def test_a_flag_needs_dates_that_are_dates(alex: Graph) -> None:
    """So that somebody can be reminded."""
    flag = {"flagStatus": "flagged", "startDateTime": {"dateTime": "soon", "timeZone": "UTC"}}
    alex.refused("POST", "/me/messages", json={"flag": flag}, status=400, code="RequestBodyRead")


def test_thousands_of_mentions_are_refused_at_once(alex: Graph) -> None:
    """Before anybody is looked up."""
    mentions = [{"mentioned": {"address": f"p{number}@contoso.com"}} for number in range(20_000)]
    to = [{"emailAddress": {"address": "meganb@contoso.com"}}]
    body = {"toRecipients": to, "mentions": mentions}
    alex.refused("POST", "/beta/me/messages", json=body, status=400, code="ErrorInvalidArgument")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/me/messages", "mentionsPreview"),
        ("/me/messages", "unsubscribeEnabled"),
        ("/me/mailFolders", "wellKnownName"),
        ("/me/messages/{draft}/attachments", "sourceUrl"),
    ],
)
def test_v1_selects_nothing_that_only_beta_has(alex: Graph, path: str, name: str) -> None:
    query = f"{path.format(draft=alex.draft()['id'])}?$select={name}"
    alex.refused("GET", query, 400, "RequestBroker--ParseUri")
    assert alex.beta.get(query).status_code == 200
