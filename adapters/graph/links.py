"""Links to the next page: a place in an order, signed so that it fits only the query it was made for."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from pydantic_core import from_json, to_json

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call
from letterbook.application.querying import Order, Place
from letterbook.application.rows import Leaf

_SIGNATURE = 16


def next_link(call: Call, shown: Sequence[Leaf], *seen: int) -> str:
    """The URL of the page behind the messages ``shown``: what the request asked for, continued.

    A search also says how many messages were ``seen`` by then.
    """
    if _one_way(call.options.order):
        last = shown[-1]
        token = sealed(call, to_json([[*last.place, *seen], last.name.hex()]))
        query = call.options.link(skiptoken=token, skip="")
    else:
        query = call.options.link(skip=str(call.options.skip + len(shown)))
    return call.link(query)


def _one_way(order: tuple[Order, ...]) -> bool:
    """Whether a place can be found by one comparison: every part of the order runs the same way."""
    return len({each.descending for each in order}) == 1


def opened(call: Call, token: str) -> bytes:
    """What a token says; refuses one that was not made here, for this query."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise _not_ours() from None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(call, payload)):
        raise _not_ours()
    return payload


def _not_ours() -> errors.GraphError:
    return errors.bad_request("The $skiptoken is not valid for this request.")


def place_of(call: Call, token: str) -> Place:
    """The place behind a page token; refuses one that was not made here, for this query."""
    try:
        values, message = from_json(opened(call, token))
        return Place(tuple(values), UUID(message))
    except (ValueError, TypeError):
        raise _not_ours() from None


def sealed(call: Call, payload: bytes) -> str:
    """A token that only this query can be continued with."""
    return base64.urlsafe_b64encode(_signature(call, payload) + payload).rstrip(b"=").decode()


def _signature(call: Call, payload: bytes) -> bytes:
    given = call.options.given
    query = [call.request.scope["path"].lower(), given.get("$filter", ""), given.get("$orderby", "")]
    query += [given["$search"]] if "$search" in given else []
    bound = to_json([call.mailbox.hex, *query]) + payload
    return hmac.new(call.engine.store.secret, b"page\0" + bound, sha256).digest()[:_SIGNATURE]
