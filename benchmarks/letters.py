"""The letters of large mailboxes: text of 60 words, some of them frequent and some rare, as in a language.

A letter follows from its number alone, so that every peer is given the same. Imports nothing of Letterbook.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import NamedTuple

from benchmarks.sample import TO, Person

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=30)
RARE = "quokka"
"""A word that one letter in 5,000 holds."""
_RARE_EVERY = 5_000
_WORDS_EACH = 60
_UNREAD_EVERY = 50


def _vocabulary(size: int = 5_000) -> list[str]:
    """Different words that nobody knows, of two to four syllables."""
    dice = Random(1)
    syllables = [consonant + vowel for consonant in "bdfghklmnprstv" for vowel in "aeiou"]
    words = {"".join(dice.choices(syllables, k=dice.randint(2, 4))): None for _ in range(2 * size)}
    return list(words)[:size]


_WORDS = _vocabulary()
_HOW_OFTEN = list(accumulate(1 / rank for rank in range(1, len(_WORDS) + 1)))
COMMON = next(word for word in _WORDS[10:] if len(word) == 8)
"""A word that two letters in five hold."""


class Writing(NamedTuple):
    """One letter: its words, for whom, when, and whether it was read."""

    subject: str
    text: str
    to: Person
    at: datetime
    is_read: bool


def letter(number: int) -> Writing:
    """The letter with a number, from 0."""
    words = Random(number).choices(_WORDS, cum_weights=_HOW_OFTEN, k=_WORDS_EACH)
    if number % _RARE_EVERY == 17:
        words[30] = RARE
    lines = (" ".join(words[at : at + 12]) for at in range(0, _WORDS_EACH, 12))
    return Writing(
        subject=f"{words[7]} {words[19]} {number}",
        text=",\r\n".join(lines),
        to=TO[number % len(TO)],
        at=BEGIN + number * APART,
        is_read=number % _UNREAD_EVERY != 0,
    )


def mime(number: int) -> bytes:
    """The same letter for peers that keep MIME."""
    writing = letter(number)
    message = EmailMessage(policy=SMTP)
    message["From"] = "Alex Wilber <alexw@contoso.com>"
    message["To"] = str(writing.to)
    message["Subject"] = writing.subject
    message["Date"] = writing.at
    message["Message-ID"] = f"<letter-{number}@contoso.com>"
    message.set_content(writing.text)
    return message.as_bytes()


def batches(size: int, each: int = 500) -> Iterator[range]:
    """The numbers of a mailbox's letters, some hundred at a time."""
    for start in range(0, size, each):
        yield range(start, min(start + each, size))


def key() -> str:
    """A hash that changes when the letters do."""
    return sha256(b"".join(map(mime, range(20)))).hexdigest()[:12]
