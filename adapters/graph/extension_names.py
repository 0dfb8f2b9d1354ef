"""What open extensions are called: by their name, or by the id that Graph makes from it."""

_TODAY = "microsoft.graph.openTypeExtension."
_PREFIXES = (_TODAY.lower(), "microsoft.outlookservices.opentypeextension.")
"""What ids begin with, in lower case; the other one is in older samples (*Get openTypeExtension*)."""


def extension_id(name: str) -> str:
    """The id that Graph makes from the name of an open extension."""
    return f"{_TODAY}{name}"


def plain_name(asked: str) -> str:
    """The name in an id, or the name itself."""
    return next((asked[len(each) :] for each in _PREFIXES if asked.lower().startswith(each)), asked)
