import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { words as agenda } from "@/features/agenda/words";
import { words as talks } from "@/features/conversations/words";
import { words as knowledge } from "@/features/knowledge/words";
import { words as queue } from "@/features/queue/words";
import { words as story } from "@/features/story/words";
import { isoDay } from "@/lib/formats";
import { agendaOf, asked, CLINIC, conversationOf, rehearse, ZONE } from "../e2e/stage";

/** What the documents show, taken from a Carol that runs. */
async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const path = join("../docs/images", `${name}.png`);
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  console.log(path);
}

test("the playground, while Carol keeps a time", async ({ page, request }) => {
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "light" });
  const room = await rehearse(page, request);
  await room.say("Oi! Queria uma limpeza dental na terça à tarde");
  await room.choose("ter, 9 mar, 15:30");
  await expect(room.bubbles("carol").last()).toContainText("às 15h30");
  await room.say("Mariana Alves Costa");
  await expect(room.card(/15:30 às 16:15, Mariana/)).toBeInViewport();
  await expect(room.story.getByText(story.outcome.spoke, { exact: true })).toBeVisible();
  await picture(page, "playground");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "playground-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(room.bubbles("carol").last()).toBeInViewport();
  await picture(page, "playground-phone");
});

test("a conversation that a person has taken", async ({ page, request }) => {
  const says = (name: string, text: string, wait = 20) =>
    asked<{ conversation: string }>(request, "/api/chat/messages", { clinic: CLINIC, as: name, text, wait });
  await says("Joaquim Reis", "Estou com dor no peito");
  await says("Lívia Prates", "Vocês aceitam convênio?");
  await says("Otávio Luz", "Quanto custa a consulta com dermatologista?");
  await says("Marina Alves Costa", "Bom dia! Qual o endereço?");
  await says("Marina Alves Costa", "Quanto custa a limpeza dental?");
  const { conversation } = await says("Marina Alves Costa", "E tem estacionamento aí?");
  await page.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await asked(request, `/api/conversations/${conversation}/take`, { by: "Bia" });
  await says(
    "Marina Alves Costa",
    "Vou com minha mãe, que usa cadeira de rodas. Vocês ajudam na entrada?",
    0,
  );
  await page.goto(`/conversas/${conversation}`);
  const box = page.getByRole("textbox", { name: talks.placeholder });
  await box.fill("Claro, Marina! Avise quando chegar e eu desço até a porta.");
  await box.press("Enter");
  await expect(page.locator("[data-author=person]")).toContainText("enviado");
  await picture(page, "conversations");
});

test("the queue, with one case open", async ({ page, request }) => {
  const says = (name: string, text: string) =>
    asked<{ conversation: string }>(request, "/api/chat/messages", {
      clinic: CLINIC,
      as: name,
      text,
      wait: 20,
    });
  await says("Helena Sá", "Quero falar com uma pessoa, por favor");
  await says("Caio Brandão", "Fui mal atendido na semana passada e quero reclamar");
  const { conversation } = await says("Joaquim Reis", "Estou com dor no peito");
  const { cases } = await conversationOf(request, conversation);
  await page.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
  await page.goto(`/fila?caso=${cases[0]?.id}`);
  await expect(page.getByRole("button", { name: queue.take, exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: queue.list, exact: true }).getByRole("link")).not.toHaveCount(
    0,
  );
  await picture(page, "queue");
});

test("the agenda of a busy day", async ({ page, request }) => {
  const days = Array.from({ length: 14 }, (_, ahead) => isoDay(Date.now() + ahead * 86_400_000, ZONE));
  const busy = await Promise.all(days.map(async (day) => (await agendaOf(request, CLINIC, day)).length));
  await page.goto(`/agenda?dia=${days[busy.indexOf(Math.max(...busy))]}`);
  await expect(page.getByRole("region", { name: agenda.grid })).toBeVisible();
  await picture(page, "agenda");
});

test("what is found for a question", async ({ page }) => {
  const question = "Tem Wi-Fi e tomada para carregar o celular?";
  await page.goto("/conhecimento");
  await page.getByLabel(knowledge.ask.label).fill(question);
  await page.getByLabel(knowledge.ask.label).press("Enter");
  await expect(page.getByRole("list", { name: knowledge.ask.considered })).toBeVisible();
  await picture(page, "knowledge");
});
