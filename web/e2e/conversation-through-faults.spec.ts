import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import { words } from "@/features/conversations/words";
import { crashDatabase, killServer, settled, showsTheRows } from "./faults";
import { asked, CLINIC, type Conversation, conversationOf } from "./stage";

// A turn that was killed is another's once its lease is over.
test.setTimeout(300_000);

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

/** She went away and came back, and both were said. */
async function outlives(page: Page, fault: () => Promise<void>): Promise<void> {
  await fault();
  await expect(page.getByText(frame.lost.says)).toBeVisible();
  await expect(page.getByText(frame.lost.says)).toBeHidden({ timeout: 90_000 });
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
    await expect(tab.getByRole("log").getByText("Bom dia", { exact: true })).toBeVisible();
  }
  const box = page.getByRole("textbox", { name: words.placeholder });
  await box.fill("ainda escrevendo");

  await says(request, person, "qual o endereço da clínica?", "2");
  await expect.poll(async () => (await conversationOf(request, conversation)).busy).toBe(true);
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
  await expect(page.getByText(words.mine)).toBeVisible();
  const box = page.getByRole("textbox", { name: words.placeholder });
  const log = page.getByRole("log", { name: words.transcript(person) });

  await outlives(page, async () => {
    await crashDatabase();
    await box.fill("Já confirmo para você, Olga.");
    await box.press("Enter");
    await expect(log.getByText("Já confirmo para você, Olga.")).toBeVisible();
    await box.fill("um rascunho");
    await page.reload();
    const second = await context.newPage();
    await second.goto(`/conversas/${conversation}`);
  });
  await insists(request, person, "obrigada, fico esperando", "2");

  const talk = await settled(request, conversation);
  expect(written(talk, "person", "Já confirmo para você")).toBe(1);
  expect(written(talk, "patient", "fico esperando")).toBe(1);
  expect(talk).toMatchObject({ owner: "person", owner_name: "Bia" });
  for (const tab of context.pages()) await showsTheRows(tab, talk);
  await expect(box).toHaveValue("um rascunho");

  // What comes later is heard again by both.
  await insists(request, person, "e o estacionamento?", "3");
  const later = await settled(request, conversation);
  expect(later.messages.length).toBe(talk.messages.length + 1);
  for (const tab of context.pages()) await showsTheRows(tab, later);
});
