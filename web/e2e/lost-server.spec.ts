import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type APIRequestContext, test as base, expect } from "@playwright/test";
import { words as frame } from "@/app/words";
import { words as chat } from "@/components/chat/words";
import { words } from "@/features/conversations/words";
import { asked, CLINIC, conversationOf, type Rehearsal, Room, rehearse } from "./stage";
import { Wire } from "./wire";

const PERSON = "+5511900123456";

const test = base.extend<{ wire: Wire }>({
  wire: async ({ baseURL }, use) => {
    const wire = new Wire(baseURL ?? "");
    await wire.mend();
    await use(wire);
    await wire.cut();
  },
});

async function saidTimes(request: APIRequestContext, room: Room, text: string): Promise<number> {
  const talk = await room.conversation(request);
  return talk.messages.filter((line) => line.author === "patient" && line.text === text).length;
}

test("a rehearsal outlives a server that is stopped: what was typed is sent once, what happened meanwhile is shown", async ({
  page,
  request,
  wire,
}) => {
  const rehearsal = await asked<Rehearsal>(request, "/api/rehearsals", { clinic: CLINIC });
  await page.goto(`${wire.url}/ensaio/${rehearsal.id}?pessoa=${encodeURIComponent(PERSON)}`);
  const room = new Room(page, rehearsal);
  await room.say("Oi!");

  await wire.cut();
  await room.box.fill("Vocês atendem no sábado?");
  await room.box.press("Enter");
  await expect(page.getByText(frame.lost.says)).toBeVisible();
  await expect(room.log.getByTitle(chat.status.waiting ?? "")).toBeVisible();
  await room.box.fill("ainda escrevendo");
  await asked(request, `/api/rehearsals/${rehearsal.id}/messages`, {
    person: PERSON,
    text: "tem estacionamento?",
    message_id: "elsewhere-1",
  });

  await wire.mend();
  await expect(page.getByText(frame.lost.says)).toBeHidden({ timeout: 20_000 });
  await room.answered("Vocês atendem no sábado?");
  await expect(room.bubbles("patient").filter({ hasText: "tem estacionamento?" })).toHaveCount(1);
  await expect(room.bubbles("carol").filter({ hasText: "estacionamento ao lado" })).toBeVisible();
  await expect(room.box).toHaveValue("ainda escrevendo");
  await expect(room.log.getByTitle(chat.status.waiting ?? "")).toHaveCount(0);
  expect(await saidTimes(request, room, "Vocês atendem no sábado?")).toBe(1);

  await asked(request, `/api/rehearsals/${rehearsal.id}/messages`, {
    person: PERSON,
    text: "qual o endereço?",
    message_id: "elsewhere-2",
  });
  await expect(room.bubbles("carol").last()).toContainText("Rua Flor de Jacarandá");
});

test("an answer that was lost on its way does not make a message two", async ({ page, request, wire }) => {
  const rehearsal = await asked<Rehearsal>(request, "/api/rehearsals", { clinic: CLINIC });
  await page.goto(`${wire.url}/ensaio/${rehearsal.id}?pessoa=${encodeURIComponent(PERSON)}`);
  const room = new Room(page, rehearsal);
  await expect(room.box).toBeEditable();
  wire.deaf = true;
  await room.box.fill("Oi!");
  await room.box.press("Enter");
  await expect(page.getByText(frame.lost.says)).toBeVisible();
  await expect.poll(() => saidTimes(request, room, "Oi!").catch(() => 0)).toBe(1);
  wire.deaf = false;
  await room.answered("Oi!");
  await expect(page.getByText(frame.lost.says)).toBeHidden({ timeout: 20_000 });
  expect(await saidTimes(request, room, "Oi!")).toBe(1);
});

test("a person's answer waits for the server, through a change of page", async ({ page, request, wire }) => {
  const name = `Lia ${Date.now().toString(36)}`;
  const said = { clinic: CLINIC, as: name, text: "Bom dia", wait: 20 };
  const { conversation } = await asked<{ conversation: string }>(request, "/api/chat/messages", said);
  await asked(request, `/api/conversations/${conversation}/take`, { by: "Bia" });
  await page.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await page.goto(`${wire.url}/conversas/${conversation}`);
  const box = page.getByRole("textbox", { name: words.placeholder });
  await expect(page.getByText(words.mine)).toBeVisible();

  await wire.cut();
  await box.fill("Bom dia! Já confirmo para você.");
  await box.press("Enter");
  await expect(page.getByText(frame.lost.says)).toBeVisible();
  await box.fill("rascunho");
  await page.getByRole("link", { name: frame.pages.rehearsal }).click();
  await page.goBack();
  await expect(box).toHaveValue("rascunho");
  const log = page.getByRole("log", { name: words.transcript(name) });
  await expect(log.getByText("Já confirmo para você.")).toBeVisible();

  await wire.mend();
  await expect(page.getByText(frame.lost.says)).toBeHidden({ timeout: 20_000 });
  await expect(log.locator("[data-author=person]").getByTitle(chat.status.sent ?? "")).toBeVisible();
  const { messages } = await conversationOf(request, conversation);
  expect(messages.filter(({ author }) => author === "person")).toHaveLength(1);
});

test("with the broker dead she answers all the same, and the page says nothing of it", async ({
  page,
  request,
}) => {
  const home = process.env.CAROL_WALK_HOME;
  if (!home)
    throw new Error("CAROL_WALK_HOME: the home of the Carol at CAROL_URL, whose broker may be killed");
  const room = await rehearse(page, request, { at: null });
  const { pid } = JSON.parse(await readFile(join(home, "valkey", "server.json"), "utf8"));
  process.kill(pid, "SIGKILL");
  await room.say("Oi!");
  await room.say("qual o endereço?");
  await expect(room.bubbles("carol").last()).toContainText("Rua Flor de Jacarandá");
  await expect(page.getByText(frame.lost.says)).toBeHidden();
  const talk = await room.conversation(request);
  expect(
    talk.messages.filter(({ author }) => author !== "patient").map(({ status }) => status),
  ).not.toContain("failed");
});
