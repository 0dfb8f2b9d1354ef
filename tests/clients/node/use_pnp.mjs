// @pnp/graph at work.
import assert from "node:assert/strict";
import { Endpoint, GraphCollection, graphPost } from "@pnp/graph";
import { HttpRequestError, body } from "@pnp/queryable";
import "@pnp/graph/attachments/index.js";
import "@pnp/graph/batching.js";
import "@pnp/graph/mail/index.js";
import "@pnp/graph/users/index.js";
import { graph } from "./pointed.mjs";
import { ADELE, ALEX, DANA, FINAL, FIRST, INVITATION, MENU, NUMBERS } from "./plot.mjs";
import { run } from "./steps.mjs";

const to = (address) => [{ emailAddress: { address } }];
const archive = graph.me.mailFolders.getById("archive");

async function subjects(folder) {
  const messages = await graph.me.mailFolders.getById(folder).messages();
  return messages.map(({ subject }) => subject);
}

async function invitation() {
  const found = await graph.me.mailFolders.getById("inbox").messages.filter(`subject eq '${INVITATION}'`)();
  assert.equal(found.length, 1);
  return graph.me.messages.getById(found[0].id);
}

async function theMainJob() {
  const said = { contentType: "text", content: "The new cafeteria is open." };
  const { id } = await graph.me.messages.add({ subject: FIRST, body: said, toRecipients: to(ADELE) });
  const draft = graph.me.messages.getById(id);
  await draft.update({ subject: FINAL, importance: "high" });
  await draft.attachments.addFile({ name: "menu.txt", contentBytes: Buffer.from(MENU).toString("base64") });
  const mentioned = { name: "Dana Swope", address: DANA };
  const mentions = GraphCollection(draft, "mentions").using(Endpoint("beta"));
  await graphPost(mentions, body({ mentioned }));
  assert.deepEqual((await draft.attachments()).map(({ name }) => name), ["menu.txt"]);
  assert.deepEqual(await subjects("drafts"), [FINAL]);
  await draft.send();
  assert.deepEqual(await subjects("drafts"), []);
  assert.ok((await subjects("sentitems")).includes(FINAL));
}

async function sendMail() {
  await graph.me.sendMail({ subject: "In one go", toRecipients: to(ADELE) }, true);
  assert.ok((await subjects("sentitems")).includes("In one go"));
}

async function pages() {
  const seen = [];
  for await (const page of archive.messages.select("subject").orderBy("subject", false).top(5)) {
    seen.push(page.map(({ subject }) => subject));
  }
  assert.deepEqual(seen.flat(), NUMBERS.toReversed());
  assert.deepEqual(seen.map(({ length }) => length), [5, 5, 2]);
}

async function delta() {
  const first = await archive.messages.delta({ maxPageSize: 5 })();
  const second = await first.next()(); // a page as large as any: pnp says only once how large it should be
  assert.deepEqual([first.values.length, second.length], [5, 7]);
  const whole = await archive.messages.delta({ maxPageSize: 50 })();
  assert.deepEqual(whole.values.map(({ subject }) => subject).toSorted(), NUMBERS);
  const { id } = await archive.messages.add({ subject: "New" });
  assert.deepEqual((await whole.delta()).values.map(({ subject }) => subject), ["New"]);
  await graph.me.messages.getById(id).delete();
}

async function search() {
  const found = await graph.me.messages.search('"subject:07"')();
  assert.deepEqual(found.map(({ subject }) => subject), [NUMBERS[7]]);
  const starting = await graph.me.messages.filter("startswith(subject, 'Number 1')").select("subject")();
  assert.deepEqual(starting.map(({ subject }) => subject).toSorted(), NUMBERS.slice(10));
}

async function batch() {
  const [batched, execute] = graph.batched();
  const folder = batched.me.mailFolders.getById("archive")();
  const missing = assert.rejects(batched.me.messages.getById("nonsense")(), { status: 400 });
  await execute();
  assert.equal((await folder).totalItemCount, NUMBERS.length);
  await missing;
}

async function answers() {
  const letter = await invitation();
  const draft = await letter.createReply();
  assert.deepEqual([draft.subject, draft.isDraft], [`RE: ${INVITATION}`, true]);
  await graph.me.messages.getById(draft.id).send();
  await letter.reply({ comment: "Gladly." });
  await letter.forward({ comment: "For you.", toRecipients: to(ALEX) });
  const sent = await subjects("sentitems");
  assert.equal(sent.filter((subject) => subject === `RE: ${INVITATION}`).length, 2);
  assert.ok(sent.includes(`FW: ${INVITATION}`));
}

async function moves() {
  const there = await (await invitation()).move("junkemail");
  const copy = await graph.me.messages.getById(there.id).copy("clutter");
  assert.notEqual(copy.id, there.id);
  await graph.me.messages.getById(copy.id).delete();
  await graph.me.messages.getById(there.id).move("inbox");
  await invitation();
}

async function folders() {
  const clubs = await graph.me.mailFolders.add({ displayName: "Clubs" });
  const folder = graph.me.mailFolders.getById(clubs.id);
  const chess = await folder.childFolders.add({ displayName: "Chess" });
  await folder.update({ displayName: "Societies" });
  assert.equal((await folder()).childFolderCount, 1);
  await graph.me.mailFolders.getById(chess.id).move("inbox");
  await folder.delete();
  const below = await graph.me.mailFolders.getById("inbox").childFolders();
  assert.deepEqual(below.map(({ displayName }) => displayName), ["Chess"]);
}

async function rulesAndCategories() {
  const rules = graph.me.mailFolders.getById("inbox").messageRules;
  const actions = { markImportance: "high" };
  const conditions = { senderContains: ["adele"] };
  const rule = await rules.add({ displayName: "From partner", sequence: 1, conditions, actions });
  await rules.getById(rule.id).update({ displayName: "Renamed" });
  assert.deepEqual((await rules()).map(({ displayName }) => displayName), ["Renamed"]);
  await rules.getById(rule.id).delete();
  const category = await graph.me.outlook.masterCategories.add({ displayName: "Lunch", color: "preset9" });
  assert.equal(category.displayName, "Lunch");
}

async function settings() {
  const away = { status: "alwaysEnabled", internalReplyMessage: "I am away." };
  await graph.me.mailboxSettings.update({ automaticRepliesSetting: away });
  assert.equal((await graph.me.mailboxSettings()).automaticRepliesSetting.status, "alwaysEnabled");
  await graph.me.mailboxSettings.update({ automaticRepliesSetting: { status: "disabled" } });
  assert.equal((await graph.me()).mail, ALEX);
}

async function refusals() {
  await assert.rejects(graph.me.messages.getById("nonsense")(), (error) => {
    assert.ok(error instanceof HttpRequestError);
    assert.equal(error.status, 400);
    assert.match(error.message, /ErrorInvalidIdMalformed/);
    return true;
  });
}

await run(theMainJob, sendMail, pages, delta, search, batch, answers, moves, folders, rulesAndCategories);
await run(settings, refusals);
