"""The scopes that a token can hold, as somebody writes them: in any case, by name or by URI."""

from collections.abc import Iterable

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
_OF_APPS = frozenset({"Mail.ReadBasic.All"})
_OF_PEOPLE = frozenset({"Mail.Read.Shared", "Subscription.Read.All", "User.Read", "User.ReadWrite"})
"""There is no such permission of the other kind (*Permissions reference*)."""
_BY_NAME = {name.lower(): name for name in KNOWN}


def usual(*, app: bool) -> str:
    """What a token allows unless somebody says otherwise."""
    return _USUAL_OF_APPS if app else USUAL


def read_scopes(said: str, *, app: bool) -> str:
    """Scopes by their own names, each once, in the order in which they were said. Raises ``ValueError``."""
    named = (scope for word in said.replace(",", " ").split() for scope in _meant(word, app=app))
    if scopes := list(dict.fromkeys(named)):
        return " ".join(scopes)
    raise ValueError("No scope is named.")


def _meant(word: str, *, app: bool) -> Iterable[str]:
    name = word.lower().removeprefix(_RESOURCE)
    if name == _ALL:
        return sorted(KNOWN - (_OF_PEOPLE if app else _OF_APPS))
    if name not in _BY_NAME:
        raise ValueError(f"Nothing asks for the scope '{word}'. There are: {', '.join(sorted(KNOWN))}.")
    return (_BY_NAME[name],)
