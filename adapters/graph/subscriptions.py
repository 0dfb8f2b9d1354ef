"""Subscriptions: who is notified of changes. Graph shows each application those that it made."""

from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import collection, entity
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.exact_times import exact_time
from letterbook.adapters.graph.filters import beyond_basic, parse_filter
from letterbook.adapters.graph.watched import watched
from letterbook.adapters.graph.wire import Wire, read
from letterbook.application.ports import Visitor
from letterbook.application.subscribing import Renewal
from letterbook.domain.refusals import SubscriptionMalformed, SubscriptionUnknown
from letterbook.domain.subscriptions import TLS, Certificate, Subscriber, Subscription

SEES_ALL = "Subscription.Read.All"
"""The scope that shows the subscriptions of all applications."""
OWN_APPLICATION = UUID("1e77e4b0-0c1d-4b0c-9d53-6c6574746572")
"""The application of people whose token names none: those that the store signs itself."""

_REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_RENEWED = frozenset(
    {"expiration_date_time", "notification_url", "encryption_certificate", "encryption_certificate_id"}
)


class WireSubscription(Wire):
    """subscription: the properties that whoever asks may set, and the ones only a server sets (``Any``)."""

    graph_type: ClassVar[str] = "subscription"

    change_type: str | None = None
    notification_url: str | None = None
    lifecycle_notification_url: str | None = None
    resource: str | None = None
    expiration_date_time: AwareDatetime | None = None
    client_state: str | None = None
    latest_supported_tls_version: str | None = None
    include_resource_data: bool | None = None
    encryption_certificate: str | None = None
    encryption_certificate_id: str | None = None
    id: Any = None
    application_id: Any = None
    creator_id: Any = None
    notification_content_type: Any = None
    notification_query_options: Any = None
    notification_url_app_id: Any = None


async def create(call: Call) -> Response:
    """POST subscriptions."""
    asked = _asked(call, read(WireSubscription, await call.body()))
    made = await call.subscribing.subscribe_async(asked)
    return _answer(call, made, 201)


async def list_(call: Call) -> Response:
    """GET subscriptions: all of them at once, without their secrets; query options are passed over."""
    found = await run_in_threadpool(call.subscribing.all, _reader(call))
    shown = [_shown(each) | {"clientState": None} for each in found]
    return call.json(collection(f"{call.root}/$metadata#subscriptions", shown))


async def get(call: Call) -> Response:
    """GET subscriptions/{id}."""
    found = await run_in_threadpool(call.subscribing.find, _id(call), _reader(call))
    return _answer(call, found)


async def renew(call: Call) -> Response:
    """PATCH subscriptions/{id}."""
    said = read(WireSubscription, await call.body())
    if wrong := [name for name in type(said).model_fields if name in said.model_fields_set - _RENEWED]:
        raise SubscriptionMalformed(f"Property '{said.spelled(wrong[0])}' cannot be updated.")
    for name in filter(said.nulled, type(said).model_fields):
        raise SubscriptionMalformed(f"Property '{said.spelled(name)}' cannot be null.")
    renewal = Renewal(
        expires_at=said.expiration_date_time,
        notification_url=said.notification_url,
        certificate=_certificate(said) if said.encryption_certificate else None,
    )
    if renewal == Renewal():
        raise SubscriptionMalformed("expirationDateTime is a required property for subscription renewal.")
    renewed = await call.subscribing.renew_async(_id(call), _subscriber(call), renewal)
    return _answer(call, renewed)


async def reauthorize(call: Call) -> Response:
    """POST subscriptions/{id}/reauthorize."""
    await run_in_threadpool(call.subscribing.reauthorize, _id(call), _subscriber(call))
    return gone()


async def remove(call: Call) -> Response:
    """DELETE subscriptions/{id}."""
    await run_in_threadpool(call.subscribing.end, _id(call), _subscriber(call))
    return gone()


# --- What is asked for -----------------------------------------------------------------------------


def _asked(call: Call, said: WireSubscription) -> Subscription:
    for name in _REQUIRED:
        if not getattr(said, _field(name)):
            raise SubscriptionMalformed(f"{name} is a required property for subscription creation")
    assert said.expiration_date_time, "it is required"
    over = watched(call.engine, call.visitor, said.resource or "", beta=call.beta)
    if call.basic and (over.expand or (over.condition and beyond_basic(parse_filter(over.condition)))):
        raise errors.forbidden()
    return Subscription(
        id=call.engine.ids.new(),
        **asdict(over),
        change_type=said.change_type or "",
        notification_url=said.notification_url or "",
        lifecycle_url=said.lifecycle_notification_url,
        client_state=said.client_state,
        begins_at=said.expiration_date_time,
        expires_at=said.expiration_date_time,
        certificate=_certificate(said) if said.include_resource_data else None,
        tls=said.latest_supported_tls_version or TLS[0],
        immutable_ids=call.has_immutable_ids,
        by=_subscriber(call),
    )


def _certificate(said: WireSubscription) -> Certificate:
    if not said.encryption_certificate:
        raise SubscriptionMalformed("encryptionCertificate is required with includeResourceData.")
    if not said.encryption_certificate_id:
        raise SubscriptionMalformed("encryptionCertificateId is required with encryptionCertificate.")
    return Certificate(text=said.encryption_certificate, id=said.encryption_certificate_id)


def _field(alias: str) -> str:
    return next(name for name in WireSubscription.model_fields if WireSubscription.spelled(name) == alias)


# --- Who asks --------------------------------------------------------------------------------------


def _subscriber(call: Call) -> Subscriber:
    visitor = call.visitor
    application = visitor.client or (visitor.subject if visitor.is_app else str(OWN_APPLICATION))
    return Subscriber(application=application, creator=_creator(call, visitor), basic=call.basic)


def _creator(call: Call, visitor: Visitor) -> str:
    """A person by their id, an application by its own."""
    return visitor.subject if visitor.is_app else str(call.engine.person(visitor.subject).mailbox)


def _reader(call: Call) -> Subscriber | None:
    """Whose subscriptions a visitor sees; ``None``: everybody's."""
    return None if SEES_ALL in call.visitor.scopes else _subscriber(call)


def _id(call: Call) -> UUID:
    try:
        return UUID(call.keys["subscription"])
    except ValueError:
        raise SubscriptionUnknown from None


# --- What is shown ---------------------------------------------------------------------------------


def _answer(call: Call, subscription: Subscription, status: int = 200) -> Response:
    context = f"{call.root}/$metadata#subscriptions/$entity"
    return call.json(entity(context, _shown(subscription)), status)


def _shown(its: Subscription) -> dict[str, Any]:
    return {
        "id": str(its.id),
        "resource": its.resource,
        "applicationId": its.by.application,
        "changeType": its.change_type,
        "clientState": its.client_state,
        "notificationUrl": its.notification_url,
        "lifecycleNotificationUrl": its.lifecycle_url,
        "expirationDateTime": exact_time(its.expires_at),
        "creatorId": its.by.creator,
        "latestSupportedTlsVersion": its.tls,
        "encryptionCertificate": its.certificate.text if its.certificate else None,
        "encryptionCertificateId": its.certificate.id if its.certificate else None,
        "includeResourceData": its.certificate is not None,
        "notificationContentType": "application/json",
        "notificationQueryOptions": None,
        "notificationUrlAppId": None,
    }
