import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import { words as chat } from "@/components/chat/words";
import { words } from "@/features/conversations/words";
import { crashDatabase, killServer, type Mend, settled, showsTheRows, watchFor } from "./faults";
import { Phone } from "./phone";
import { asked, CLINIC, type Conversation, conversationOf } from "./stage";

// A turn that was killed is another's once its lease is over.
test.setTimeout(420_000);
/** What a machine that does much else may take for what is a moment elsewhere. */
const slow = { timeout: 60_000 };

/** One of a patient's messages, as a provider delivers it: under one id, however often. */
function says(request: APIRequestContext, person: string, text: string, id: string, wait = 0) {
  const said = { clinic: CLINIC, as: person, text, wait, message_id: `${person.replace(" ", ".")}-${id}` };
  return asked<{ conversation: string; new: boolean }>(request, "/api/chat/messages", said);
}

/** Delivers it until somebody has it, and again though somebody has it. */
async function insists(request: APIRequestContext, person: string, text: string, id: string): Promise<void> {
  const delivered = () => says(request, person, text, id).then(Boolean, () => false);
  await expect.poll(delivered, { timeout: 60_000 }).toBe(true);
  const again = await Promise.all([1, 2, 3].map(() => says(request, person, text, id)));
  expect(again.map((one) => one.new)).toEqual([false, false, false]);
}

function written(talk: Conversation, author: string, part: string): number {
  return talk.messages.filter((line) => line.author === author && line.text.includes(part)).length;
}

/** She goes away, `meanwhile` happens, she comes back; that she was away and is back was said. */
async function outlives(page: Page, fault: () => Promise<Mend>, meanwhile = async () => {}): Promise<void> {
  const mend = await fault();
  try {
    await meanwhile();
    await expect(page.getByText(frame.lost.says)).toBeVisible(slow);
  } finally {
    mend();
  }
  await expect(page.getByText(frame.lost.says)).toBeHidden({ timeout: 120_000 });
}

test("the server is killed in the middle of a turn: what was said is answered once, two tabs show the rows, the draft stays", async ({
  page,
  context,
  request,
}) => {
  const person = `Nina ${Date.now().toString(36)}`;
  const { conversation } = await says(request, person, "Bom dia", "1", 20);
  const second = await context.newPage();
  for (const tab of [page, second]) {
    await tab.goto(`/conversas/${conversation}`);
    await expect(tab.getByRole("log").getByText("Bom dia", { exact: true })).toBeVisible(slow);
  }
  const box = page.getByRole("textbox", { name: words.placeholder });
  await box.fill("ainda escrevendo");

  await says(request, person, "qual o endereço da clínica?", "2");
  await expect.poll(async () => (await conversationOf(request, conversation)).busy, slow).toBe(true);
  await outlives(page, killServer);
  await insists(request, person, "qual o endereço da clínica?", "2");
  await insists(request, person, "e qual o horário de funcionamento?", "3");

  const talk = await settled(request, conversation);
  expect(written(talk, "patient", "qual o endereço")).toBe(1);
  expect(written(talk, "carol", "Nossos endereços")).toBe(1);
  expect(written(talk, "patient", "horário de funcionamento")).toBe(1);
  expect(written(talk, "carol", "sábado, das 8h às 12h")).toBe(1);
  for (const tab of [page, second]) await showsTheRows(tab, talk);
  await expect(box).toHaveValue("ainda escrevendo");
});

test("the database crashes while a person answers: what they wrote outlives a reload and leaves once, and two tabs show it", async ({
  page,
  context,
  request,
}) => {
  const person = `Olga ${Date.now().toString(36)}`;
  const { conversation } = await says(request, person, "Bom dia", "1", 20);
  await asked(request, `/api/conversations/${conversation}/take`, { by: "Bia" });
  await context.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await page.goto(`/conversas/${conversation}`);
  await expect(page.getByText(words.mine)).toBeVisible(slow);
  const box = page.getByRole("textbox", { name: words.placeholder });
  const log = page.getByRole("log", { name: words.transcript(person) });

  // Until it is let through, the answer is here alone: nothing but this page can have kept it.
  await page.route("**/api/conversations/*/reply", (route) => route.abort());
  await outlives(page, crashDatabase, async () => {
    await box.fill("Já confirmo para você, Olga.");
    await box.press("Enter");
    await expect(log.getByText("Já confirmo para você, Olga.")).toBeVisible(slow);
    await box.fill("um rascunho");
    await page.reload();
    const second = await context.newPage();
    await second.goto(`/conversas/${conversation}`);
  });
  await expect(log.locator("[data-unsent]")).toContainText("Já confirmo para você, Olga.", slow);
  expect(written(await conversationOf(request, conversation), "person", "Já confirmo")).toBe(0);
  const seen = await watchFor(page, "Já confirmo para você, Olga.");
  await page.unroute("**/api/conversations/*/reply");
  await expect(log.locator("[data-unsent]")).toHaveCount(0, slow);
  await insists(request, person, "obrigada, fico esperando", "2");

  const talk = await settled(request, conversation);
  expect(written(talk, "person", "Já confirmo para você")).toBe(1);
  expect(written(talk, "patient", "fico esperando")).toBe(1);
  expect(talk).toMatchObject({ owner: "person", owner_name: "Bia" });
  for (const tab of context.pages()) await showsTheRows(tab, talk);
  expect(await seen()).toBe(1);
  await expect(box).toHaveValue("um rascunho");

  // What comes later is heard again by both.
  await insists(request, person, "e o estacionamento?", "3");
  const later = await settled(request, conversation);
  expect(later.messages.length).toBe(talk.messages.length + 1);
  for (const tab of context.pages()) await showsTheRows(tab, later);
});

test("what happens while the page cannot hear is on it once it hears again, and a status that changes alone is seen at once", async ({
  page,
  context,
  request,
}) => {
  const phone = new Phone(request, `Vera ${Date.now().toString(36)}`);
  await phone.begin();
  await context.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await page.goto("/conversas");
  await phone.say("Bom dia");
  await page.getByRole("list", { name: words.list }).getByRole("link", { name: phone.name }).click(slow);
  const log = page.getByRole("log", { name: words.transcript(phone.name) });
  await expect(log.locator("[data-author=carol]").first()).toBeVisible(slow);
  const conversation = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await settled(request, conversation);
  const box = page.getByRole("textbox", { name: words.placeholder });
  await box.fill("Bom dia, Vera! Já vejo.");
  await box.press("Enter");
  const status = (word: string) => log.locator("[data-author=person]").getByTitle(chat.status[word] ?? "");
  await expect(status("sent")).toBeVisible(slow);
  await phone.told("Já vejo", "DELIVERY_ACK");
  await expect(status("delivered")).toBeVisible(slow);

  // The stream is cut, and what it would have told is lost: the rest of the server is well.
  await page.route("**/api/events?**", (route) => route.abort());
  await page.reload();
  await expect(status("delivered")).toBeVisible(slow);
  await phone.told("Já vejo", "READ");
  await phone.say("está por aí?");
  const stored = async () => written(await conversationOf(request, conversation), "patient", "por aí");
  await expect.poll(stored, slow).toBe(1);
  await expect(page.getByText(frame.lost.says)).toBeHidden();
  await expect(log.getByText("está por aí?")).toHaveCount(0);
  await expect(status("read")).toHaveCount(0);

  await page.unroute("**/api/events?**");
  await expect(log.getByText("está por aí?")).toBeVisible(slow);
  await expect(status("read")).toBeVisible();
  await showsTheRows(page, await settled(request, conversation));
  await phone.end();
});
