"""The scopes that a token can hold, as somebody writes them: in any case, by name or by URI."""

import re
from collections.abc import Iterable
from typing import NamedTuple

KNOWN = frozenset(
    {
        "Directory.Read.All",
        "Mail.Advanced.ReadWrite",
        "Mail.Read",
        "Mail.Read.Shared",
        "Mail.ReadBasic",
        "Mail.ReadBasic.All",
        "Mail.ReadWrite",
        "Mail.Send",
        "MailboxSettings.Read",
        "MailboxSettings.ReadWrite",
        "Subscription.Read.All",
        "User.Read",
        "User.Read.All",
        "User.ReadBasic.All",
        "User.ReadWrite",
        "User.ReadWrite.All",
    }
)
"""Every scope that some route asks for."""
USUAL = "Mail.ReadWrite Mail.Send User.Read"
"""What a person's token usually allows: writing, sending, and asking who one is."""
_USUAL_OF_APPS = "Mail.ReadWrite Mail.Send"

_RESOURCE = "https://graph.microsoft.com/"
_ALL = ".default"
"""Stands for all that was consented to (Microsoft identity platform: *Scopes and permissions*)."""
_OF_SIGNING_IN = frozenset({"email", "offline_access", "openid", "profile"})
"""What programs ask for beside permissions (there: *OpenID Connect scopes*); it opens nothing."""
_OF_OTHERS = frozenset({"Mail.ReadBasic.Shared", "Mail.ReadWrite.Shared", "Mail.Send.Shared"})
"""Graph has them for what others share, which nobody does here: no route asks for them."""
_OF_APPS = frozenset({"Mail.ReadBasic.All"})
_OF_PEOPLE = _OF_OTHERS | {"Mail.Read.Shared", "Subscription.Read.All", "User.Read", "User.ReadWrite"}
"""There is no such permission of the other kind (*Permissions reference*)."""
_BY_NAME = {name.lower(): name for name in KNOWN | _OF_OTHERS}
_PERMISSION = re.compile(r"(?!mail(?:boxsettings)?\.)[a-z-]+(?:\.[a-z-]+)+", re.IGNORECASE | re.ASCII)
"""A name as Graph's permissions have. Those about mail are all known: another is mistyped."""


class Scopes(NamedTuple):
    """Scopes by their own names, each once, in the order in which they were said."""

    known: tuple[str, ...]
    foreign: tuple[str, ...]
    """Permissions of Graph that open nothing here."""


def usual(*, app: bool) -> str:
    """What a token allows unless somebody says otherwise."""
    return _USUAL_OF_APPS if app else USUAL


def read_scopes(said: str, *, app: bool) -> Scopes:
    """What somebody has written. Raises ``ValueError`` where it can be no permission of Graph."""
    known, foreign = dict[str, None](), dict[str, None]()
    for word in said.replace(",", " ").split():
        name = word[len(_RESOURCE) :] if word.lower().startswith(_RESOURCE) else word
        if meant := _meant(name.lower(), app=app):
            known |= dict.fromkeys(meant)
        elif _PERMISSION.fullmatch(name):
            foreign[name] = None
        elif name.lower() not in _OF_SIGNING_IN:
            raise ValueError(f"Nothing asks for the scope '{word}'. {_there_are()}")
    return Scopes(tuple(known), tuple(foreign))


def _meant(name: str, *, app: bool) -> Iterable[str]:
    if name == _ALL:
        return sorted(KNOWN - (_OF_PEOPLE if app else _OF_APPS))
    return (_BY_NAME[name],) if name in _BY_NAME else ()


def _there_are() -> str:
    return f"There are: {', '.join(sorted(KNOWN))}."


def check_useful(scopes: Scopes, *, app: bool) -> None:
    """Raises ``ValueError`` for scopes that no program can have, or that open nothing."""
    if app and (wrong := sorted(_OF_PEOPLE.intersection(scopes.known))):
        raise ValueError(f"There is no such application permission: {', '.join(wrong)}.")
    if not scopes.known:
        raise ValueError(f"No scope is named that anything asks for. {_there_are()}")
