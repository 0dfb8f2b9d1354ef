"""The message that is measured: an HTML body of 2 KB, three recipients, one mention.

Imports nothing of Letterbook, so that a load starts fast.
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple


class Person(NamedTuple):
    """Somebody's name and address."""

    name: str
    address: str

    def __str__(self) -> str:
        """As a header writes it."""
        return f"{self.name} <{self.address}>"


SUBJECT = "Quarterly figures for the Contoso board"
NEW_SUBJECT = "Quarterly figures for the Contoso board, second version"
_PARAGRAPH = (
    "<p>The <b>north region</b> grew by {0} % against last year; <a href='https://contoso.com/q{0}'>see the "
    "figures</a> &amp; tell me what you think before Thursday.</p>\r\n"
)


def _page(first: int) -> str:
    return "".join(_PARAGRAPH.format(number) for number in range(first, first + 16))[:2048]


BODY = _page(3)
NEW_BODY = _page(5)
ADELE = Person("Adele Vance", "adelev@contoso.com")
MEGAN = Person("Megan Bowen", "meganb@contoso.com")
RANDI = Person("Randi Welch", "randiw@contoso.com")
TO = (ADELE, MEGAN, RANDI)


def wire_draft() -> dict[str, object]:
    """The body of the request that creates the draft."""
    to = [{"emailAddress": who._asdict()} for who in TO]
    body = {"contentType": "html", "content": BODY}
    return {"subject": SUBJECT, "body": body, "toRecipients": to}


def wire_update() -> dict[str, object]:
    """The body of the request that changes it."""
    return {"subject": NEW_SUBJECT, "body": {"contentType": "html", "content": NEW_BODY}}


def wire_mention() -> dict[str, object]:
    """The body of the request that mentions somebody."""
    return {"mentioned": MEGAN._asdict()}


def mime(*, updated: bool = False) -> bytes:
    """The same message for peers that keep MIME."""
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    message["From"] = "Alex Wilber <alexw@contoso.com>"
    message["To"] = ", ".join(map(str, TO))
    message["Subject"] = NEW_SUBJECT if updated else SUBJECT
    message["Date"] = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    message["Message-ID"] = "<2b1f7f0c2b1f7f0c@contoso.com>"
    message.set_content(NEW_BODY if updated else BODY, subtype="html")
    return message.as_bytes()
