import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { words } from "@/features/playground/words";
import { conversationOf, Room, rehearsalOf, rehearse } from "./stage";

test("on a Sunday night, today is Sunday and tomorrow is Monday", async ({ page, request }) => {
  const room = await rehearse(page, request, { at: null });
  await page.getByRole("button", { name: words.clock.button }).click();
  await page.getByRole("menuitem", { name: words.clock.presets.sunday }).click();
  await expect(page.getByText(words.clock.pretending)).toContainText(/dom, \d+ \w+( \d+)?, 21:40/);
  await room.say("Vocês estão abertos hoje?");
  await expect(room.bubbles("carol").last()).toContainText("Hoje estamos fechados");
  await page.getByRole("button", { name: words.clock.back }).click();
  await expect(page.getByText(words.clock.pretending)).toBeHidden();

  await room.clock("2027-03-07T21:40");
  await room.say("Queria uma consulta com clínica geral hoje");
  await expect(room.log.getByText("A clínica não abre no domingo, 7 de março")).toBeVisible();
  await room.say("e amanhã?");
  await expect(room.bubbles("carol").filter({ hasText: "segunda, 8 de março, às 9h45" })).toBeVisible();
});

test("from an earlier turn another way is tried, and the first stays as it was", async ({
  page,
  request,
}) => {
  const room = await rehearse(page, request);
  await room.say("Oi! Quero marcar uma limpeza dental na terça à tarde");
  await room.say("quanto custa?");
  const before = await room.conversation(request);

  const asked = room.bubbles("patient").filter({ hasText: "quanto custa?" });
  await asked.hover();
  await asked.getByRole("button", { name: words.chat.lineMenu }).click();
  await page.getByRole("menuitem", { name: words.branch.back }).click();
  await expect(page.getByText(`${words.branch.from} “quanto custa?”`)).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(room.rehearsal.id));
  await expect(room.box).toHaveValue("quanto custa?");
  await expect(room.bubbles("patient")).toHaveCount(1);
  await expect(page.getByText(words.clock.pretending)).toContainText("seg, 8 mar 2027, 09:0");

  const id = /ensaio\/([^?]+)/.exec(page.url())?.[1] ?? "";
  const other = new Room(page, await rehearsalOf(request, id));
  await other.say("a primeira opção");
  await expect(other.bubbles("carol").last()).toContainText("às 13h");
  expect((await rehearsalOf(request, id)).parent).toBe(room.rehearsal.id);
  expect(await conversationOf(request, before.id)).toEqual(before);

  await page.getByRole("button", { name: words.branch.original }).click();
  await expect(room.bubbles("patient").filter({ hasText: "quanto custa?" })).toBeVisible();
  await expect(room.bubbles("patient")).toHaveCount(2);
});

test("a reload brings everything back, two tabs walk in step, and the whole is exported", async ({
  page,
  context,
  request,
}) => {
  const room = await rehearse(page, request);
  await room.say("Vocês atendem no sábado?");
  await room.bubbles("carol").last().getByRole("button", { name: "Ver o que a Carol fez" }).click();
  await expect(page).toHaveURL(/turno=/);
  await room.box.fill("ainda não mandei");
  const address = page.url();

  await page.reload();
  await expect(room.box).toHaveValue("ainda não mandei");
  expect(page.url()).toBe(address);
  await expect(page.getByText(words.clock.pretending)).toContainText("seg, 8 mar 2027, 09:0");
  await expect(room.bubbles("patient")).toHaveCount(1);
  await expect(room.story.getByText("Recebeu 1 mensagem")).toBeVisible();
  await expect(room.log.getByRole("button", { pressed: true }).first()).toBeVisible();

  const second = new Room(await context.newPage(), room.rehearsal);
  await second.page.goto(address);
  await expect(second.bubbles("patient")).toHaveCount(1);
  await second.say("tem estacionamento?");
  const last = room.bubbles("carol").last();
  await expect(last).toContainText("estacionamento ao lado");
  await room.say("obrigada!");
  await expect(second.bubbles("patient").last()).toContainText("obrigada!");
  await expect(room.bubbles("patient")).toHaveCount(3);

  await page.getByRole("button", { name: words.more.button, exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: words.more.export }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^ensaio-.*\.json$/);
  const whole = JSON.parse(await readFile(await download.path(), "utf8"));
  const talk = await room.conversation(request);
  expect(whole.schema).toBe("carol.conversation/1");
  expect(whole.conversation).toBe(talk.id);
  expect(whole.messages).toHaveLength(talk.messages.length);
  expect(whole.turns).toHaveLength(3);
  expect(whole.turns[0].steps.length).toBeGreaterThan(3);
});
