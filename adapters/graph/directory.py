"""The people of a store: ``/me``, ``/users`` and ``/users/{id}``, as far as a mail client looks at them."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser
from starlette.responses import Response

from letterbook.adapters.graph import errors, odata, settings
from letterbook.adapters.graph.answers import collection, entity
from letterbook.adapters.graph.aside import aside
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.links import opened, sealed
from letterbook.adapters.graph.lists import Shown, chosen, context, counted
from letterbook.adapters.graph.option_values import AS_OF
from letterbook.adapters.graph.tenant import TENANT
from letterbook.application.engine import Engine
from letterbook.application.ports import Visitor
from letterbook.application.rows import PersonRow
from letterbook.domain.refusals import MailboxUnknown

EVERYONE = frozenset({"User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"})
"""Scopes that show all people."""
PROFILE = EVERYONE | {"User.Read", "User.ReadWrite"}
"""Scopes that show whoever asks."""
SETTINGS = frozenset({"MailboxSettings.Read", "MailboxSettings.ReadWrite"})

_PAGE = 100
_LARGEST_PAGE = 999


def person_asked(engine: Engine, visitor: Visitor, asked: str | None) -> PersonRow:
    """Who is looked at: oneself, or with a scope for it, anybody."""
    if asked is None and visitor.is_app:
        raise errors.not_me()
    who = asked or visitor.subject
    try:
        found = engine.person(who)
    except MailboxUnknown:
        raise _missing(who) if asked else errors.no_mailbox() from None
    if not visitor.is_app and not visitor.scopes & EVERYONE and not _is(found, visitor.subject):
        raise _denied()
    return found


def _is(person: PersonRow, subject: str) -> bool:
    return subject.casefold() in (person.address.casefold(), str(person.mailbox))


def _missing(who: str) -> errors.GraphError:
    return errors.GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{who[:200]}' does not exist or one of its queried reference-property objects are not "
        "present.",
    )


def _denied() -> errors.GraphError:
    return errors.GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


# --- What is shown ---------------------------------------------------------------------------------


def _shown(person: PersonRow) -> Shown:
    """What Graph shows of a user unless asked for more; of what a mailbox does not know, nothing."""
    return {
        "businessPhones": [],
        "displayName": person.name,
        "givenName": None,
        "jobTitle": None,
        "mail": person.address,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userPrincipalName": person.address,
        "id": str(person.mailbox),
    }


def _more(person: PersonRow) -> Shown:
    """What Graph shows only to those who select it."""
    return {
        "accountEnabled": True,
        "mailNickname": person.address.partition("@")[0],
        "otherMails": [],
        "proxyAddresses": [f"SMTP:{person.address}"],
        "userType": "Member",
    }


def _selected(call: Call, person: PersonRow) -> Shown:
    shown = _shown(person)
    if call.options.select:
        shown = chosen(call, shown | _more(person))
    return {"@odata.id": f"{call.root}/users/{person.mailbox}@{TENANT}", **shown} if call.beta else shown


async def get(call: Call) -> Response:
    """GET U."""
    shown = _selected(call, call.person)
    if "mailboxSettings" in call.options.select:
        shown["mailboxSettings"] = _settings(call)
    return call.json(entity(context(call, "users", single=True), shown))


def _settings(call: Call) -> Shown:
    """The settings of a mailbox that the visitor may open."""
    own = call.visitor.is_app or _is(call.person, call.visitor.subject)
    if not own or not call.visitor.scopes & SETTINGS:
        raise errors.forbidden()
    return settings.settings_object(call, call.engine.mailbox(call.mailbox).preferences)


# --- The list --------------------------------------------------------------------------------------


async def list_(call: Call) -> Response:
    """GET /users, by name; filtered, searched, in pages."""
    given = call.options.given
    if "mailboxSettings" in call.options.select:
        raise errors.kept_elsewhere()
    if "$skip" in given:
        raise errors.bad_request("'$skip' is not supported by the service.")
    people = await _people(call)
    people.sort(key=lambda person: (person.name.casefold(), person.address), reverse=_reversed(given))
    start, size = _start(call), _size(call)
    page = [_selected(call, person) for person in people[start : start + size]]
    more: Shown = {"@odata.count": len(people)} if call.options.count else {}
    if start + size < len(people):
        token = sealed(call, str(start + size).encode())
        more["@odata.nextLink"] = call.link(call.options.link(skiptoken=token))
    return call.json(collection(context(call, "users"), page, **more))


async def count(call: Call) -> Response:
    """GET /users/$count."""
    return counted(await _people(call))


async def _people(call: Call) -> list[PersonRow]:
    """Those who are wanted."""
    everybody = call.engine.people
    is_past = AS_OF in call.options.given  # then each has a history to look at
    return list(filter(_wanted(call), await aside(everybody) if is_past else everybody()))


def _size(call: Call) -> int:
    size = call.options.top if "$top" in call.options.given else _PAGE
    if size > _LARGEST_PAGE:
        raise errors.GraphError(
            400,
            "Request_UnsupportedQuery",
            f"Invalid page size specified: '{size}'. Must be between 1 and {_LARGEST_PAGE} inclusive.",
        )
    return size


def _start(call: Call) -> int:
    return int(opened(call, call.options.skiptoken)) if call.options.skiptoken else 0


_ORDER = re.compile(r"\s*displayname(?:\s+(asc|desc))?\s*", re.IGNORECASE)


def _reversed(given: dict[str, str]) -> bool:
    order = _ORDER.fullmatch(given.get("$orderby", "displayName"))
    if order is None:
        raise _unsupported("Sorting not supported for current query.")
    return (order[1] or "").lower() == "desc"


def _unsupported(message: str) -> errors.GraphError:
    return errors.GraphError(400, "Request_UnsupportedQuery", message)


# --- Who is wanted ---------------------------------------------------------------------------------

Wanted = Callable[[PersonRow], bool]

_UNKNOWN = ("givenname", "jobtitle", "mobilephone", "officelocation", "preferredlanguage", "surname")
"""What a mailbox does not know of anybody: it is shown as null, and no text is like it."""
_READ: dict[str, Callable[[PersonRow], str | None]] = {
    **dict.fromkeys(_UNKNOWN, lambda _: None),
    "displayname": lambda person: person.name,
    "mail": lambda person: person.address,
    "userprincipalname": lambda person: person.address,
    "mailnickname": lambda person: person.address.partition("@")[0],
    "id": lambda person: str(person.mailbox),
}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "eq": str.__eq__,
    "ne": str.__ne__,
}


def _wanted(call: Call) -> Wanted:
    given = call.options.given
    chosen_by_filter = _filter(given["$filter"]) if "$filter" in given else _anybody
    if "$search" not in given:
        return chosen_by_filter
    if call.request.headers.get("consistencylevel", "").lower() != "eventual":
        raise _unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'"
        )
    found = _search(given["$search"])
    return lambda person: chosen_by_filter(person) and found(person)


def _anybody(_: PersonRow) -> bool:
    return True


def _filter(text: str) -> Wanted:
    try:
        return _condition(ODataParser().parse(ODataLexer().tokenize(odata.spelled(text))))
    except (ODataException, RecursionError):
        raise _unsupported("Invalid filter clause.") from None


def _condition(node: Any) -> Wanted:
    match node:
        case ast.BoolOp(op=op, left=left, right=right):
            one, other = _condition(left), _condition(right)
            if isinstance(op, ast.And):
                return lambda person: one(person) and other(person)
            return lambda person: one(person) or other(person)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _condition(operand)
            return lambda person: not inner(person)
        case ast.Compare(comparator=ast.Eq(), left=ast.Identifier(name=name), right=ast.String(val=value)):
            return _test("eq", name, value)
        case ast.Compare(comparator=ast.NotEq(), left=ast.Identifier(name=name), right=ast.String(val=value)):
            return _test("ne", name, value)
        case ast.Compare(comparator=ast.In(), left=ast.Identifier(name=name), right=ast.List(val=values)):
            texts = [value.val for value in values if isinstance(value, ast.String)]
            if len(texts) != len(values):
                raise _unsupported("Unsupported Query.")
            tests = [_test("eq", name, text) for text in texts]
            return lambda person: any(test(person) for test in tests)
        case ast.Call(
            func=ast.Identifier(name="startswith" | "endswith" as how),
            args=[ast.Identifier(name=name), ast.String(val=value)],
        ):
            return _test(how, name, value)
        case _:
            raise _unsupported("Unsupported Query.")


def _test(how: str, name: str, value: str) -> Wanted:
    if name.lower() not in _READ:
        raise errors.unknown_property(name, "user")
    read, test, sought = _READ[name.lower()], _TESTS[how], value.casefold()

    def passes(person: PersonRow) -> bool:
        known = read(person)
        return how == "ne" if known is None else test(known.casefold(), sought)

    return passes


_SEARCHED = re.compile(r'"([A-Za-z]+):([^"]*)"')


def _search(text: str) -> Wanted:
    """Terms like ``"displayName:adele"``, joined by AND and OR: each word of them begins a word."""
    alternatives = re.split(r"\s+OR\s+", text.strip())
    tests = [[_term(each) for each in re.split(r"\s+AND\s+", part)] for part in alternatives]
    return lambda person: any(all(test(person) for test in terms) for terms in tests)


def _term(text: str) -> Wanted:
    term = _SEARCHED.fullmatch(text.strip())
    if term is None or term[1].lower() not in _READ:
        raise _unsupported(f"Syntax error: the search term '{quote(text[:100], safe=' :')}' cannot be read.")
    read, words = _READ[term[1].lower()], _words(term[2])
    return lambda person: all(_begins(word, _words(read(person) or "")) for word in words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _begins(word: str, words: list[str]) -> bool:
    return any(each.startswith(word) for each in words)
