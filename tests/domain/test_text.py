"""The text of a body: the document around a fragment, and the first words a list shows."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from letterbook.domain import text
from letterbook.domain.letter import write_body

OPENING = (
    '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
    '<meta content="text/html; charset=us-ascii">\r\n</head>\r\n<body>\r\n'
)
CLOSING = "\r\n</body>\r\n</html>\r\n"

# --- The document ----------------------------------------------------------------------------------


def test_a_fragment_is_wrapped_exactly_as_graph_does() -> None:
    wrapped = (
        '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
        '<meta content="text/html; charset=us-ascii">\r\n</head>\r\n<body>\r\n'
        "They were <b>awesome</b>!\r\n</body>\r\n</html>\r\n"
    )
    assert text.as_document("They were <b>awesome</b>!") == wrapped


@pytest.mark.parametrize("fragment", ["", "Plain words", "<p>a</p>", "<bodybuilder>", "a <b", "&lt;html&gt;"])
def test_a_fragment_stands_unchanged_in_its_document(fragment: str) -> None:
    assert text.as_document(fragment) == OPENING + fragment + CLOSING


@pytest.mark.parametrize(
    "document",
    [
        "<html><body>a</body></html>",
        "<HTML lang=en>a",
        "<!DOCTYPE html><p>a",
        "<!doctype html>\n<html>",
        "\r\n <html\n xmlns:o='urn:schemas-microsoft-com:office:office'>",
        "<body>a</body>",
    ],
)
def test_a_document_is_left_as_it_is(document: str) -> None:
    assert text.as_document(document) == document


@for_all(st.text(alphabet="<>/!- htmlbody\r\n", max_size=60))
def test_wrapping_twice_wraps_once(html: str) -> None:
    assert text.as_document(text.as_document(html)) == text.as_document(html)


# --- The preview -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("", ""),
        ("They were <b>awesome</b>!", "They were awesome!"),
        ("<p>One</p><p>Two</p>", "One\r\nTwo"),
        ("One<br>Two<br/>Three", "One\r\nTwo\r\nThree"),
        ("<div><div>One</div></div>\r\n\r\n<div>Two</div>", "One\r\nTwo"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\r\nTwo"),
        ("One\r\n   two\tthree", "One two three"),
        ("<b>One</b> <i>two</i>", "One two"),
        ("aw<b>e</b>some", "awesome"),
        ("Tom &amp; Jerry &lt;3 &#8364;&nbsp;5", "Tom & Jerry <3 € 5"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ('<a title="x > y" href=z>link</a>', "link"),
        ("before<!-- <p>not</p> -->after", "beforeafter"),
        ("<!--[if mso]><p>not</p><![endif]-->shown", "shown"),
        ("<![if !mso]>shown<![endif]>", "shown"),
        ("<?xml version='1.0'?>shown", "shown"),
    ],
)
def test_the_preview_of_html_is_what_a_reader_sees(html: str, shown: str) -> None:
    assert text.preview("html", html) == shown
    assert text.plain(html) == shown


@pytest.mark.parametrize(
    "silent",
    [
        "<script>alert('<p>not</p>')</script>",
        "<script type=text/javascript>if (1 < 2) {}</script >",
        "<STYLE>p { color: red }</STYLE>",
        "<head><title>not</title><meta name=x></head>",
        "<template><p>not</p></template>",
    ],
)
def test_scripts_and_styles_are_silent(silent: str) -> None:
    assert text.preview("html", f"before{silent} after") == "before after"
    assert text.plain(f"before{silent} after") == "before after"


def test_a_head_that_is_never_closed_ends_where_the_body_begins() -> None:
    assert text.preview("html", "<html><head><meta name=x><body>shown</body>") == "shown"


def test_the_wrapping_does_not_show() -> None:
    assert text.preview("html", text.as_document("They were <b>awesome</b>!")) == "They were awesome!"


def test_the_preview_has_255_characters() -> None:
    for kind in ("text", "html"):
        assert text.preview(kind, "x" * 255) == "x" * 255
        assert text.preview(kind, "x" * 256) == "x" * 255
        assert text.preview(kind, "x" * 254) == "x" * 254


def test_line_ends_count_and_tags_do_not() -> None:
    assert text.preview("text", "x" * 250 + "\r\n" + "y" * 50) == "x" * 250 + "\r\nyyy"
    assert text.preview("html", "<p>" + "x" * 250 + "</p><p>" + "y" * 50) == "x" * 250 + "\r\nyyy"
    assert text.preview("html", "<b></b>" * 100 + "x" * 300) == "x" * 255


def test_the_preview_of_text_takes_it_at_its_word() -> None:
    assert text.preview("text", "  <b>1 &lt; 2</b>\r\n\r\n3  ") == "<b>1 &lt; 2</b>\r\n\r\n3"


def test_a_body_carries_its_preview() -> None:
    assert write_body("html", "<p>One</p>").preview == "One"
    assert write_body("text", "<p>One</p>").preview == "<p>One</p>"
    assert write_body("text", "").preview == ""


# --- Whatever anybody sends ------------------------------------------------------------------------

PIECES = (
    """<p> </p> <br> <b> </b> <script> </script> <style> <!-- --> <!- <! <? <![ <![if]> ]]> < > </ & &# &#x
    &amp; &#65 = " ' / <a <a\tb='c' \x00 \r\n <head> </head> <body> <title> <template>"""
).split(" ")
MARKUP = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


@for_all(MARKUP)
def test_the_preview_is_the_beginning_of_the_text(html: str) -> None:
    preview = text.preview("html", html)
    assert preview.rstrip() == text.plain(html)[:255].rstrip()
    assert len(preview) <= 255


ABSURD_NUMBER = "&#" + "9" * 5000 + ";"


@pytest.mark.parametrize("html", [ABSURD_NUMBER, f"<p title='{ABSURD_NUMBER}'>", "x" * 4090 + ABSURD_NUMBER])
def test_no_number_of_a_character_is_too_absurd(html: str) -> None:
    assert "9" not in text.preview("html", html)
    assert "9" not in text.plain(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>One<b>word</b></p><p>two &amp; three&nbsp;four</p><br>five",
        "<head><title>no</title></head><body>yes<script>no()</script>s<style>no</style>",
        "<ul><li>one<li>two</ul>A<!-- no -->B < C <td>cell</td><td>cell</td> &#x41;&#999999999999;",
        "",
    ],
)
def test_what_is_spoken_has_the_words_of_the_plain_text(html: str) -> None:
    assert text.spoken(html).split() == text.plain(html).split()


@pytest.mark.parametrize(
    "unclosed",
    [
        "<!--",
        "<!",
        "<![",
        "<?",
        "<a ",
        "</",
        "</a ",
        "<a b='",
        '<a a="x" ',
        "<script>",
        "<style>",
        "&#",
        "<a<",
        "x ",
    ],
)
def test_of_hostile_text_each_character_is_read_once(unclosed: str) -> None:
    """The pieces follow on each other without a gap, and none is given back: no character is seen twice."""
    html = (unclosed * 200_000)[:200_000]
    assert "".join(piece[0] for piece in text._PIECE.finditer(html)) == html
    assert text.preview("html", html) == text.plain(html)[:255].rstrip()


def test_of_a_huge_body_only_the_beginning_is_read() -> None:
    assert text.preview("html", "word " * 1_000_000) == ("word " * 52)[:255]


def test_a_huge_body_that_shows_nothing_is_given_up() -> None:
    assert text.preview("html", "<p></p> " * 1_000_000 + "late") == ""
