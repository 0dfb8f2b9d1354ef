"""An eventful life at the Graph face: random things happen to a mailbox, each of them plausible."""

import base64
from collections.abc import Callable
from random import Random
from typing import Any

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

PNG = base64.b64encode(b"\x89PNG not really").decode()
WORDS = ("Offsite", "Invoice", "Straße", "pizza", "Quarterly report", "会議の資料", "")


class Life:
    """Alex at work, and Megan who writes to him."""

    def __init__(self, alex: Graph, megan: Graph, random: Random) -> None:
        self._alex = alex
        self._megan = megan
        self._random = random

    def go_on(self, steps: int) -> None:
        """So many things happen."""
        for _ in range(steps):
            self._random.choice(self._steps())()

    def _steps(self) -> tuple[Callable[[], None], ...]:
        """What may happen, as often as it is likely."""
        return (
            *(self._draft, self._draft, self._draft, self._on_a_message),
            *(self._hear, self._send, self._folder, self._folder_changes, self._settings, self._delete),
            *(self._move, self._on_a_message, self._on_a_draft, self._update),
        )

    def _messages(self, kind: str = "") -> list[dict[str, Any]]:
        return self._alex.values(f"/me/messages?$top=200&$select=id,isDraft,parentFolderId{kind}")

    def _any(self, things: list[dict[str, Any]]) -> str | None:
        return self._random.choice(things)["id"] if things else None

    def _draft(self) -> None:
        letter: dict[str, Any] = {"subject": self._random.choice(WORDS), "toRecipients": to(MEGAN)}
        letter["body"] = {"contentType": "html", "content": f"<p>{self._random.random()}</p>"}
        letter["importance"] = self._random.choice(["low", "normal", "high"])
        self._alex.post("/me/messages", json=letter)

    def _hear(self) -> None:
        letter = {"subject": self._random.choice(WORDS), "toRecipients": to(ALEX)}
        self._megan.post("/me/sendMail", json={"message": letter})
        self._alex.book.deliver()

    def _send(self) -> None:
        if name := self._any([each for each in self._messages() if each["isDraft"]]):
            self._alex.post(f"/me/messages/{name}/send")
            if self._random.random() < 0.5:
                self._alex.book.deliver()

    def _update(self) -> None:
        if name := self._any([each for each in self._messages() if each["isDraft"]]):
            said = {"subject": self._random.choice(WORDS), "toRecipients": to(ADELE, MEGAN)}
            self._alex.patch(f"/me/messages/{name}", json=said)

    def _on_a_message(self) -> None:
        if name := self._any(self._messages()):
            said = self._random.choice(
                [
                    {"isRead": self._random.random() < 0.5},
                    {"categories": self._random.sample(["Blue", "Green", "Red"], 2)},
                    {"flag": {"flagStatus": self._random.choice(["flagged", "complete", "notFlagged"])}},
                    {"inferenceClassification": self._random.choice(["focused", "other"])},
                ]
            )
            self._alex.patch(f"/me/messages/{name}", json=said)

    def _on_a_draft(self) -> None:
        if name := self._any([each for each in self._messages() if each["isDraft"]]):
            file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.png", "contentBytes": PNG}
            path, said = self._random.choice(
                [
                    ("attachments", file),
                    ("mentions", {"mentioned": {"address": self._random.choice([ADELE, ALEX])}}),
                    ("extensions", {"extensionName": "com.contoso.x", "n": self._random.random()}),
                ]
            )
            self._alex.beta.post(f"/me/messages/{name}/{path}", json=said)

    def _folders(self) -> list[dict[str, Any]]:
        return self._alex.values("/me/mailFolders?$top=100")

    def _folder(self) -> None:
        said = {"displayName": f"Folder {self._random.randrange(100)}"}
        self._alex.post(
            f"/me/mailFolders/{self._random.choice(['inbox', 'archive'])}/childFolders", json=said
        )
        if self._random.random() < 0.3:
            self._alex.post("/me/mailFolders", json=said)

    def _folder_changes(self) -> None:
        children = self._alex.values("/me/mailFolders/inbox/childFolders?$top=100")
        if name := self._any(children):
            path, last = f"/me/mailFolders/{name}", self._random.random()
            if last < 0.4:
                self._alex.patch(path, json={"displayName": f"Folder {self._random.randrange(100)}"})
            elif last < 0.6:
                self._alex.post(f"{path}/move", json={"destinationId": "archive"})
            elif last < 0.8:
                self._alex.post(f"{path}/copy", json={"destinationId": "archive"})
            else:
                self._alex.delete(path)

    def _move(self) -> None:
        children = self._alex.values("/me/mailFolders/inbox/childFolders?$top=100")
        places = ["inbox", "archive", "junkemail", *(each["id"] for each in children)]
        if name := self._any(self._messages()):
            how = self._random.choice(["move", "move", "copy"])
            said = {"destinationId": self._random.choice(places)}
            self._alex.post(f"/me/messages/{name}/{how}", json=said)

    def _delete(self) -> None:
        if name := self._any(self._messages()):
            if self._random.random() < 0.2:
                self._alex.post(f"/me/messages/{name}/permanentDelete")
            else:
                self._alex.delete(f"/me/messages/{name}")

    def _settings(self) -> None:
        category = {"displayName": f"Category {self._random.randrange(9)}", "color": "preset1"}
        sender = {"classifyAs": "other", "senderEmailAddress": {"address": ADELE}}
        method, path, said = self._random.choice(
            [
                ("PATCH", "/me/mailboxSettings", {"timeZone": "Tokyo Standard Time"}),
                ("PATCH", "/me/mailboxSettings", {"dateFormat": "yyyy-MM-dd"}),
                ("POST", "/me/outlook/masterCategories", category),
                ("POST", "/me/inferenceClassification/overrides", sender),
            ]
        )
        self._alex.request(method, path, json=said)
