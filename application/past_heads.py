"""Ready answers of messages that were only moved since, or read: those of now, with that put back."""

from functools import lru_cache
from uuid import UUID

from orjson import dumps, loads

from letterbook.application.moments import moment
from letterbook.application.past_lists import Then
from letterbook.application.public_ids import Kind, change_key, public
from letterbook.application.rows import Leaf
from letterbook.application.showing import shown_time, web_link


def leaf_then(now: Leaf, mailbox: UUID, then: Then, place: tuple[str | int, ...]) -> Leaf:
    """A message as it was, and where it stood."""
    name, head, beta, body, tail, _ = now
    return Leaf(name, _head_then(head, mailbox, UUID(bytes=name), then), beta, body, tail, place)


def _head_then(head: bytes, mailbox: UUID, name: UUID, then: Then) -> bytes:
    members = loads(head[:-1] + b"}")
    key, public_id = change_key(mailbox, name, then.revision), public(Kind.MESSAGE, name, then.moves)
    members["@odata.etag"] = f'W/"{key}"'
    members["id"] = public_id
    members["lastModifiedDateTime"] = _shown_second(then.modified // 1_000_000)
    members["changeKey"] = key
    members["parentFolderId"] = _folder_id(then.folder)
    members["isRead"] = bool(then.is_read)
    members["webLink"] = web_link(public_id)
    return dumps(members)[:-1] + b","


@lru_cache(maxsize=1024)
def _shown_second(second: int) -> str:
    return shown_time(moment(second * 1_000_000))


@lru_cache(maxsize=1024)
def _folder_id(folder: bytes) -> str:
    return public(Kind.FOLDER, UUID(bytes=folder))
