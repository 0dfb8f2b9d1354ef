"""``$search``: what it finds, in which order, on which pages, and what it refuses."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from letterbook.adapters.graph.search import unquoted
from letterbook.adapters.kql import DEEPEST, LONGEST, MOST_WORDS
from letterbook.application.engine import Engine
from tests.chance import examples
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

WHOLE, DRAFTS, SENT = "/me/messages", "/me/mailFolders/drafts/messages", "/me/mailFolders/sentitems/messages"


@pytest.fixture(params=["file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both kinds of views have to answer alike."""
    return ":memory:" if request.param == "memory" else str(tmp_path / "mail.db")


def search(who: Graph, text: str, path: str = WHOLE, **more: str) -> list[str]:
    """The subjects that are found."""
    options = "".join(f"&${name}={value}" for name, value in more.items())
    return [each["subject"] for each in who.values(f"{path}?$search={quote(text)}{options}")]


@pytest.fixture
def alex_with_mail(alex: Graph) -> Graph:
    """Three drafts and a letter that was sent."""
    alex.draft(subject="Pizza next week?", importance="high")
    alex.draft(subject="会議の資料", body={"contentType": "html", "content": "<p>東京都で<b>会議</b></p>"})
    alex.draft(subject="Lunch", body={"contentType": "text", "content": "Pizza?"}, toRecipients=to(MEGAN))
    alex.sent(subject="Café", body={"contentType": "text", "content": "no pizza today"})
    return alex


# --- What is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"pizza"', ["Café", "Lunch", "Pizza next week?"]),
        ("pizza", ["Café", "Lunch", "Pizza next week?"]),
        ('"PIZZA AND NOT café"', ["Lunch", "Pizza next week?"]),
        ('"subject:pizza"', ["Pizza next week?"]),
        ("\"'pizza'\"", ["Café", "Lunch", "Pizza next week?"]),
        ("\"subject:'pizza'\"", ["Pizza next week?"]),
        ('"\\"no pizza\\""', ["Café"]),
        ('"from:alexw OR from:nobody"', ["Café"]),
        ('"to:meganb"', ["Lunch"]),
        ('"participants:adelev@contoso.com"', ["Café", "会議の資料", "Pizza next week?"]),
        ('"importance:high"', ["Pizza next week?"]),
        ('"hasAttachments:true"', []),
        ('"会議"', ["会議の資料"]),
        ('"body:東京 OR subject:lun*"', ["Lunch", "会議の資料"]),
        ('"received:today pizza"', ["Café", "Lunch", "Pizza next week?"]),
        ('"sent<2020-01-01"', []),
        ('"size:1..500000 cafe"', ["Café"]),
        ('"nothing"', []),
    ],
)
def test_messages_are_found(alex_with_mail: Graph, text: str, found: list[str]) -> None:
    """The last sent first."""
    assert search(alex_with_mail, text) == found


def test_a_folder_is_searched_alone(alex_with_mail: Graph) -> None:
    """By id or well-known name; a folder that is not there is 404."""
    assert search(alex_with_mail, "pizza", DRAFTS) == ["Lunch", "Pizza next week?"]
    assert search(alex_with_mail, "pizza", SENT) == ["Café"]
    elsewhere = alex_with_mail.values("/me/mailFolders")[0]["id"][:-6] + "AAAAA="
    path = f"/me/mailFolders/{elsewhere}/messages?$search=pizza"
    assert alex_with_mail.get(path).status_code in (400, 404)


def test_a_search_sees_what_was_written_before_it(alex: Graph) -> None:
    """Every answer is up to date."""
    draft = alex.lasting.draft(subject="Offsite")
    assert search(alex, "offsite") == ["Offsite"]
    alex.changed(f"{WHOLE}/{draft['id']}", {"subject": "Onsite"})
    assert (search(alex, "offsite"), search(alex, "onsite")) == ([], ["Onsite"])
    alex.delete(f"{WHOLE}/{draft['id']}")
    assert search(alex, "onsite") == ["Onsite"], "it is in Deleted Items"
    alex.delete(f"{WHOLE}/{draft['id']}")
    assert search(alex, "onsite") == [], "it is beyond them"


def test_attachments_are_found_by_name(alex: Graph) -> None:
    """Not by what is in them."""
    draft = alex.draft(subject="Plans")
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "api-catalog.md",
        "contentBytes": "cGl6emE=",
    }
    alex.made(f"{WHOLE}/{draft['id']}/attachments", file)
    assert search(alex, '"attachment:api-catalog.md"') == search(alex, '"hasAttachment:true"') == ["Plans"]
    assert search(alex, '"pizza"') == []


def test_nobody_searches_the_mail_of_others(alex_with_mail: Graph, adele: Graph, robot: Graph) -> None:
    """Unless an application is let in."""
    assert search(adele, "pizza") == []
    assert adele.get(f"/users/{ALEX}/messages?$search=pizza").status_code == 404
    assert len(search(robot, "pizza", f"/users/{ALEX}/messages")) == 3


def test_blind_copies_are_found_by_their_author_alone(alex: Graph, adele: Graph) -> None:
    """What is not shown cannot be asked for either."""
    alex.sent(subject="Secret", toRecipients=to(ADELE), bccRecipients=to(MEGAN))
    alex.book.deliver()
    assert search(alex, "bcc:meganb") == search(adele, "to:adelev") == ["Secret"]
    assert search(adele, "bcc:meganb") == search(adele, "participants:meganb") == []


# --- Options ---------------------------------------------------------------------------------------


def test_a_search_is_walked_page_by_page(alex: Graph) -> None:
    """The links say everything again; they fit this search alone."""
    for number in range(7):
        alex.draft(subject=f"word {number}")
    alex.draft(subject="another")
    pages = alex.walk(f'{WHOLE}?$search="word"&$top=3&$select=subject')
    assert [[each["subject"][-1] for each in page] for page in pages] == [
        ["6", "5", "4"],
        ["3", "2", "1"],
        ["0"],
    ]
    link = alex.read(f'{WHOLE}?$search="word"&$top=3')["@odata.nextLink"]
    assert "%24search" in link or "$search=" in link
    alex.refused("GET", link.replace("word", "another"), 400, "BadRequest")
    alex.refused("GET", link.replace("%22word%22", "%22%22"), 400, "BadRequest")


def test_the_other_options_go_with_a_search(alex: Graph) -> None:
    """Skip, count, select, expand, and the number of hits alone."""
    for number in range(5):
        alex.draft(subject=f"word {number}")
    answer = alex.read(f"{WHOLE}?$search=word&$count=true&$skip=1&$top=2&$select=subject&$expand=attachments")
    assert answer["@odata.count"] == 5
    assert [each["subject"] for each in answer["value"]] == ["word 3", "word 2"]
    assert set(answer["value"][0]) == {"@odata.etag", "id", "subject", "attachments"} | (
        set(answer["value"][0]) & {"attachments@odata.context"}
    )
    assert "nextLink" in str(answer)
    assert alex.get(f"{WHOLE}/$count?$search=word").text == "5"
    assert alex.values(f"{WHOLE}?$search=word&$skip=1000") == []


def test_a_search_ends_after_a_thousand(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is walked."""
    monkeypatch.setattr("letterbook.adapters.graph.search.MOST_HITS", 5)
    for number in range(8):
        alex.draft(subject=f"word {number}")
    for size in (1, 2, 3, 5, 10):
        pages = alex.walk(f"{WHOLE}?$search=word&$top={size}")
        assert [each["subject"][-1] for page in pages for each in page] == list("76543")
        assert all(pages), "no page is empty"


def test_search_sorts_and_chooses_by_itself(alex: Graph) -> None:
    """In the words that were seen."""
    order = f"{WHOLE}?$search=x&$orderby=subject"
    said = alex.refused("GET", order, 400, "SearchWithOrderBy")
    assert said == "The query parameter '$orderBy' is not supported with '$search'."
    said = alex.refused("GET", f"{WHOLE}?$search=x&$filter=isRead eq true", 400, "SearchWithFilter")
    assert said == "The query parameter '$filter' is not supported with '$search'."
    said = alex.refused("GET", "/me/mailFolders?$search=x", 400, "BadRequest")
    assert said == "The query parameter '$search' is not supported."


def test_basic_tokens_may_not_search(nobody: Graph) -> None:
    """They do not see bodies, so they may not ask about them; not even for how many there are."""
    basic = nobody.holding(nobody.book.token(ALEX, "Mail.ReadBasic"))
    app = nobody.holding(nobody.book.token("a-daemon", "Mail.ReadBasic.All", app=True))
    for who, owner in ((basic, "me"), (app, f"users/{ALEX}")):
        for path in ("messages", "messages/$count", "mailFolders/inbox/messages"):
            who.refused("GET", f"/{owner}/{path}?$search=x", 403, "ErrorAccessDenied")


# --- Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The search text has no word to look for."),
        ('""', "The search text has no word to look for."),
        ("!?", "The search text has no word to look for."),
        ('"NOT &"', "The search text has no word to look for."),
        ('"a', "A quotation mark is not closed."),
        ("(a", "A parenthesis is not closed."),
        ("a)", "A parenthesis is closed that was not opened."),
        ("()", "A word is missing before ')'."),
        ("a OR", "A word is missing at the end of the search text."),
        ("AND a", "A word is missing before 'AND'."),
        ("a AND OR b", "A word is missing before 'OR'."),
        ("a*", "The beginning of a word needs at least two characters."),
        ("received:soon", "'soon' is not a date that 'received' can be compared with."),
        ("received>2026-02-30", "'2026-02-30' is not a date that 'received' can be compared with."),
        ("sent>2026-01-01..today", "'2026-01-01..today' is not a date that 'sent' can be compared with."),
        ("sent:9999-12-31", "'9999-12-31' is not a date that 'sent' can be compared with."),
        ("size:big", "'big' is not a size."),
        ("size:" + "9" * 16, f"'{'9' * 16}' is not a size."),
        ("importance:urgent", "The property 'importance' cannot be ':urgent'."),
        ("importance>low", "The property 'importance' cannot be '>low'."),
        ("hasAttachments:maybe", "The property 'hasAttachments' cannot be ':maybe'."),
        ("kind:cat", "The property 'kind' cannot be ':cat'."),
        ("subject>a", "The property 'subject' cannot be compared by '>'."),
        ("size:(1 OR 2)", "'' is not a size."),
        ("(" * 50 + "a" + ")" * 50, "The search text is nested too deeply."),
        ("NOT " * 50 + "a", "The search text is nested too deeply."),
        ("ab " * (MOST_WORDS + 1), "The search text has too many words."),
        ("x" * (LONGEST + 1), "The search text is too long."),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(alex: Graph, text: str, said: str) -> None:
    """Every refusal says what is wrong."""
    for path in (WHOLE, DRAFTS, f"{WHOLE}/$count"):
        told = alex.refused("GET", f"{path}?$search={quote(text)}", 400, "BadRequest")
        assert told == f"Syntax error in $search: {said}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"pizza"', "pizza"),
        (' "pizza" ', "pizza"),
        ('"a \\"b c\\" d"', 'a "b c" d'),
        ('"a\\\\b"', "a\\b"),
        ('"a" OR "b"', '"a" OR "b"'),
        ("pizza", "pizza"),
        ('"', '"'),
        ('"\\"', '"\\"'),
        ("", ""),
    ],
)
def test_the_quotes_around_the_value_are_taken_off(value: str, text: str) -> None:
    """Those inside are written with a backslash."""
    assert unquoted(value) == text


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=some.text(some.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_brings_the_search_down(alex: Graph, text: str) -> None:
    """It finds something or is refused in Graph's way."""
    answer = alex.get(f"{WHOLE}?$search={quote(text)}")
    assert answer.status_code in (200, 400)
    assert ("value" in answer.json()) == (answer.status_code == 200)


def test_bytes_that_are_no_text_are_no_trouble(alex: Graph) -> None:
    """Not UTF-8, half a character, a NUL."""
    for raw in ("%FF%FE", "%E4%BA", "%00", "a%00b", "%ED%A0%80", "+", "%"):
        assert alex.get(f"{WHOLE}?$search={raw}").status_code in (200, 400)


HARD = [
    " OR ".join(f"({' '.join(f'w{n + m}*' for m in range(4))})" for n in range(40)),
    " ".join(f"NOT word{n}" for n in range(MOST_WORDS)),
    "NOT(" * (DEEPEST // 2) + "th* OR size>1" + ")" * (DEEPEST // 2),
    '"' + "the " * (MOST_WORDS - 1) + '"',
    "(" * DEEPEST + "the",
    '" ' * 1000,
    "subject:" * 400,
    "-" * 4000 + "a",
    "a:" * 1900,
    "の" * 190,
]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
def test_hard_questions_are_answered_soon(alex: Graph, text: str) -> None:
    """However they are built."""
    for _ in range(3):
        alex.draft(
            subject="the the w1 th の", body={"contentType": "text", "content": "the word12 w3 " * 500}
        )
    begun = time.process_time()
    answer = alex.get(f"{WHOLE}?$search={quote(text)}")
    assert answer.status_code in (200, 400)
    assert time.process_time() - begun < 2, "of the processor, whatever else it does"


def test_a_slow_search_keeps_nobody_else_waiting(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done in a thread, few at a time; others are answered meanwhile."""
    begun, listed = list[str](), threading.Event()

    def slow(_engine: Engine, *_: Any) -> list[Any]:
        begun.append("search")
        assert listed.wait(30), "the others are waiting for it"
        return []

    monkeypatch.setattr(Engine, "search", slow)

    async def at_once() -> list[str]:
        done: list[str] = []

        async def ask(path: str, name: str) -> None:
            answer = await alex.http.get(f"/v1.0{path}", headers=alex.headers)
            assert answer.status_code == 200
            done.append(name)
            if done.count("list") == 5:
                listed.set()

        searches = [ask(f"{WHOLE}?$search=x", "search") for _ in range(5)]
        await asyncio.gather(*searches, *(ask(WHOLE, "list") for _ in range(5)))
        return done

    assert alex.loop.run(at_once()) == ["list"] * 5 + ["search"] * 5
    assert len(begun) == 5
