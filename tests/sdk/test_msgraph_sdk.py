"""The official Python SDK, unmodified, does the main job: in process, and over HTTP on localhost.

All tests of the SDK are in this module, because importing it takes half a second.
"""

import datetime
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attachment_item import AttachmentItem
from msgraph.generated.models.attachment_type import AttachmentType
from msgraph.generated.models.automatic_replies_setting import AutomaticRepliesSetting
from msgraph.generated.models.automatic_replies_status import AutomaticRepliesStatus
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.category_color import CategoryColor
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_message_request import EventMessageRequest
from msgraph.generated.models.extension import Extension
from msgraph.generated.models.external_audience_scope import ExternalAudienceScope
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.free_busy_status import FreeBusyStatus
from msgraph.generated.models.importance import Importance
from msgraph.generated.models.item_attachment import ItemAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.mail_folder import MailFolder
from msgraph.generated.models.mail_search_folder import MailSearchFolder
from msgraph.generated.models.mailbox_settings import MailboxSettings
from msgraph.generated.models.meeting_request_type import MeetingRequestType
from msgraph.generated.models.message import Message
from msgraph.generated.models.message_rule import MessageRule
from msgraph.generated.models.message_rule_actions import MessageRuleActions
from msgraph.generated.models.message_rule_predicates import MessageRulePredicates
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.open_type_extension import OpenTypeExtension
from msgraph.generated.models.outlook_category import OutlookCategory
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.single_value_legacy_extended_property import (
    SingleValueLegacyExtendedProperty,
)
from msgraph.generated.models.subscription import Subscription
from msgraph.generated.models.user_purpose import UserPurpose
from msgraph.generated.models.working_hours import WorkingHours
from msgraph.generated.users.item.mail_folders.item.copy.copy_post_request_body import (
    CopyPostRequestBody as CopyFolder,
)
from msgraph.generated.users.item.mail_folders.item.mail_folder_item_request_builder import (
    MailFolderItemRequestBuilder,
)
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import (
    MessagesRequestBuilder as FolderMessages,
)
from msgraph.generated.users.item.mail_folders.item.move.move_post_request_body import (
    MovePostRequestBody as MoveFolder,
)
from msgraph.generated.users.item.messages.item.attachments.create_upload_session import (
    create_upload_session_post_request_body,
)
from msgraph.generated.users.item.messages.item.attachments.item.attachment_item_request_builder import (
    AttachmentItemRequestBuilder,
)
from msgraph.generated.users.item.messages.item.copy.copy_post_request_body import CopyPostRequestBody
from msgraph.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
    CreateReplyPostRequestBody,
)
from msgraph.generated.users.item.messages.item.forward.forward_post_request_body import (
    ForwardPostRequestBody,
)
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.messages.item.reply.reply_post_request_body import ReplyPostRequestBody
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph_core import GraphClientFactory
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.requests.batch_response_content import BatchResponseContent
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask
from msgraph_core.tasks.page_iterator import PageIterator

from letterbook import open_book
from letterbook.adapters.book import Book
from tests.looping import Conversations
from tests.notifying.receiver import reader, receiving
from tests.serving import Served

CreateUploadSessionPostRequestBody = (
    create_upload_session_post_request_body.CreateUploadSessionPostRequestBody
)
ALEX, ADELE = "alexw@contoso.com", "adelev@contoso.com"
MB = 1024 * 1024
T = TypeVar("T")


@cache
def known_authorities() -> ssl.SSLContext:
    """What httpx trusts; to read it takes longer than most tests."""
    return httpx.create_ssl_context()


class KnownToken(AccessTokenProvider):
    """Gives the SDK a token that is known already."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._hosts = AllowedHostsValidator([])

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, object] | None = None
    ) -> str:
        """The token, whatever it is for."""
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        """Every host may have it."""
        return self._hosts


class Office:
    """A book, and the official SDK for everyone in it."""

    def __init__(self, book: Book, way: str, served: Served) -> None:
        self.book = book
        self._served = served if way == "over HTTP" else None
        served.face = book.asgi()
        self.way = way
        self._loop = Conversations()
        self._clients: list[httpx.AsyncClient] = []
        self.asked: list[str] = []

    def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            self._loop.run(client.aclose())
        self._loop.close()

    def client(self, address: str, scope: str = "Mail.ReadWrite Mail.Send") -> GraphServiceClient:
        """The SDK as an application would make it, with a token for a person."""
        return self.client_with(self.book.token(address, scope))

    def client_with(self, token: str) -> GraphServiceClient:
        """The SDK with any token."""
        http = httpx.AsyncClient(
            verify=known_authorities(),
            transport=None if self._served else httpx.ASGITransport(app=self.book.asgi()),
            event_hooks={"request": [self._note]},
        )
        self._clients.append(http)
        if self.way == "in process, with middleware":
            http = GraphClientFactory.create_with_default_middleware(client=http)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(KnownToken(token)), client=http)
        if self._served:
            adapter.base_url = f"http://127.0.0.1:{self._served.port}/v1.0"
        return GraphServiceClient(request_adapter=adapter)

    async def _note(self, request: httpx.Request) -> None:
        self.asked.append(str(request.url))

    def wait(self, asked: Awaitable[T | None]) -> T:
        """What the SDK makes of an answer that is not empty."""
        found = self._loop.run(_awaited(asked))
        assert found is not None
        return found

    def done(self, asked: Awaitable[object]) -> None:
        """Something that has no answer."""
        assert self._loop.run(_awaited(asked)) in (None, b"")

    def refused(self, asked: Callable[[], Awaitable[object]]) -> ODataError:
        """The SDK's own error, made from a refusal."""
        with pytest.raises(ODataError) as refusal:
            self._loop.run(_awaited(asked()))
        return refusal.value


async def _awaited(asked: Awaitable[T]) -> T:
    return await asked


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One server for all of them: to stop one takes longer than most tests."""
    served = Served()
    yield served
    served.stop()


PLAIN = pytest.param("in process", marks=pytest.mark.slow)
"""The same without the middleware, which passes on what it does not have to do with."""


@pytest.fixture(params=["in process, with middleware", "over HTTP", PLAIN])
def office(request: pytest.FixtureRequest, tmp_path: Path, served: Served) -> Iterator[Office]:
    """Alex and Adele, and the SDK in each of the ways it is used."""
    with open_book(tmp_path / "mail.db", deliver=False, allow_local_webhooks=True) as book:
        book.add_user(ALEX, name="Alex Wilber")
        book.add_user(ADELE, name="Adele Vance")
        office = Office(book, request.param, served)
        yield office
        office.close()


def recipient(address: str) -> Recipient:
    """A recipient as the SDK makes one."""
    return Recipient(email_address=EmailAddress(address=address))


def letter(subject: str = "Meet for lunch?") -> Message:
    """A letter to Adele."""
    body = ItemBody(content_type=BodyType.Text, content="The new cafeteria is open.")
    return Message(subject=subject, body=body, to_recipients=[recipient(ADELE)])


def test_the_main_job(office: Office) -> None:
    me = office.client(ALEX).me
    draft = office.wait(me.messages.post(letter()))
    assert draft.id is not None
    assert draft.is_draft
    assert draft.created_date_time is not None
    assert draft.created_date_time.tzinfo is not None
    message = me.messages.by_message_id(draft.id)

    changed = office.wait(message.patch(Message(subject="Lunch!", importance=Importance.High)))
    assert (changed.subject, changed.importance) == ("Lunch!", Importance.High)

    drafts = office.wait(me.mail_folders.by_mail_folder_id("drafts").messages.get())
    assert [each.id for each in drafts.value or []] == [draft.id]

    file = FileAttachment(name="menu.txt", content_type="text/plain", content_bytes=b"Soup")
    attached = office.wait(message.attachments.post(file))
    assert isinstance(attached, FileAttachment)
    assert attached.size == 4

    office.done(message.send.post())
    assert office.wait(me.mail_folders.by_mail_folder_id("drafts").messages.get()).value == []
    kept = office.wait(me.mail_folders.by_mail_folder_id("SentItems").messages.get())
    assert [(each.subject, each.is_draft) for each in kept.value or []] == [("Lunch!", False)]

    office.book.deliver()
    inbox = office.client(ADELE).me.mail_folders.by_mail_folder_id("inbox")
    (received,) = office.wait(inbox.messages.get()).value or []
    assert (received.subject, received.is_read, received.has_attachments) == ("Lunch!", False, True)
    assert received.from_ is not None
    assert received.from_.email_address is not None
    assert received.from_.email_address.name == "Alex Wilber"
    assert received.body is not None
    assert (received.body.content_type, received.body.content) == (
        BodyType.Text,
        "The new cafeteria is open.",
    )


def test_the_sdk_speaks_as_it_always_does(office: Office) -> None:
    office.wait(office.client(ALEX).me.messages.get())
    (asked,) = office.asked
    host = "http://127.0.0.1:" if office.way == "over HTTP" else "https://graph.microsoft.com/v1.0/"
    assert asked.startswith(host)
    assert asked.endswith("/users/me-token-to-replace/messages")


@pytest.mark.parametrize("keep", [True, False, None])
def test_send_mail(office: Office, keep: bool | None) -> None:
    client = office.client(ALEX)
    body = SendMailPostRequestBody(message=letter("In one go"), save_to_sent_items=keep)
    office.done(client.me.send_mail.post(body))
    office.done(client.users.by_user_id(ALEX).send_mail.post(body))
    sent = office.wait(client.me.mail_folders.by_mail_folder_id("sentitems").messages.get())
    assert [each.subject for each in sent.value or []] == ([] if keep is False else ["In one go"] * 2)
    office.book.deliver()
    arrived = office.wait(office.client(ADELE).me.messages.get())
    assert [each.subject for each in arrived.value or []] == ["In one go"] * 2


def test_queries_and_pages(office: Office) -> None:
    for number in range(12):
        office.book.mailbox(ALEX).create_draft(subject=f"Number {number:02}", to=[ADELE])
    client = office.client(ALEX)
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        select=["subject"], top=5, count=True, filter="startswith(subject, 'Number')"
    )
    configuration = RequestConfiguration(query_parameters=query)
    first = office.wait(client.me.messages.get(request_configuration=configuration))
    assert first.odata_count == 12
    assert [each.body for each in first.value or []] == [None] * 5
    seen: list[str | None] = []

    def noted(message: Message) -> bool:
        seen.append(message.subject)
        return True

    async def walk() -> bool:
        pages = PageIterator(first, client.request_adapter)
        await pages.iterate(noted)
        return True

    assert office.wait(walk())
    assert sorted(map(str, seen)) == [f"Number {number:02}" for number in range(12)]
    ordered = FolderMessages.MessagesRequestBuilderGetQueryParameters(orderby=["subject desc"], top=1)
    page = office.wait(
        client.me.mail_folders.by_mail_folder_id("drafts").messages.get(
            RequestConfiguration(query_parameters=ordered)
        )
    )
    assert [each.subject for each in page.value or []] == ["Number 11"]
    assert office.wait(client.me.messages.count.get()) == 12


def test_attachments_extensions_and_headers(office: Office) -> None:
    me = office.client(ALEX).me
    new = letter()
    new.extensions = [OpenTypeExtension(extension_name="com.contoso.x", additional_data={"theme": "dark"})]
    new.attachments = [FileAttachment(name="a.txt", content_bytes=b"Hello")]
    draft = office.wait(me.messages.post(new))
    assert draft.id is not None
    message = me.messages.by_message_id(draft.id)
    query = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters(
        expand=["attachments", "extensions"]
    )
    headers = HeadersCollection()
    headers.try_add("Prefer", 'outlook.body-content-type="html"')
    shown = office.wait(message.get(RequestConfiguration(query_parameters=query, headers=headers)))
    assert shown.body is not None
    assert shown.body.content_type == BodyType.Html
    (file,) = shown.attachments or []
    assert isinstance(file, FileAttachment)
    (extension,) = shown.extensions or []
    assert isinstance(extension, OpenTypeExtension)
    assert extension.additional_data["theme"] == "dark"
    assert file.id is not None
    assert office.wait(me.messages.by_message_id(draft.id).content.get()).startswith(b"To: ")
    (one,) = office.wait(message.extensions.get()).value or []
    assert isinstance(one, Extension)
    office.done(message.attachments.by_attachment_id(file.id).delete())
    assert office.wait(message.attachments.get()).value == []
    office.done(message.delete())


@pytest.mark.parametrize("piece", [5 * MB, MB])
def test_large_files(office: Office, piece: int) -> None:
    """In one piece, as by default, and in several."""
    client, content = office.client(ALEX), os.urandom(3 * MB + 1000)
    draft = office.wait(client.me.messages.post(letter()))
    assert draft.id is not None
    attachments = client.me.messages.by_message_id(draft.id).attachments
    item = AttachmentItem(attachment_type=AttachmentType.File, name="flower.jpg", size=len(content))
    body = CreateUploadSessionPostRequestBody(attachment_item=item)
    session = office.wait(attachments.create_upload_session.post(body))
    task = LargeFileUploadTask(session, client.request_adapter, BytesIO(content), max_chunk_size=piece)
    office.wait(task.upload())
    asked = sum("/AttachmentSessions(" in url for url in office.asked)
    assert asked > len(content) / piece, "it always asks once more than it has to"
    (file,) = office.wait(attachments.get()).value or []
    assert isinstance(file, FileAttachment)
    assert (file.name, file.content_type, file.content_bytes) == (
        "flower.jpg",
        "image/jpeg",
        content,
    )


def test_answers_moves_and_copies(office: Office) -> None:
    office.done(office.client(ALEX).me.send_mail.post(SendMailPostRequestBody(message=letter())))
    office.book.deliver()
    me = office.client(ADELE).me
    (got,) = office.wait(me.mail_folders.by_mail_folder_id("inbox").messages.get()).value or []
    assert got.id is not None
    message = me.messages.by_message_id(got.id)

    draft = office.wait(message.create_reply.post(CreateReplyPostRequestBody(comment="Gladly.")))
    assert (draft.subject, draft.is_draft) == ("RE: Meet for lunch?", True)
    assert [each.email_address and each.email_address.address for each in draft.to_recipients or []] == [ALEX]
    assert (draft.conversation_id, draft.conversation_index) != (None, None)
    assert draft.conversation_id == got.conversation_id

    office.done(message.reply.post(ReplyPostRequestBody(comment="Gladly.")))
    to = [recipient(ALEX)]
    office.done(message.forward.post(ForwardPostRequestBody(comment="For you.", to_recipients=to)))
    office.book.deliver()
    answers = office.wait(office.client(ALEX).me.mail_folders.by_mail_folder_id("inbox").messages.get())
    subjects = {each.subject for each in answers.value or []}
    assert subjects == {"RE: Meet for lunch?", "FW: Meet for lunch?"}

    copy = office.wait(message.copy.post(CopyPostRequestBody(destination_id="archive")))
    assert copy.id != got.id
    moved = office.wait(message.move.post(MovePostRequestBody(destination_id="deleteditems")))
    assert moved.id is not None
    office.done(me.messages.by_message_id(moved.id).permanent_delete.post())
    left = office.wait(me.messages.get()).value or []
    assert {each.subject for each in left} == {
        "Meet for lunch?",
        "RE: Meet for lunch?",
        "FW: Meet for lunch?",
    }


def test_folders(office: Office) -> None:
    me = office.client(ALEX).me
    made = office.wait(me.mail_folders.post(MailFolder(display_name="Projects")))
    assert made.id is not None
    listed = office.wait(me.mail_folders.get()).value or []
    assert {"Drafts", "Inbox", "Projects", "Sent Items"} <= {folder.display_name for folder in listed}
    below = me.mail_folders.by_mail_folder_id(made.id)
    office.wait(below.child_folders.post(MailFolder(display_name="2024")))
    office.wait(below.messages.post(letter()))
    folder = office.wait(below.get())
    assert (folder.total_item_count, folder.child_folder_count) == (1, 1)


def test_trees_of_folders(office: Office) -> None:
    folders = office.client(ALEX).me.mail_folders

    def named(folder: str | None) -> MailFolderItemRequestBuilder:
        return folders.by_mail_folder_id(folder or "")

    clubs = office.wait(named("inbox").child_folders.post(MailFolder(display_name="Clubs")))
    chess = office.wait(named(clubs.id).child_folders.post(MailFolder(display_name="Chess")))
    office.wait(named(chess.id).messages.post(Message(subject="Dues")))
    renamed = office.wait(named(clubs.id).patch(MailFolder(display_name="Societies")))
    assert (renamed.display_name, renamed.child_folder_count) == ("Societies", 1)
    copied = office.wait(named(clubs.id).copy.post(CopyFolder(destination_id="archive")))
    moved = office.wait(named(chess.id).move.post(MoveFolder(destination_id="inbox")))
    assert (moved.id, moved.total_item_count) == (chess.id, 1)
    office.done(named(clubs.id).permanent_delete.post())
    office.done(named(copied.id).delete())
    (kept,) = office.wait(named("deleteditems").child_folders.get()).value or []
    assert (kept.id, kept.child_folder_count) == (copied.id, 1)


COLOR = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"


def test_what_hangs_on_messages_and_folders_is_found(office: Office) -> None:
    """By categories and extended properties, which are shown when they are asked for."""
    me = office.client(ALEX).me
    green = SingleValueLegacyExtendedProperty(id=COLOR, value="Green")
    draft = office.wait(
        me.messages.post(
            Message(subject="Green", categories=["Red category"], single_value_extended_properties=[green])
        )
    )
    office.wait(me.messages.post(letter()))
    by_id = f"id eq '{COLOR}'"
    for text in (
        "categories/any(c:c eq 'red category')",
        f"singleValueExtendedProperties/any(ep:ep/{by_id} and ep/value eq 'green')",
    ):
        query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
            filter=text, expand=[f"singleValueExtendedProperties($filter={by_id})"]
        )
        page = office.wait(me.messages.get(RequestConfiguration(query_parameters=query)))
        (found,) = page.value or []
        (shown,) = found.single_value_extended_properties or []
        assert (found.id, shown.id, shown.value) == (draft.id, COLOR, "Green")
    folder = MailFolder(display_name="Green", single_value_extended_properties=[green])
    made = office.wait(me.mail_folders.post(folder))
    asked = MailFolderItemRequestBuilder.MailFolderItemRequestBuilderGetQueryParameters(
        expand=[f"singleValueExtendedProperties($filter={by_id})"]
    )
    one = me.mail_folders.by_mail_folder_id(made.id or "")
    read = office.wait(one.get(RequestConfiguration(query_parameters=asked)))
    assert [each.value for each in read.single_value_extended_properties or []] == ["Green"]
    to_adele = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        filter=f"toRecipients/any(r:r/emailAddress/address eq '{ADELE}')"
    )
    with pytest.raises(ODataError) as refused:
        office.wait(me.messages.get(RequestConfiguration(query_parameters=to_adele)))
    assert refused.value.error is not None
    assert refused.value.error.code == "ErrorInvalidUrlQueryFilter"


def test_search_folders(office: Office) -> None:
    folders = office.client(ALEX).me.mail_folders
    office.wait(folders.by_mail_folder_id("archive").messages.post(letter()))
    ask = MailSearchFolder(
        display_name="Lunches",
        include_nested_folders=True,
        source_folder_ids=["msgfolderroot"],
        filter_query="contains(subject, 'lunch')",
    )
    made = office.wait(folders.by_mail_folder_id("searchfolders").child_folders.post(ask))
    assert isinstance(made, MailSearchFolder)
    assert (made.is_supported, made.filter_query, made.total_item_count) == (True, ask.filter_query, 1)
    (found,) = office.wait(folders.by_mail_folder_id(made.id or "").messages.get()).value or []
    assert found.subject == letter().subject


def test_a_folder_is_followed(office: Office) -> None:
    """With the SDK's own paths, ``delta()`` in parentheses, and the links as they are."""
    me = office.client(ALEX).me
    made = [office.wait(me.messages.post(letter())) for _ in range(3)]
    delta = me.mail_folders.by_mail_folder_id("drafts").messages.delta
    headers = HeadersCollection()
    headers.try_add("Prefer", "odata.maxpagesize=2")
    first = office.wait(delta.get(RequestConfiguration(headers=headers)))
    assert office.asked[-1].endswith("/mailFolders/drafts/messages/delta()")
    assert first.odata_next_link is not None
    second = office.wait(delta.with_url(first.odata_next_link).get())
    assert [len(page.value or []) for page in (first, second)] == [2, 1]
    ids = [message.id or "" for message in made]
    office.done(me.messages.by_message_id(ids[0]).delete())
    office.wait(me.messages.by_message_id(ids[1]).patch(Message(subject="Changed")))
    assert second.odata_delta_link is not None
    third = office.wait(delta.with_url(second.odata_delta_link).get())
    gone, changed = third.value or []
    assert (gone.id, gone.additional_data["@removed"]) == (ids[0], {"reason": "deleted"})
    assert (changed.id, changed.subject) == (ids[1], "Changed")
    office.book.mailbox(ALEX).order_resync()
    assert third.odata_delta_link is not None
    refusal = office.refused(delta.with_url(third.odata_delta_link).get)
    assert (refusal.response_status_code, refusal.error and refusal.error.code) == (410, "SyncStateNotFound")


def test_folders_are_followed(office: Office) -> None:
    me = office.client(ALEX).me
    page = office.wait(me.mail_folders.delta.get())
    assert "Inbox" in {folder.display_name for folder in page.value or []}
    below = me.mail_folders.by_mail_folder_id("inbox").child_folders
    assert office.wait(below.delta.get()).value == []
    office.wait(below.post(MailFolder(display_name="Clubs")))
    (clubs,) = office.wait(below.delta.get()).value or []
    assert clubs.display_name == "Clubs"


def test_refusals_arrive_as_the_sdks_own_errors(office: Office) -> None:
    me = office.client(ALEX).me
    draft = office.wait(me.messages.post(Message(subject="To nobody")))
    assert draft.id is not None
    message = me.messages.by_message_id(draft.id)
    stranger, reader = office.client_with("nonsense").me, office.client(ALEX, "Mail.Read").me
    for asked, status, code in (
        (message.send.post, 400, "ErrorInvalidRecipients"),
        (me.messages.by_message_id("nonsense").get, 400, "ErrorInvalidIdMalformed"),
        (office.client(ADELE).me.messages.by_message_id(draft.id).get, 404, "ErrorItemNotFound"),
        (partial(me.mail_folders.post, MailFolder(display_name="Inbox")), 409, "ErrorFolderExists"),
        (stranger.messages.get, 401, "InvalidAuthenticationToken"),
        (partial(reader.messages.post, letter()), 403, "ErrorAccessDenied"),
    ):
        refusal = office.refused(asked)
        assert refusal.response_status_code == status
        assert refusal.error is not None
        assert refusal.error.code == code
        assert refusal.error.message
        assert refusal.error.inner_error is not None
        assert refusal.error.inner_error.request_id
        assert refusal.error.inner_error.date is not None


def test_an_application_works_in_anybodys_name(office: Office) -> None:
    token = office.book.token("a-daemon", "Mail.ReadWrite Mail.Send", app=True)
    users = office.client_with(token).users
    draft = office.wait(users.by_user_id(ALEX).messages.post(letter()))
    assert draft.id is not None
    office.done(users.by_user_id(ALEX).messages.by_message_id(draft.id).send.post())
    office.book.deliver()
    arrived = office.wait(users.by_user_id(ADELE).messages.get())
    assert [each.subject for each in arrived.value or []] == ["Meet for lunch?"]


def test_a_subscriber_is_notified(office: Office) -> None:
    """Made, listed, renewed, reauthorized and given up; the receiver reads what comes with its own key."""
    subscriptions, owner = office.client(ALEX).subscriptions, reader()
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)
    with receiving() as endpoint:
        asked = Subscription(
            change_type="created",
            notification_url=endpoint.url,
            lifecycle_notification_url=f"{endpoint.url}/lifecycle",
            resource="me/mailFolders('drafts')/messages?$select=subject",
            expiration_date_time=end,
            client_state="secretClientValue",
            include_resource_data=True,
            encryption_certificate=owner.text,
            encryption_certificate_id="one",
        )
        made = office.wait(subscriptions.post(asked))
        assert made.id is not None
        assert (made.expiration_date_time, made.client_state) == (end, "secretClientValue")
        listed = office.wait(subscriptions.get()).value or []
        assert [(each.id, each.client_state) for each in listed] == [(made.id, None)]

        office.wait(office.client(ALEX).me.messages.post(letter()))
        office.book.notify()
        (notice,) = endpoint.notices
        assert (notice["subscriptionId"], notice["clientState"]) == (made.id, "secretClientValue")
        assert owner.read(notice["encryptedContent"])["subject"] == "Meet for lunch?"

        its, later = subscriptions.by_subscription_id(made.id), end + datetime.timedelta(hours=1)
        renewed = office.wait(its.patch(Subscription(expiration_date_time=later)))
        assert renewed.expiration_date_time == later
        office.done(its.reauthorize.post())
        office.done(its.delete())
        refusal = office.refused(its.get)
        assert (refusal.response_status_code, refusal.error and refusal.error.code) == (
            404,
            "ResourceNotFound",
        )


INVITATION = (
    b"To: alexw@contoso.com\r\nSubject: Debrief\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:debrief\r\nSEQUENCE:%d\r\n"
    b"DTSTART:20260302T090000Z\r\nDURATION:PT30M\r\nLOCATION:Room %d\r\n"
    b"ORGANIZER;CN=Adele Vance:mailto:adelev@contoso.com\r\n"
    b"ATTENDEE;RSVP=TRUE:mailto:alexw@contoso.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_invitations_lead_to_their_event(office: Office) -> None:
    for number in range(2):
        office.book.mailbox(ADELE).send_mime(INVITATION % (number, number))
        office.book.deliver()
    messages = office.client(ALEX).me.messages
    query = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters(
        expand=["microsoft.graph.eventMessage/event"]
    )
    found = office.wait(messages.get()).value or []
    second, first = (
        office.wait(messages.by_message_id(each.id or "").get(RequestConfiguration(query_parameters=query)))
        for each in found
    )
    assert isinstance(first, EventMessageRequest)
    assert isinstance(second, EventMessageRequest)
    assert (first.is_out_of_date, first.meeting_request_type) == (True, MeetingRequestType.Outdated)
    assert (second.is_out_of_date, second.meeting_request_type) == (
        False,
        MeetingRequestType.InformationalUpdate,
    )
    assert second.previous_location
    assert second.previous_location.display_name == "Room 0"
    assert first.event
    assert second.event
    assert first.event.id == second.event.id
    assert (first.event.i_cal_u_id, first.event.show_as) == ("debrief", FreeBusyStatus.Tentative)
    assert first.event.location
    assert first.event.location.display_name == "Room 1"


def test_events_are_attached(office: Office) -> None:
    messages = office.client(ALEX).me.messages
    draft = office.wait(messages.post(Message(subject="Lunch?")))
    attachments = messages.by_message_id(draft.id or "").attachments
    noon = DateTimeTimeZone(date_time="2026-06-15T12:00:00", time_zone="UTC")
    made = office.wait(
        attachments.post(ItemAttachment(name="Lunch", item=Event(subject="Lunch", start=noon)))
    )
    query = AttachmentItemRequestBuilder.AttachmentItemRequestBuilderGetQueryParameters(
        expand=["microsoft.graph.itemattachment/item"]
    )
    asked = attachments.by_attachment_id(made.id or "").get(RequestConfiguration(query_parameters=query))
    kept = office.wait(asked)
    assert isinstance(kept, ItemAttachment)
    assert isinstance(kept.item, Event)
    assert (kept.item.subject, kept.item.show_as) == ("Lunch", FreeBusyStatus.Busy)


def test_a_batch_asks_for_many_things_at_once(office: Office) -> None:
    client = office.client(ALEX)
    draft = office.wait(client.me.messages.post(letter()))
    assert draft.id is not None
    parts = {
        "list": client.me.messages.to_get_request_information(),
        "write": client.me.messages.to_post_request_information(letter("In a batch")),
        "miss": client.me.messages.by_message_id("nonsense").to_get_request_information(),
    }
    batch = BatchRequestContent()
    for name, asked in parts.items():
        batch.add_request(name, BatchRequestItem(asked, id=name))
    found = office.wait(client.batch.post(batch))
    assert isinstance(found, BatchResponseContent)
    assert found.get_response_status_codes() == {"list": 200, "write": 201, "miss": 400}
    subjects = {each.subject for each in office.wait(client.me.messages.get()).value or []}
    assert subjects == {"Meet for lunch?", "In a batch"}


def test_settings_categories_and_rules_are_kept(office: Office) -> None:
    client = office.client(ALEX, "MailboxSettings.ReadWrite Mail.ReadWrite User.Read")
    me = client.me
    setting = AutomaticRepliesSetting(
        status=AutomaticRepliesStatus.AlwaysEnabled,
        external_audience=ExternalAudienceScope.All,
        internal_reply_message="I am away.",
    )
    nine, five = datetime.time(9), datetime.time(17)
    hours = WorkingHours(days_of_week=[DayOfWeek.Monday], start_time=nine, end_time=five)
    said = MailboxSettings(automatic_replies_setting=setting, time_zone="UTC", working_hours=hours)
    changed = office.wait(client.users.by_user_id(ALEX).mailbox_settings.patch(said))
    assert changed.automatic_replies_setting is not None
    assert changed.automatic_replies_setting.status == AutomaticRepliesStatus.AlwaysEnabled
    whole = office.wait(me.mailbox_settings.get())
    assert whole.working_hours is not None
    assert (whole.working_hours.start_time, whole.user_purpose) == (nine, UserPurpose.User)

    made = office.wait(
        me.outlook.master_categories.post(OutlookCategory(display_name="Lunch", color=CategoryColor.Preset9))
    )
    assert (made.display_name, made.color) == ("Lunch", CategoryColor.Preset9)

    inbox = me.mail_folders.by_mail_folder_id("inbox")
    rule = MessageRule(
        display_name="From partner",
        sequence=1,
        conditions=MessageRulePredicates(sender_contains=["adele"]),
        actions=MessageRuleActions(forward_to=[recipient(ADELE)], mark_importance=Importance.High),
    )
    kept = office.wait(inbox.message_rules.post(rule))
    assert kept.conditions is not None
    assert kept.conditions.sender_contains == ["ADELE"]

    zones = office.wait(me.outlook.supported_time_zones_with_time_zone_standard("Iana").get())
    assert "Europe/Berlin" in {zone.alias for zone in zones.value or []}
    who = office.wait(me.get())
    assert (who.display_name, who.mail, who.user_principal_name) == ("Alex Wilber", ALEX, ALEX)
