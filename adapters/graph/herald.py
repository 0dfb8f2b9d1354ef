"""Notifications in Graph's shape: the validation request, and *changeNotificationCollection*."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus
from uuid import UUID, uuid4, uuid5

from pydantic_core import to_json

from letterbook.adapters.graph.exact_times import exact_time
from letterbook.adapters.graph.tenant import TENANT
from letterbook.application.heralding import (
    AddressForbidden,
    Courier,
    LifecycleNotice,
    Notice,
    Seals,
    TooSlow,
    Unheard,
)
from letterbook.application.ports import Clock
from letterbook.application.public_ids import Kind, public
from letterbook.domain.message import Message
from letterbook.domain.refusals import SubscriberSilent, SubscriberUnfit
from letterbook.domain.subscriptions import Certificate

if TYPE_CHECKING:
    from letterbook.adapters.graph.attached import AttachmentAnswers

TO_GREET = 10.0
"""Seconds for an endpoint to answer the validation request (Graph: *notificationUrl validation*)."""
TO_HEAR = 3.0
"""Seconds for it to accept notifications (Graph: *Processing the change notification*)."""

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json; charset=utf-8"
_OK = 200


@dataclass(frozen=True, slots=True)
class GraphHerald:
    """Keeps :class:`letterbook.application.heralding.Herald`."""

    courier: Courier
    seals: Seals
    clock: Clock

    def check(self, certificate: Certificate) -> None:
        """Refuses a certificate that nothing can be encrypted for."""
        self.seals.check(certificate)

    async def greet(self, url: str) -> None:
        """The validation request, which has to be answered with its own token in plain text."""
        token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid4()}"
        try:
            answer = await self.courier.ask(_with_token(url, token), b"", _TEXT, TO_GREET)
        except TooSlow:
            raise SubscriberSilent from None
        except AddressForbidden as why:
            raise SubscriberUnfit(f"The notification URL cannot be used: {why}.") from None
        except Unheard:
            raise SubscriberUnfit("Notification endpoint cannot be reached.") from None
        if answer.status != _OK:
            raise SubscriberUnfit("Notification endpoint must respond with 200 OK to validation request.")
        if answer.content_type.partition(";")[0].strip().lower() != "text/plain":
            raise SubscriberUnfit("Response must have the content type text/plain.")
        if answer.body != token.encode():
            raise SubscriberUnfit("Response must exactly match validationToken query parameter.")

    def tell(self, url: str, notices: Sequence[Notice | LifecycleNotice]) -> None:
        """One request with all of them; any 2xx status accepts them."""
        answer = self.courier.post(url, to_json(self._collection(notices)), _JSON, TO_HEAR)
        if not _OK <= answer.status < 300:
            raise Unheard(f"status {answer.status}")

    def _collection(self, notices: Sequence[Notice | LifecycleNotice]) -> dict[str, Any]:
        shown = {"value": [self._shown(notice) for notice in notices]}
        rich = [each.subscription for each in notices if each.subscription.certificate]
        if not rich:
            return shown
        now, audiences = self.clock.now(), dict.fromkeys(each.by.application for each in rich)
        return shown | {"validationTokens": [self.seals.token(each, now) for each in audiences]}

    def _shown(self, notice: Notice | LifecycleNotice) -> dict[str, Any]:
        its = notice.subscription
        common = {
            "subscriptionId": str(its.id),
            "subscriptionExpirationDateTime": exact_time(its.expires_at),
            "clientState": its.client_state,
            "tenantId": str(TENANT),
        }
        if isinstance(notice, LifecycleNotice):
            return common | {"lifecycleEvent": notice.event}
        name = public(Kind.MESSAGE, notice.message, None if its.immutable_ids else notice.moves)
        where = f"Users/{its.mailbox}/Messages/{name}"
        shown: dict[str, Any] = {
            "id": str(uuid5(its.id, str(notice.seq))),
            **common,
            "changeType": notice.change,
            "resource": where,
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Message",
                "@odata.id": where,
                "@odata.etag": notice.etag,
                "id": name,
            },
        }
        if its.certificate and notice.row and notice.state:
            shown["encryptedContent"] = self.seals.sealed(_content(notice, notice.state), its.certificate)
        return shown


def _with_token(url: str, token: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}validationToken={quote_plus(token)}"


def _content(notice: Notice, state: Message) -> bytes:
    """The properties of a message that the subscriber selected."""
    from letterbook.adapters.graph.answers import MessageAnswers  # few subscribers want data: see late
    from letterbook.adapters.graph.options import read_options

    its, row = notice.subscription, notice.row
    assert row is not None, "there is a row where there is a state"

    def read_message(_name: UUID) -> Message:
        return state

    asked = f"$select={quote_plus(','.join(its.select))}"
    asked += f"&$expand={quote_plus(its.expand)}" if its.expand else ""
    answers = MessageAnswers(
        root="",
        owner=its.mailbox,
        beta=its.beta,
        options=read_options(asked.encode(), beta=its.beta),
        basic=its.by.basic,
        read_message=read_message,
        read_event=_no_event,
        read_earlier=_untold,
        attachments=_no_attachments,
        immutable=its.immutable_ids,
    )
    return answers.object(row)


def _no_event(*_asked: object) -> None:
    raise AssertionError("events cannot be asked for in notifications")


def _untold(_name: UUID) -> None:
    """What another message says is asked for where that one is."""


def _no_attachments() -> "AttachmentAnswers":
    raise AssertionError("attachments cannot be asked for in notifications")
