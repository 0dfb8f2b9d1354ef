"""What can be said to answers beside their message: a comment; to a forward, to whom it goes."""

import pytest

from tests.graph.client import MEGAN, Graph, to

UNREAD = (400, "RequestBodyRead")


@pytest.mark.parametrize("name", ["toRecipients", "ToRecipients"])
@pytest.mark.parametrize("action", ["reply", "replyAll", "createReply", "createReplyAll"])
def test_a_reply_does_not_say_to_whom_it_goes(alex: Graph, action: str, name: str) -> None:
    path = f"/me/messages/{alex.sent()['id']}/{action}"
    for people in (to(MEGAN), [], None):
        text = alex.lasting.refused("POST", path, *UNREAD, json={"comment": "Yes", name: people})
        assert text.startswith("The parameter 'toRecipients' in the request payload is not a valid parameter")


@pytest.mark.parametrize("action", ["reply", "createReplyAll", "forward", "createForward"])
def test_an_answer_takes_no_other_parameter(alex: Graph, action: str) -> None:
    path = f"/me/messages/{alex.sent()['id']}/{action}"
    for people in (to(MEGAN), None):
        said = {"message": {"toRecipients": to(MEGAN)}, "ccRecipients": people}
        assert "'ccRecipients'" in alex.lasting.refused("POST", path, *UNREAD, json=said)


@pytest.mark.parametrize("action", ["forward", "createForward"])
def test_a_forward_goes_to_somebody(alex: Graph, action: str) -> None:
    path = f"/me/messages/{alex.sent()['id']}/{action}"
    assert alex.lasting.post(path, json={"comment": "Yes", "toRecipients": to(MEGAN)}).is_success
    alex.lasting.refused("POST", path, *UNREAD, json={"comment": "Yes", "toRecipients": None})
