// @microsoft/msgraph-sdk at work, as far as its preview goes.
import assert from "node:assert/strict";
import { AllowedHostsValidator, BaseBearerTokenAuthenticationProvider } from "@microsoft/kiota-abstractions";
import { CompressionHandler, HttpClient } from "@microsoft/kiota-http-fetchlibrary";
import { createGraphServiceClient, GraphRequestAdapter } from "@microsoft/msgraph-sdk";
import { getDefaultMiddlewares } from "@microsoft/msgraph-sdk-core";
import { client } from "./pointed.mjs";
import { ADELE, ALEX, FINAL, FIRST, INVITATION, NUMBERS } from "./plot.mjs";
import { run } from "./steps.mjs";

const me = client.users.byUserId(ALEX);
const to = (address) => [{ emailAddress: { address } }];

async function subjects(folder) {
  const { value } = await me.mailFolders.byMailFolderId(folder).messages.get();
  return value.map(({ subject }) => subject);
}

async function invitation() {
  const queryParameters = { filter: `subject eq '${INVITATION}'` };
  const { value } = await me.mailFolders.byMailFolderId("inbox").messages.get({ queryParameters });
  assert.equal(value.length, 1);
  return me.messages.byMessageId(value[0].id);
}

async function theMainJob() {
  const body = { contentType: "text", content: "The new cafeteria is open." };
  const { id } = await me.messages.post({ subject: FIRST, body, toRecipients: to(ADELE) });
  const draft = me.messages.byMessageId(id);
  const changed = await draft.patch({ subject: FINAL, importance: "high" });
  assert.deepEqual([changed.subject, changed.importance], [FINAL, "high"]);
  assert.deepEqual(await subjects("drafts"), [FINAL]);
  await draft.send.post();
  assert.deepEqual(await subjects("drafts"), []);
  assert.ok((await subjects("sentitems")).includes(FINAL));
}

async function sendMail() {
  const message = { subject: "In one go", toRecipients: to(ADELE) };
  await me.sendMail.post({ message, saveToSentItems: true });
  assert.ok((await subjects("sentitems")).includes("In one go"));
}

async function pages() {
  const archive = me.mailFolders.byMailFolderId("archive").messages;
  const first = await archive.get({ queryParameters: { top: 7, orderby: ["subject"] } });
  const second = await archive.withUrl(first.odataNextLink).get();
  const seen = [...first.value, ...second.value].map(({ subject }) => subject);
  assert.deepEqual(seen, NUMBERS);
}

async function delta() {
  const { delta } = me.mailFolders.byMailFolderId("archive").messages;
  const first = await delta.get({ queryParameters: { top: 20 } });
  assert.deepEqual(first.value.map(({ subject }) => subject).toSorted(), NUMBERS);
  assert.deepEqual((await delta.withUrl(first.odataDeltaLink).get()).value, []);
}

async function search() {
  const { value } = await me.messages.get({ queryParameters: { search: '"subject:07"' } });
  assert.deepEqual(value.map(({ subject }) => subject), [NUMBERS[7]]);
}

async function answers() {
  const letter = await invitation();
  const draft = await letter.createReply.post({ comment: "Gladly." });
  assert.equal(draft.subject, `RE: ${INVITATION}`);
  await letter.reply.post({ comment: "Gladly." });
  await letter.forward.post({ comment: "For you.", toRecipients: to(ALEX) });
  assert.ok((await subjects("sentitems")).includes(`FW: ${INVITATION}`));
  await me.messages.byMessageId(draft.id).delete();
}

async function moves() {
  const there = await (await invitation()).move.post({ destinationId: "junkemail" });
  await me.messages.byMessageId(there.id).move.post({ destinationId: "inbox" });
  await invitation();
}

async function folders() {
  const clubs = await me.mailFolders.post({ displayName: "Clubs" });
  const folder = me.mailFolders.byMailFolderId(clubs.id);
  await folder.childFolders.post({ displayName: "Chess" });
  assert.equal((await folder.patch({ displayName: "Societies" })).childFolderCount, 1);
  await folder.delete();
}

async function settings() {
  await me.mailboxSettings.patch({ automaticRepliesSetting: { status: "alwaysEnabled" } });
  assert.equal((await me.mailboxSettings.get()).automaticRepliesSetting.status, "alwaysEnabled");
  await me.mailboxSettings.patch({ automaticRepliesSetting: { status: "disabled" } });
}

async function compression() {
  const codings = [];
  const customFetch = (url, request) => {
    codings.push(new Headers(request.headers).get("content-encoding"));
    return fetch(url, request);
  };
  const tokens = {
    getAuthorizationToken: async () => process.env.TOKEN,
    getAllowedHostsValidator: () => new AllowedHostsValidator(new Set(["127.0.0.1"])),
  };
  const http = new HttpClient(undefined, new CompressionHandler(), ...getDefaultMiddlewares({ customFetch }));
  const holder = new BaseBearerTokenAuthenticationProvider(tokens);
  const adapter = new GraphRequestAdapter(holder, undefined, undefined, http);
  adapter.baseUrl = `${process.env.GRAPH}/v1.0`;
  const packing = createGraphServiceClient(adapter).users.byUserId(ALEX);
  const { id, subject } = await packing.messages.post({ subject: "In a small parcel" });
  assert.deepEqual([subject, codings], ["In a small parcel", ["gzip"]]);
  await packing.messages.byMessageId(id).delete();
}

async function refusals() {
  await assert.rejects(me.messages.byMessageId("nonsense").get(), (error) => {
    assert.equal(error.responseStatusCode, 400);
    assert.equal(error.errorEscaped.code, "ErrorInvalidIdMalformed");
    return true;
  });
}

await run(theMainJob, sendMail, pages, delta, search, answers, moves, folders, settings, compression, refusals);
