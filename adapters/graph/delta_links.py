"""Links for whoever follows what changes: a spot in the history, sealed.

A token holds everything that was asked for at first, as Graph's do: what is asked for again beside it is
passed over. It is bound to the mailbox and the folder, however a path spells them.
"""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.links import seal, unseal
from letterbook.adapters.graph.option_values import AS_OF
from letterbook.adapters.graph.options import read_options
from letterbook.application.following import Spot
from letterbook.application.querying import Place

LONGEST = 4096
"""Characters of all options together: they travel in the token, which has to fit into a URL."""

_ASKED = ("$select", "$top", "$expand", "$filter", "$orderby", "changeType", "includeHiddenFolders")
_NEXT, _LAST = "$skiptoken", "$deltatoken"


class Followed(NamedTuple):
    """What is followed: things of a type in a folder."""

    of: str
    folder: UUID


def opened(call: Call, followed: Followed) -> Spot | None:
    """The spot that the request comes from, ``None`` for a first one; its options are those of the first."""
    options = call.options
    if options.skiptoken and options.deltatoken:
        raise errors.bad_request("Only one of $skiptoken and $deltatoken can be given.")
    if options.skiptoken:
        return _unsealed(call, followed, _NEXT, options.skiptoken)
    if options.deltatoken and options.deltatoken.lower() != "latest":
        return _unsealed(call, followed, _LAST, options.deltatoken)
    if len(_query(call)) > LONGEST:
        raise errors.bad_request("The query options are too long for change tracking.")
    return None


def link_on(call: Call, followed: Followed, spot: Spot) -> tuple[str, str]:
    """The link that goes on from a spot, and what it is called: to the next page, or to the next round."""
    word = _LAST if spot.is_end else _NEXT
    token = seal(call, _bound(call, followed, word), _written(spot, _query(call)))
    where = "" if spot.is_end else _pinned(call)
    return "@odata.deltaLink" if spot.is_end else "@odata.nextLink", call.link(f"{word}={token}{where}")


def fresh_link(call: Call) -> str:
    """Where to begin anew with the same options: the link has an empty token."""
    return call.link("&".join([*([_query(call)] if _query(call) else []), f"{_LAST}="]) + _pinned(call))


def _pinned(call: Call) -> str:
    """The earlier position that is asked about, if it is one: the next page is of the same."""
    pinned = call.options.given.get(AS_OF)
    return f"&{AS_OF}={pinned}" if pinned else ""


def _query(call: Call) -> str:
    """What the first request asked for, as a query."""
    given = {name: value for name, value in call.options.given.items() if name in _ASKED}
    return replace(call.options, given=given).link()


def _bound(call: Call, followed: Followed, word: str) -> bytes:
    return b"delta\0" + to_json([word, call.mailbox.hex, followed.of, followed.folder.hex])


def _written(spot: Spot, query: str) -> bytes:
    place = [spot.place.values, spot.place.message.hex] if spot.place else None
    return to_json([spot.until, spot.version, spot.after, place, spot.told, query])


def _unsealed(call: Call, followed: Followed, word: str, token: str) -> Spot:
    try:
        payload = unseal(call, _bound(call, followed, word), token)
    except ValueError:
        raise errors.bad_request(f"The {word} is not valid for this request.") from None
    until, version, after, place, told, query = from_json(payload)
    pinned = {name: value for name, value in call.options.given.items() if name == AS_OF}
    options = read_options(query.encode(), beta=call.beta, of=followed.of, tracks=True)
    call.options = replace(options, given={**options.given, **pinned})
    if call.basic and call.options.expand:
        raise errors.forbidden()
    where = Place(tuple(place[0]), UUID(place[1])) if place else None
    return Spot(until=until, version=version, after=after, place=where, told=told)
