"""Names of folders as names of files, and back."""

import re
from hashlib import sha256
from urllib.parse import unquote

_UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
"""What no file system, or not each, takes in a name; and the sign that stands for it."""
_LONGEST = 200
"""Bytes of a file's name, with room for what comes behind it."""


def file_name(name: str) -> str:
    """A name that every file system takes; different names stay different."""
    safe = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)
    if len(safe.encode("utf-8", "replace")) <= _LONGEST:
        return safe
    cut = safe.encode("utf-8", "replace")[: _LONGEST - 10].decode("utf-8", "ignore")
    return f"{cut}~{sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def folder_name(name: str) -> str:
    """The name that was made into a file's; another program's stays as it is."""
    meant = unquote(name, errors="replace")
    return meant if file_name(meant) == name else name
