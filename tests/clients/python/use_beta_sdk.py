"""msgraph-beta-sdk at work: the same job under /beta, mentions included."""

from io import BytesIO
from typing import Any

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph_beta.generated.models.attachment_item import AttachmentItem
from msgraph_beta.generated.models.attachment_type import AttachmentType
from msgraph_beta.generated.models.automatic_replies_setting import AutomaticRepliesSetting
from msgraph_beta.generated.models.automatic_replies_status import AutomaticRepliesStatus
from msgraph_beta.generated.models.body_type import BodyType
from msgraph_beta.generated.models.email_address import EmailAddress
from msgraph_beta.generated.models.file_attachment import FileAttachment
from msgraph_beta.generated.models.importance import Importance
from msgraph_beta.generated.models.item_body import ItemBody
from msgraph_beta.generated.models.mail_folder import MailFolder
from msgraph_beta.generated.models.mailbox_settings import MailboxSettings
from msgraph_beta.generated.models.mention import Mention
from msgraph_beta.generated.models.message import Message
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.recipient import Recipient
from msgraph_beta.generated.users.item.messages.item.attachments.create_upload_session import (
    create_upload_session_post_request_body as session_body,
)
from msgraph_beta.generated.users.item.messages.item.copy.copy_post_request_body import CopyPostRequestBody
from msgraph_beta.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
    CreateReplyPostRequestBody,
)
from msgraph_beta.generated.users.item.messages.item.forward.forward_post_request_body import (
    ForwardPostRequestBody,
)
from msgraph_beta.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph_beta.generated.users.item.messages.item.reply.reply_post_request_body import ReplyPostRequestBody
from msgraph_beta.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph_beta.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask
from msgraph_core.tasks.page_iterator import PageIterator
from pointed import adapter, client

from tests.clients.plot import ADELE, ALEX, DANA, FINAL, FIRST, FLOWER, INVITATION, MENU, NUMBERS
from tests.clients.steps import refused_later, run

me = client.me()


def recipients(*addresses: str) -> list[Any]:
    """Recipients as the SDK makes them."""
    return [Recipient(email_address=EmailAddress(address=address)) for address in addresses]


def folder(name: str) -> Any:
    """A folder by its well-known name."""
    return me.mail_folders.by_mail_folder_id(name)


def asking(**options: Any) -> Any:
    """A query for messages."""
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(**options)
    return RequestConfiguration(query_parameters=query)


async def subjects(place: Any, **options: Any) -> list[str]:
    """What the messages of a folder are called."""
    return [message.subject for message in (await place.messages.get(asking(**options))).value]


async def invitation() -> Any:
    """The letter that waits in the Inbox."""
    query = asking(filter=f"subject eq '{INVITATION}'")
    (found,) = (await folder("inbox").messages.get(query)).value
    return me.messages.by_message_id(found.id)


async def the_main_job() -> None:
    body = ItemBody(content_type=BodyType.Text, content="The new cafeteria is open.")
    draft = await me.messages.post(Message(subject=FIRST, body=body, to_recipients=recipients(ADELE)))
    message = me.messages.by_message_id(draft.id)
    changed = await message.patch(Message(subject=FINAL, importance=Importance.High))
    assert (changed.subject, changed.importance) == (FINAL, Importance.High)
    await message.mentions.post(Mention(mentioned=EmailAddress(name="Dana Swope", address=DANA)))
    (found,) = (await me.messages.get(asking(filter=f"subject eq '{FINAL}'", expand=["mentions"]))).value
    (mention,) = found.mentions
    assert mention.mentioned.address == DANA
    assert found.mentions_preview.is_mentioned is False
    await message.attachments.post(FileAttachment(name="menu.txt", content_bytes=MENU))
    item = AttachmentItem(attachment_type=AttachmentType.File, name="flower.jpg", size=len(FLOWER))
    asked = session_body.CreateUploadSessionPostRequestBody(attachment_item=item)
    session = await message.attachments.create_upload_session.post(asked)
    await LargeFileUploadTask(session, adapter, BytesIO(FLOWER), max_chunk_size=1_310_720).upload()
    assert {each.name: each.content_bytes for each in (await message.attachments.get()).value} == {
        "menu.txt": MENU,
        "flower.jpg": FLOWER,
    }
    assert await subjects(folder("drafts")) == [FINAL]
    await message.send.post()
    assert await subjects(folder("drafts")) == []
    assert FINAL in await subjects(folder("sentitems"))


async def mentions_in_one_step() -> None:
    mentioned = Mention(mentioned=EmailAddress(name="Dana Swope", address=DANA))
    letter = Message(subject="All at once", to_recipients=recipients(ADELE), mentions=[mentioned])
    await me.send_mail.post(SendMailPostRequestBody(message=letter, save_to_sent_items=True))
    assert "All at once" in await subjects(folder("sentitems"))


async def pages() -> None:
    first = await folder("archive").messages.get(asking(top=5, count=True, orderby=["subject"]))
    assert first.odata_count == len(NUMBERS)
    seen: list[str] = []

    def noted(message: Any) -> bool:
        seen.append(message.subject)
        return True

    await PageIterator(first, adapter).iterate(noted)
    assert seen == NUMBERS


async def delta() -> None:
    headers = HeadersCollection()
    headers.try_add("Prefer", "odata.maxpagesize=7")
    following = folder("archive").messages.delta
    first = await following.get(RequestConfiguration(headers=headers))
    second = await following.with_url(first.odata_next_link).get()
    assert [len(page.value) for page in (first, second)] == [7, 5]
    draft = await folder("archive").messages.post(Message(subject="New"))
    third = await following.with_url(second.odata_delta_link).get()
    assert [message.subject for message in third.value] == ["New"]
    await me.messages.by_message_id(draft.id).delete()
    last = await following.with_url(third.odata_delta_link).get()
    assert [message.additional_data["@removed"] for message in last.value] == [{"reason": "deleted"}]


async def batch() -> None:
    asked = BatchRequestContent()
    for name, request in (
        ("list", folder("archive").messages.to_get_request_information()),
        ("write", folder("archive").messages.to_post_request_information(Message(subject="In a batch"))),
        ("miss", me.messages.by_message_id("nonsense").to_get_request_information()),
    ):
        asked.add_request(name, BatchRequestItem(request, id=name))
    found = await BatchRequestBuilder(adapter).post(asked)
    assert found.get_response_status_codes() == {"list": 200, "write": 201, "miss": 400}
    (made,) = (await folder("archive").messages.get(asking(filter="subject eq 'In a batch'"))).value
    await me.messages.by_message_id(made.id).permanent_delete.post()


async def search() -> None:
    assert await subjects(me, search='"subject:07"') == [NUMBERS[7]]
    assert sorted(await subjects(me, filter="startswith(subject, 'Number 1')")) == NUMBERS[10:]


async def answers() -> None:
    letter = await invitation()
    draft = await letter.create_reply.post(CreateReplyPostRequestBody(comment="Gladly."))
    assert (draft.subject, draft.is_draft) == (f"RE: {INVITATION}", True)
    await me.messages.by_message_id(draft.id).send.post()
    await letter.reply.post(ReplyPostRequestBody(comment="Gladly."))
    await letter.forward.post(ForwardPostRequestBody(comment="For you.", to_recipients=recipients(ALEX)))
    sent = await subjects(folder("sentitems"))
    assert (sent.count(f"RE: {INVITATION}"), sent.count(f"FW: {INVITATION}")) == (2, 1)


async def moves() -> None:
    there = await (await invitation()).move.post(MovePostRequestBody(destination_id="junkemail"))
    message = me.messages.by_message_id(there.id)
    copy = await message.copy.post(CopyPostRequestBody(destination_id="clutter"))
    assert copy.id != there.id
    await message.move.post(MovePostRequestBody(destination_id="inbox"))
    await invitation()


async def folders() -> None:
    clubs = await me.mail_folders.post(MailFolder(display_name="Clubs"))
    await folder(clubs.id).child_folders.post(MailFolder(display_name="Chess"))
    renamed = await folder(clubs.id).patch(MailFolder(display_name="Societies"))
    assert (renamed.display_name, renamed.child_folder_count) == ("Societies", 1)
    await folder(clubs.id).delete()
    assert "Societies" not in {each.display_name for each in (await me.mail_folders.get()).value}


async def settings() -> None:
    on, off = AutomaticRepliesStatus.AlwaysEnabled, AutomaticRepliesStatus.Disabled
    away = AutomaticRepliesSetting(status=on, internal_reply_message="Away.")
    await me.mailbox_settings.patch(MailboxSettings(automatic_replies_setting=away))
    kept = (await me.mailbox_settings.get()).automatic_replies_setting
    assert (kept.status, kept.internal_reply_message) == (on, "Away.")
    away.status = off
    await me.mailbox_settings.patch(MailboxSettings(automatic_replies_setting=away))
    assert (await me.get()).mail == ALEX


async def refusals() -> None:
    refusal = await refused_later(ODataError, me.messages.by_message_id("nonsense").get())
    assert (refusal.response_status_code, refusal.error.code) == (400, "ErrorInvalidIdMalformed")
    assert refusal.error.inner_error.request_id
    assert refusal.error.inner_error.date is not None


run(
    the_main_job,
    mentions_in_one_step,
    pages,
    delta,
    batch,
    search,
    answers,
    moves,
    folders,
    settings,
    refusals,
)
