"""Links to the next page: a place in an order, signed so that it fits only the query it was made for."""

import base64
import hmac
from collections.abc import Sequence
from uuid import UUID

from pydantic_core import from_json, to_json

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.option_values import AS_OF
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
    """What a page token says; refuses one that was not made here, for this query."""
    try:
        return unseal(call, _bound(call), token)
    except ValueError:
        raise _not_ours() from None


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
    """A page token that only this query can be continued with."""
    return seal(call, _bound(call), payload)


def _bound(call: Call) -> bytes:
    """The query that a page belongs to."""
    given = call.options.given
    query = [call.request.path.lower(), given.get("$filter", ""), given.get("$orderby", "")]
    query += [given[name] for name in ("$search", AS_OF) if name in given]
    return b"page\0" + to_json([call.mailbox.hex, *query])


def seal(call: Call, bound: bytes, payload: bytes) -> str:
    """A token that holds a payload and fits only what it is bound to; it can stand in a URL as it is."""
    raw = _signature(call, bound, payload) + payload
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unseal(call: Call, bound: bytes, token: str) -> bytes:
    """The payload of a token. Raises ``ValueError`` for one that was not made here, bound to the same."""
    raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(call, bound, payload)):
        raise ValueError("not made here, or for something else")
    return payload


def _signature(call: Call, bound: bytes, payload: bytes) -> bytes:
    return hmac.digest(call.engine.store.secret, bound + payload, "sha256")[:_SIGNATURE]
