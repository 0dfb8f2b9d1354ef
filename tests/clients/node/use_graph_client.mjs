// @microsoft/microsoft-graph-client at work.
import assert from "node:assert/strict";
import {
  BatchRequestContent,
  BatchResponseContent,
  FileUpload,
  GraphError,
  LargeFileUploadTask,
  PageIterator,
} from "@microsoft/microsoft-graph-client";
import { client } from "./pointed.mjs";
import { ADELE, ALEX, DANA, FINAL, FIRST, INVITATION, MENU, NUMBERS, flower } from "./plot.mjs";
import { run } from "./steps.mjs";

const to = (address) => [{ emailAddress: { address } }];

async function subjects(folder) {
  const { value } = await client.api(`/me/mailFolders/${folder}/messages`).get();
  return value.map(({ subject }) => subject);
}

async function invitation() {
  const filter = `subject eq '${INVITATION}'`;
  const { value } = await client.api("/me/mailFolders/inbox/messages").filter(filter).get();
  assert.equal(value.length, 1);
  return value[0];
}

async function theMainJob() {
  const body = { contentType: "text", content: "The new cafeteria is open." };
  const draft = await client.api("/me/messages").post({ subject: FIRST, body, toRecipients: to(ADELE) });
  const place = `/me/messages/${draft.id}`;
  const changed = await client.api(place).patch({ subject: FINAL, importance: "high" });
  assert.deepEqual([changed.subject, changed.importance], [FINAL, "high"]);
  const mentioned = { name: "Dana Swope", address: DANA };
  await client.api(`${place}/mentions`).version("beta").post({ mentioned });
  const found = await client.api("/me/messages").version("beta").expand("mentions").get();
  assert.deepEqual(found.value.find(({ id }) => id === draft.id).mentions[0].mentioned, mentioned);
  await client.api(`${place}/attachments`).post({
    "@odata.type": "#microsoft.graph.fileAttachment",
    name: "menu.txt",
    contentBytes: Buffer.from(MENU).toString("base64"),
  });
  const content = flower();
  const item = { attachmentType: "file", name: "flower.jpg", size: content.length };
  const session = await LargeFileUploadTask.createUploadSession(
    client,
    `${place}/attachments/createUploadSession`,
    { AttachmentItem: item },
  );
  const file = new FileUpload(content, "flower.jpg", content.length);
  const task = new LargeFileUploadTask(client, file, session, { rangeSize: 1024 * 1024 });
  const { location } = await task.upload();
  assert.equal((await client.api(location.split("/v1.0")[1]).get()).name, "flower.jpg");
  assert.deepEqual(await subjects("drafts"), [FINAL]);
  await client.api(`${place}/send`).post({});
  assert.deepEqual(await subjects("drafts"), []);
  assert.ok((await subjects("sentItems")).includes(FINAL));
}

async function sendMail() {
  const message = { subject: "In one go", toRecipients: to(ADELE) };
  await client.api("/me/sendMail").post({ message, saveToSentItems: true });
  assert.ok((await subjects("sentItems")).includes("In one go"));
}

async function pages() {
  const first = await client
    .api("/me/mailFolders/archive/messages")
    .select(["subject"])
    .orderby("subject desc")
    .top(5)
    .count(true)
    .get();
  assert.equal(first["@odata.count"], NUMBERS.length);
  const seen = [];
  const pages = new PageIterator(client, first, (message) => seen.push(message.subject) > 0);
  await pages.iterate();
  assert.deepEqual(seen, NUMBERS.toReversed());
  assert.ok(pages.isComplete());
}

async function delta() {
  const place = "/me/mailFolders/archive/messages/delta";
  const seen = [];
  const first = await client.api(place).header("Prefer", "odata.maxpagesize=5").get();
  const pages = new PageIterator(client, first, (message) => seen.push(message.subject) > 0);
  await pages.iterate();
  assert.deepEqual(seen.toSorted(), NUMBERS);
  const draft = await client.api("/me/mailFolders/archive/messages").post({ subject: "New" });
  await client.api(`/me/messages/${draft.id}`).patch({ categories: ["Lunch"] });
  const next = await client.api(pages.getDeltaLink()).get();
  assert.deepEqual(next.value.map(({ subject }) => subject), ["New"]);
  await client.api(`/me/messages/${draft.id}`).delete();
  const last = await client.api(next["@odata.deltaLink"]).get();
  assert.deepEqual(last.value.map((each) => each["@removed"].reason), ["deleted"]);
}

async function search() {
  const { value } = await client.api("/me/messages").search('"subject:07"').get();
  assert.deepEqual(value.map(({ subject }) => subject), [NUMBERS[7]]);
  const starting = "startswith(subject, 'Number 1')";
  const found = await client.api("/me/messages").filter(starting).select("subject").get();
  assert.deepEqual(found.value.map(({ subject }) => subject).toSorted(), NUMBERS.slice(10));
}

async function batch() {
  const asked = (path, options) => new Request(`https://localhost/v1.0${path}`, options);
  const content = new BatchRequestContent([
    { id: "1", request: asked("/me/mailFolders/archive", { method: "GET" }) },
    {
      id: "2",
      request: asked("/me/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ subject: "In a batch" }),
      }),
      dependsOn: ["1"],
    },
    { id: "3", request: asked("/me/messages/nonsense", { method: "GET" }), dependsOn: ["2"] },
  ]);
  const answers = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
  assert.deepEqual(["1", "2", "3"].map((id) => answers.getResponseById(id).status), [200, 201, 400]);
  const made = await answers.getResponseById("2").json();
  assert.equal(made.subject, "In a batch");
  await client.api(`/me/messages/${made.id}`).delete();
}

async function answers() {
  const { id } = await invitation();
  const draft = await client.api(`/me/messages/${id}/createReply`).post({ comment: "Gladly." });
  assert.deepEqual([draft.subject, draft.isDraft], [`RE: ${INVITATION}`, true]);
  await client.api(`/me/messages/${draft.id}/send`).post({});
  await client.api(`/me/messages/${id}/reply`).post({ comment: "Gladly." });
  await client.api(`/me/messages/${id}/forward`).post({ comment: "For you.", toRecipients: to(ALEX) });
  const sent = await subjects("sentItems");
  assert.equal(sent.filter((subject) => subject === `RE: ${INVITATION}`).length, 2);
  assert.ok(sent.includes(`FW: ${INVITATION}`));
}

async function moves() {
  const { id } = await invitation();
  const there = await client.api(`/me/messages/${id}/move`).post({ destinationId: "junkemail" });
  const copy = await client.api(`/me/messages/${there.id}/copy`).post({ destinationId: "clutter" });
  assert.notEqual(copy.id, there.id);
  await client.api(`/me/messages/${copy.id}/permanentDelete`).post({});
  await client.api(`/me/messages/${there.id}/move`).post({ destinationId: "inbox" });
  assert.equal((await invitation()).subject, INVITATION);
}

async function folders() {
  const clubs = await client.api("/me/mailFolders").post({ displayName: "Clubs" });
  const place = `/me/mailFolders/${clubs.id}`;
  const chess = await client.api(`${place}/childFolders`).post({ displayName: "Chess" });
  assert.equal((await client.api(place).patch({ displayName: "Societies" })).childFolderCount, 1);
  await client.api(`/me/mailFolders/${chess.id}/move`).post({ destinationId: "inbox" });
  await client.api(place).delete();
  const { value } = await client.api("/me/mailFolders/inbox/childFolders").get();
  assert.deepEqual(value.map(({ displayName }) => displayName), ["Chess"]);
}

async function mimeAndStreams() {
  const letter = `Subject: From MIME\r\nTo: ${ADELE}\r\n\r\nHello`;
  const draft = await client
    .api("/me/messages")
    .header("Content-Type", "text/plain")
    .post(Buffer.from(letter).toString("base64"));
  assert.equal(draft.subject, "From MIME");
  const chunks = [];
  const stream = await client.api(`/me/messages/${draft.id}/$value`).getStream();
  for await (const chunk of stream) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString(), /^Subject: From MIME/m);
  await client.api(`/me/messages/${draft.id}`).delete();
}

async function settings() {
  const away = { status: "alwaysEnabled", internalReplyMessage: "I am away." };
  await client.api("/me/mailboxSettings").patch({ automaticRepliesSetting: away });
  const kept = await client.api("/me/mailboxSettings").get();
  assert.equal(kept.automaticRepliesSetting.status, "alwaysEnabled");
  await client.api("/me/mailboxSettings").patch({ automaticRepliesSetting: { status: "disabled" } });
  assert.equal((await client.api("/me").get()).mail, ALEX);
}

async function refusals() {
  for (const [path, status, code] of [
    ["/me/messages/nonsense", 400, "ErrorInvalidIdMalformed"],
    [`/users/${ADELE}/messages`, 404, "ErrorInvalidUser"],
  ]) {
    await assert.rejects(client.api(path).get(), (error) => {
      assert.ok(error instanceof GraphError);
      assert.deepEqual([error.statusCode, error.code], [status, code]);
      assert.ok(error.requestId && error.date instanceof Date && error.message);
      return true;
    });
  }
}

await run(theMainJob, sendMail, pages, delta, search, batch, answers, moves, folders, mimeAndStreams);
await run(settings, refusals);
