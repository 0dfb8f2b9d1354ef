"""The requests and answers that the documents print, and how ours are compared with theirs."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]

GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_ID = r"A[A-Za-z0-9_-]{3,}=*"

MADE_BY_THE_SERVER = {
    "@odata.context": rf"https://graph\.microsoft\.com/(v1\.0|beta)/\$metadata#users\('{GUID}'\)/messages/\$entity",
    "@odata.id": rf"https://graph\.microsoft\.com/beta/users\('{GUID}@{GUID}'\)/messages\('{_ID}'\)(/mentions\('{GUID}'\))?",
    "@odata.etag": r'W/"[A-Za-z0-9+/]+={0,2}"',
    "id": rf"({_ID}|{GUID})",
    "createdDateTime": _MOMENT,
    "lastModifiedDateTime": _MOMENT,
    "receivedDateTime": _MOMENT,
    "sentDateTime": _MOMENT,
    "serverCreatedDateTime": _MOMENT.replace("Z", r"\.\d\d\dZ"),
    "changeKey": r"[A-Za-z0-9+/]+={0,2}",
    "internetMessageId": r"<[^<>@\s]+@[^<>@\s]+>",
    "parentFolderId": _ID,
    "conversationId": _ID,
    "conversationIndex": r"[A-Za-z0-9+/]+={0,2}",
    "webLink": r"https://outlook\.office365\.com/owa/\?ItemID=[A-Za-z0-9_%-]+&exvsurl=1&viewmodel=ReadMessageItem",
}
"""What only a server can say, and the form it must have."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request of a document and the answer it prints."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any

    def said(self) -> Json:
        """The arguments that say the sample's body to an HTTP client."""
        if self.body is None:
            return {"headers": self.headers}
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return {"headers": self.headers, "content": text}


def samples() -> dict[str, Sample]:
    """Every sample by its name."""
    listed = json.loads((Path(__file__).parent / "wire.json").read_text("utf-8"))["samples"]
    return {each["name"]: _sample(each["request"], each["response"]) for each in listed}


def _sample(request: Json, response: Json) -> Sample:
    return Sample(
        method=request["method"],
        path=request["url"].removeprefix("https://graph.microsoft.com"),
        headers=request["headers"],
        body=request["body"],
        status=response["status"],
        answer=response["body"],
    )


def differences(ours: Any, theirs: Any, *, cut: bool = False, but: Iterable[str] = ()) -> list[str]:
    """Where our answer is not what the document prints, member by member.

    What a server makes up is compared by its form, all else to the letter. In a ``cut`` sample only the
    members it has count, and ``but`` names members that the caller compares by itself.
    """
    left_out = frozenset(but)
    found = [f"{name} is missing" for name in theirs if name not in ours and name not in left_out]
    if not cut:
        found += [f"{name} is too many" for name in ours if name not in theirs and name not in left_out]
    shared = [name for name in theirs if name in ours and name not in left_out]
    return found + [wrong for name in shared for wrong in _difference(name, ours[name], theirs[name])]


def _difference(name: str, ours: Any, theirs: Any) -> list[str]:
    if name in MADE_BY_THE_SERVER:
        form = MADE_BY_THE_SERVER[name]
        return [] if re.fullmatch(form, str(ours)) else [f"{name}: {ours!r} has not the form {form}"]
    if isinstance(theirs, list) and theirs and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
        return [f"{name}: {wrong}" for one, other in pairs for wrong in differences(one, other)]
    return [] if json.dumps(ours) == json.dumps(theirs) else [f"{name}: {ours!r} is not {theirs!r}"]


def is_empty(answer: httpx.Response) -> bool:
    """Whether an answer has no body and announces none."""
    length = answer.headers.get("content-length", "0")
    return answer.content == b"" and length == "0" and "content-type" not in answer.headers


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that is an error."""
    return answer.status_code, answer.json()["error"]["code"]
