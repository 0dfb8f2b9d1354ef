"""What of a body is new, and what was said before."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from letterbook.domain import text
from letterbook.domain.answering import quote
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.people import EmailAddress
from letterbook.domain.quotation import unique

ORIGINAL = Letter(
    subject="Budget",
    author=EmailAddress(name="Megan Bowen", address="meganb@contoso.com"),
    to=(EmailAddress(name="Alex Wilber", address="alexw@contoso.com"),),
    body=write_body("html", "<p>Said before</p>"),
)
SENT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

# --- HTML ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [text.as_document("<p>Said before</p>"), "<p>Said before</p>"])
def test_what_is_quoted_here_is_taken_off_again(before: str) -> None:
    kind, content = quote(ORIGINAL, before, SENT, "<p>Quite <b>new</b></p>")

    assert text.plain(content).startswith("Quite new\r\nFrom: Megan Bowen")
    assert text.plain(unique(kind, content)) == "Quite new"
    assert "<hr" not in unique(kind, content)


def test_an_answer_to_an_answer_is_what_it_adds() -> None:
    kind, content = "html", text.as_document("<p>First</p>")
    for comment in ("<p>Second</p>", "<p>Third</p>"):
        kind, content = quote(ORIGINAL, content, SENT, comment)

    assert text.plain(unique(kind, content)) == "Third"


OUTLOOK = '<div dir="ltr">New</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Old</div>Older'
AT_A_DESK = (
    '<div><p>New</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
    "<p><b>From:</b> Old</p></div></div>Older</div>"
)
GMAIL = (
    '<div dir="ltr">New</div><br><div class="gmail_quote gmail_quote_container">'
    '<div class="gmail_attr">On Wed, Megan wrote:<br></div>'
    '<blockquote class="gmail_quote"><div>Old</div></blockquote></div>'
)
APPLE = 'New<br><blockquote type="cite"><div>On 4 Mar 2026, Megan wrote:</div><div>Old</div></blockquote>'
THUNDERBIRD = (
    '<p>New</p><div class="moz-cite-prefix">On 3/4/26:<br></div>'
    '<blockquote type="cite" cite="mid:1">Old</blockquote>'
)


@pytest.mark.parametrize("html", [OUTLOOK, AT_A_DESK, GMAIL, APPLE, THUNDERBIRD])
@pytest.mark.parametrize("whole", [True, False])
def test_what_other_programs_quote_is_taken_off(html: str, *, whole: bool) -> None:
    content = text.as_document(html) if whole else html

    assert text.plain(unique("html", content)) == "New"


def test_what_is_said_below_and_between_quotations_is_new() -> None:
    old = '<blockquote type="cite">Old <blockquote type="cite">Older</blockquote> Old</blockquote>'

    assert unique("html", f"<p>One</p>{old}<p>Two</p>{old}Three") == "<p>One</p><p>Two</p>Three"


@pytest.mark.parametrize(
    "html",
    [
        "<p>All new</p>",
        "<blockquote>A poem</blockquote>",
        '<p id="divRplyFwdMsg">No quotation is a paragraph</p>',
        "<p>cite, gmail_quote and divRplyFwdMsg are words</p>",
        '<!-- <div id="divRplyFwdMsg"> --><p>New',
        '<div class="gmail_quotes">New',
        "<div data-class='gmail_quote'>New</div>",
        "<div title='see class=gmail_quote, type=cite' data-type=cite>New</div>",
        '<div title="id=divRplyFwdMsg" x-id="divRplyFwdMsg">New</div>',
        '<div class="a" class="gmail_quote">New</div>',
        '<div title="border-top:solid #E1E1E1 1.0pt">New</div>',
        "<title><div class=gmail_quote></title><p>New</p>",
        "<textarea>a <blockquote type=cite> tag</textarea><p>New</p>",
        "",
    ],
)
def test_html_without_a_quotation_is_left_as_it_is(html: str) -> None:
    assert unique("html", html) == html


def test_what_a_cut_leaves_open_is_closed() -> None:
    html = (
        '<html><body><div><p>New<br></p><b><i>words</b><hr>\r\n<div id="divRplyFwdMsg">Old</div></div></body>'
    )

    assert unique("html", html) == "<html><body><div><p>New<br></p><b><i>words</b></div></body></html>"


def test_what_needs_no_end_is_not_closed() -> None:
    html = "<table><tr><td>One<tr><td><p>Two<ul><li>Three<li>Four<div id=divRplyFwdMsg>Old"

    assert unique("html", html) == f"{html.partition('<div')[0]}</ul></table>"


@pytest.mark.parametrize(
    "begin",
    [
        "<BLOCKQUOTE TYPE = 'Cite'>",
        "<blockquote style='a' type=cite>",
        "<blockquote cite/type=cite>",
        '<blockquote title="a > b" class="x gmail_quote y">',
    ],
)
def test_a_quotation_is_one_however_its_tag_is_written(begin: str) -> None:
    assert unique("html", f"New{begin}<textarea></blockquote></textarea>Old</blockquote>") == "New"


def test_a_quotation_that_never_ends_is_all_of_the_rest() -> None:
    assert unique("html", "<div>New<blockquote type=cite>Old</div>Older") == "<div>New</div>"


# --- Text ------------------------------------------------------------------------------------------


def test_what_is_quoted_here_in_text_is_taken_off_again() -> None:
    original = ORIGINAL.model_copy(update={"body": write_body("text", "Said before")})

    assert unique(*quote(original, "Said before", SENT, "Quite\r\nnew")) == "Quite\r\nnew"


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\r\nFrom: Megan Bowen\r\n\r\nOld",
        "---------- Forwarded message ----------\nFrom: Megan Bowen\n\nOld",
        "________________________________\r\nFrom: Megan Bowen\r\nOld",
        "On Wed, Mar 4, 2026 at 12:00 PM Megan Bowen wrote:\r\n> Old\r\n>> Older\r\n\r\n> Old\r\n",
        "On 3/4/26, Megan wrote:\r\n> Old",
        "On Monday at 9:05 Megan wrote:\r\n> Old",
        "On Monday at 9 PM Megan wrote:\r\n> Old",
        "On Monday, Megan Bowen <meganb@contoso.com>\r\nwrote:\r\n> Old",
        "On Wed, Mar 4, 2026 at 12:00 PM Megan Bowen\r\n<meganb@contoso.com> wrote:\r\n\r\n> Old",
    ],
)
def test_what_other_programs_quote_in_text_is_taken_off(below: str) -> None:
    assert unique("text", f"New\r\n\r\n{below}") == "New"
    assert unique("text", below) == ""


@pytest.mark.parametrize(
    "content",
    [
        "",
        "All new\r\n",
        "> A poem\n> in two lines\n",
        "On Monday she wrote:\r\nnothing at all",
        "On Monday she wrote:\r\n",
        "On Monday, 4 March 2026 she wrote:\r\n> Old\r\nNew, below it",
        "On love the poet wrote:\r\n> A poem\r\n",
        "Of 2026\r\nOn page 12 he wrote:\r\n> A sentence",
        "Megan wrote:\r\n> Old",
        "She has sent me an -----Original Message----- today",
        "________________________________\r\nMegan Bowen, Contoso",
        "From: here to eternity",
    ],
)
def test_text_that_quotes_in_no_known_way_is_left_as_it_is(content: str) -> None:
    assert unique("text", content) == content


# --- Whatever anybody sends ------------------------------------------------------------------------

MARKS = ['<div id="divRplyFwdMsg">', "<blockquote type=cite>", '<div class="gmail_quote">', "<hr>", "cite"]
TAGS = [
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "</blockquote>",
    "<br>",
    "<!--",
    "-->",
    "<div",
    ">",
    "=",
]
HTML = st.lists(st.sampled_from([*MARKS, *TAGS, "word", " "]) | st.text(max_size=4), max_size=30).map("".join)
LINES = ["On a day", "x wrote:", "> old", "", "new", "From: x", "_" * 30, "-----Original Message-----"]
TEXT = st.lists(st.sampled_from(LINES) | st.text(max_size=4), max_size=12).map("\r\n".join)


@for_all(TEXT)
def test_of_text_a_beginning_is_left(content: str) -> None:
    assert content.startswith(unique("text", content))


@for_all(HTML)
@example('<div<div id="divRplyFwdMsg"><div id="divRplyFwdMsg">')
def test_of_html_pieces_are_left_in_their_order(html: str) -> None:
    before = iter(piece[0] for piece in text.pieces(html))
    left = unique("html", html)

    while left and (piece := next(before, "")):
        left = left.removeprefix(piece)
    assert not left.replace("</div>", "").replace("</p>", "").replace("</b>", "").replace("</blockquote>", "")


class Balance(HTMLParser):
    """Looks whether every element is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.is_kept = list[str](), True
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.is_kept = self.is_kept and bool(self.open) and self.open.pop() == tag


def nested(tag_and_inside: tuple[str, list[str]]) -> str:
    """An element with these in it."""
    begin, inside = tag_and_inside
    return f"{begin}{''.join(inside)}</{begin[1:].partition(' ')[0].rstrip('>')}>"


BEGIN = st.sampled_from(
    ['<div id="divRplyFwdMsg">', '<blockquote type="cite">', '<div class="gmail_quote">', "<i>"]
)
WELL_FORMED = st.recursive(
    st.sampled_from(["words", "more"]),
    lambda inside: st.tuples(BEGIN, st.lists(inside, max_size=3)).map(nested),
    max_leaves=12,
)


@for_all(WELL_FORMED)
def test_html_that_is_well_formed_stays_so(html: str) -> None:
    left = Balance(unique("html", html))

    assert (left.is_kept, left.open) == (True, [])


@pytest.mark.parametrize(
    "piece",
    ["<b>", "</b>", "<b><i></b>", '<blockquote type="cite">', "<div class=", 'class="a ', "<hr> ", "<div "],
)
def test_hostile_html_is_gone_through_once(piece: str) -> None:
    """Of quadratic work with as many pieces nobody would see the end."""
    html = f"cite{piece * (1_000_000 // len(piece))}"

    assert len(unique("html", html)) < 2 * len(html)


@pytest.mark.parametrize("line", [">\n", "\n", "On x wrote:\n", "-" * 40, "_" * 40 + "\n", "On "])
def test_hostile_text_is_gone_through_once(line: str) -> None:
    content = line * (1_000_000 // len(line))

    assert content.startswith(unique("text", content))
