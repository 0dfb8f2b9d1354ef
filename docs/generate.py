"""Writes the documents that are made from the code: the catalogue of facts and the life of a message.

``python docs/generate.py`` writes them; with ``--check`` it says which are out of date, and fails if any is.
"""

import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

from pydantic_core import to_jsonable_python

from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.conversation import begin_thread
from letterbook.domain.facts import Fact, Occasion, Value, catalogue
from letterbook.domain.letter import Extension, Flag, FlagStatus, Importance, Letter, ReportAction
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from letterbook.domain.meetings import Earlier, Standing
from letterbook.domain.message import (
    Attach,
    Copy,
    CreateDraft,
    Delete,
    DeletedMessage,
    DeleteForGood,
    Detach,
    Draft,
    Erase,
    ErasedMessage,
    Import,
    Mention,
    Message,
    MessageCommand,
    MessageFact,
    Move,
    NoteDelivery,
    Receive,
    ReceivedMessage,
    RemoveExtension,
    Replace,
    Report,
    Send,
    SentMessage,
    SetExtension,
    Stand,
    Unmention,
    Unsubscribe,
    Update,
    decide,
    fold,
)
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import Refused

DOCS = Path(__file__).resolve().parent
NOTICE = "<!-- Made from the code by `make docs`. Change the code, not this page. -->"

# --- The catalogue of facts ------------------------------------------------------------------------


TABLE = "| field | type | if absent |\n| --- | --- | --- |"


def facts_page() -> str:
    """The catalogue: every fact there is, and every value a fact can hold."""
    kinds = catalogue()
    return "\n".join(
        (
            NOTICE,
            "\n# The facts\n",
            f"Everything that can happen in a mailbox: {len(kinds)} kinds of fact. The stored name is part",
            "of the file format and never changes; the class may be renamed or moved. Every fact has `on`,",
            "the occasion. Of the fields that may be absent, only those that were set are stored.\n",
            *(_section(f"`{kind.stored_name}`", kind) for kind in kinds),
            "# The values in them\n",
            *(_section(f"`{kind.__name__}`", kind) for kind in _values(kinds)),
        )
    )


def _section(title: str, kind: type[Value]) -> str:
    name = f"**{kind.__name__}**: " if issubclass(kind, Fact) else ""
    lines = list(_field_lines(kind))
    fields = "\n".join((TABLE, *lines)) if lines else "Nothing but the occasion."
    return f"## {title}\n\n{name}{_sentence(kind)}\n\n{fields}\n"


def _sentence(kind: type[Any]) -> str:
    return " ".join((inspect.getdoc(kind) or "").replace("``", "`").split())


def _field_lines(kind: type[Value]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        if name != "on":
            absent = "" if field.is_required() else f"`{json.dumps(to_jsonable_python(field.get_default()))}`"
            yield f"| `{name}` | {_shown(field.annotation)} | {absent} |"


def _shown(kind: Any) -> str:
    """A type in plain words: ``tuple of Folder``, ``UUID or None``."""
    parts = get_args(kind)
    if get_origin(kind) is Annotated:
        return _shown(parts[0])
    if get_origin(kind) is tuple:
        return f"list of {_shown(parts[0])}"
    if get_origin(kind) is dict:
        return f"object of {_shown(parts[1])}"
    if get_origin(kind) is Literal:
        return " or ".join(f'`"{word}"`' for word in parts)
    if parts:
        return " or ".join(_shown(each) for each in parts)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(f'`"{word}"`' for word in kind)
    return "None" if kind is NoneType else f"`{kind.__name__}`"


def _values(kinds: Iterable[type[Value]]) -> list[type[Value]]:
    """Every kind of value in the fields of these, and in the fields of those, by name."""
    found: dict[str, type[Value]] = {}
    waiting: list[Any] = [field.annotation for kind in kinds for field in kind.model_fields.values()]
    while waiting:
        each = waiting.pop()
        waiting.extend(get_args(each))
        if isinstance(each, type) and issubclass(each, Value) and each.__name__ not in found:
            if not issubclass(each, Fact):
                found[each.__name__] = each
            waiting.extend(field.annotation for field in each.model_fields.values())
    return [found[name] for name in sorted(found)]


# --- The life of a message -------------------------------------------------------------------------


class Place(NamedTuple):
    """What a message is, and the folder it is in."""

    kind: type[Message] | None
    folder: UUID | None

    @property
    def key(self) -> str:
        """Its name in the diagram."""
        if self.kind in (None, DeletedMessage, ErasedMessage):
            return "[*]"
        assert self.kind is not None, "just looked at"
        return f"{self.kind.__name__}_{WHERE[self.folder].replace(' ', '')}"

    @property
    def label(self) -> str:
        """Its name for readers."""
        where = f"in {WHERE[self.folder]}" if self.folder else "kept nowhere"
        return f"{KINDS[self.kind]} {where}"


MAILBOX = UUID(int=1, version=4)
WHERE: dict[UUID | None, str] = {well_known_id(MAILBOX, name): shown for name, shown, *_ in WELL_KNOWN}
WHERE[None] = "nowhere"
KINDS: dict[type[Message] | None, str] = {
    Draft: "Draft",
    SentMessage: "Sent message",
    ReceivedMessage: "Received message",
}


def _folder(name: str) -> UUID:
    return well_known_id(MAILBOX, name)


AT = datetime(2017, 12, 23, tzinfo=UTC)
ON = Occasion(at=AT, actor="alexw@contoso.com", cause="request:1")
ALEX = EmailAddress(name="Alex Wilber", address="alexw@contoso.com")
ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")
A, B = UUID(int=2, version=4), UUID(int=3, version=4)
LETTER = Letter(subject="Did you see last night's game?", to=(ADELE,))
THREAD = begin_thread(A, AT)


def _file(name: UUID) -> FileAttachment:
    return FileAttachment(
        id=name, name="menu.txt", content_type=None, modified_at=AT, content=Content(inline=b"Lasagna")
    )


def _note(name: str) -> Extension:
    return Extension(name=name, values={"seen": True})


BEGINNING: tuple[MessageCommand, ...] = (
    CreateDraft(
        folder=_folder("drafts"),
        letter=LETTER,
        thread=THREAD,
        attachments=(_file(A),),
        mentions=(Mention(mention_id=A, mentioned=ADELE, created_by=ALEX),),
        extensions=(_note("first"),),
    ),
    Receive(folder=_folder("inbox"), letter=LETTER, thread=THREAD, sent_at=AT),
)
ASKED: tuple[MessageCommand, ...] = (
    Update(changes=Letter(subject="Next week's game")),
    Update(changes=Letter(importance=Importance.HIGH)),
    Mention(mention_id=B, mentioned=ALEX, created_by=ALEX),
    Unmention(A),
    Attach(_file(B)),
    Detach(A),
    Update(is_read=False),
    Update(is_read=True),
    Update(flag=Flag(status=FlagStatus.FLAGGED)),
    Update(categories=("Red category",)),
    SetExtension(_note("second")),
    RemoveExtension("first"),
    Send(owner=ALEX, keep_in=_folder("sentitems")),
    Send(owner=ALEX, keep_in=None),
    NoteDelivery(recipient=ADELE.address, via="mailbox"),
    NoteDelivery(recipient=ADELE.address, failure="550 no such user"),
    Replace(letter=Letter(subject="As MIME")),
    Report(ReportAction.JUNK),
    Unsubscribe(ADELE.address),
    Stand(Standing(earlier=Earlier(message=B, update="fullUpdate"), overtaken_by=B)),
    Delete(bin=_folder("deleteditems"), beyond=_folder("recoverableitemsdeletions")),
    DeleteForGood(),
    Erase("Article 17"),
)
KEPT_AS: tuple[Literal["draft", "sent", "received"], ...] = ("draft", "sent", "received")
HOME: dict[type[Message], str] = {Draft: "drafts", SentMessage: "sentitems", ReceivedMessage: "inbox"}
COPIES = tuple(
    Copy(
        source=A,
        folder=_folder(home),
        original=kind(
            folder=_folder(home),
            letter=LETTER,
            thread=THREAD,
            created_at=AT,
            modified_at=AT,
            received_at=AT,
            sent_at=AT,
        ),
    )
    for kind, home in HOME.items()
)
IMPORTS = tuple(
    Import(
        origin="Inbox.mbox:0",
        folder=_folder(home),
        kind=kind,
        letter=LETTER,
        thread=THREAD,
        received_at=AT,
        sent_at=AT,
    )
    for kind, home in zip(KEPT_AS, HOME.values(), strict=True)
)
Steps = dict[tuple[Place, Place], dict[str, None]]


def walk() -> Steps:
    """Ask everything of a message in every place it can come to, and write down what happens."""
    steps: Steps = {}
    waiting: list[Message | None] = [None]
    seen: set[Place] = set()
    while waiting:
        was = waiting.pop(0)
        if _place(was) in seen:
            continue
        seen.add(_place(was))
        waiting.extend(_step(_furnished(was), ask, steps) for ask in _asked_of(was))
    return steps


def _furnished(message: Message | None) -> Message | None:
    """The message with something on it that can be taken away."""
    return _step(message, SetExtension(_note("first")), {})


def _asked_of(message: Message | None) -> tuple[MessageCommand, ...]:
    if message is None:
        return (*BEGINNING, *COPIES, *IMPORTS)
    home = HOME.get(type(message))
    return (*ASKED, Move(_folder(home))) if home else ASKED


def _step(was: Message | None, ask: MessageCommand, steps: Steps) -> Message | None:
    try:
        facts = decide(was, ask, ON)
    except Refused:
        return was
    for fact in facts:
        state = fold(was, (fact,))
        steps.setdefault((_place(was), _place(state)), {})[type(fact).__name__] = None
        was = state
    return was


def _place(message: Message | None) -> Place:
    return Place(type(message), message.folder) if message else Place(None, None)


def life_page() -> str:
    """The life of a message: where it can go, and what can happen on the way."""
    steps = walk()
    return "\n".join(
        (
            NOTICE,
            "\n# The life of a message\n",
            "Made by asking the real rules everything of a message in every place it can come to: each arrow",
            "is a fact that takes it elsewhere. (`Moved` can take a message to any folder; drawn are the way",
            "to the bin and the way home.)\n",
            *_diagram(steps),
            "\n## What can happen where it is\n",
            "These facts leave a message where it is. A draft can be rewritten; what left or arrived is for",
            "ever, and only its owner's marks change.\n",
            *_staying(steps),
            "",
        )
    )


def _diagram(steps: Steps) -> Iterator[str]:
    yield from ("```mermaid", "stateDiagram-v2")
    for place in dict.fromkeys(place for step in steps for place in step):
        if place.key != "[*]":
            yield f'    state "{place.label}" as {place.key}'
    for (was, place), facts in steps.items():
        if was != place and {was.key, place.key} != {"[*]"}:
            yield f"    {was.key} --> {place.key} : {', '.join(facts)}"
    yield "```"


def _staying(steps: Steps) -> Iterator[str]:
    columns: dict[str, list[dict[str, None]]] = {}
    for (was, place), facts in steps.items():
        if was == place:
            columns.setdefault(_column(was), []).append(facts)
    yield f"| | {' | '.join(columns)} |"
    yield "| --- |" + " --- |" * len(columns)
    for fact in (kind.__name__ for kind in get_args(MessageFact)):
        cells = [_whether(fact, places) for places in columns.values()]
        if any(cells):
            yield f"| {fact} | {' | '.join(cells)} |"


def _column(place: Place) -> str:
    if place.kind not in KINDS:
        return "Deleted message"
    return KINDS[place.kind] if place.folder else place.label


def _whether(fact: str, places: list[dict[str, None]]) -> str:
    """Whether a fact can happen in these places."""
    where = [fact in facts for facts in places]
    return "yes" if all(where) else "in some folders" if any(where) else ""


# --- Writing ---------------------------------------------------------------------------------------


def pages() -> dict[Path, str]:
    """Every page that is made from the code."""
    return {DOCS / "facts.md": facts_page(), DOCS / "message-life.md": life_page()}


def stale() -> list[Path]:
    """The pages that do not say what the code says."""
    return [
        path
        for path, page in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != page
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` only compare them; gives the exit status."""
    old = stale()
    if arguments == ["--check"]:
        for path in old:
            sys.stderr.write(f"docs/{path.name} is out of date: run make docs\n")
        return 1 if old else 0
    if arguments:
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    for path in old:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
