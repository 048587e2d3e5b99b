import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import type { components } from "@/client/schema";
import { words as chat } from "@/components/chat/words";
import { words as shared } from "@/components/words";
import { words as talks } from "@/features/conversations/words";
import { keptSaid, takenBy, words } from "@/features/queue/words";
import { caseSaid } from "@/lib/case-words";
import { fits, isAccessible } from "./axe";
import { asked, CLINIC, conversationOf } from "./stage";

type Schemas = components["schemas"];

/** Someone new asks for a person; their name, their conversation and its case. */
async function waits(request: APIRequestContext, called: string, text = "quero falar com uma pessoa") {
  const name = `${called} ${Date.now().toString(36)}`;
  const said = { clinic: CLINIC, as: name, text, wait: 20 };
  const { conversation } = await asked<{ conversation: string }>(request, "/api/chat/messages", said);
  const open = async () => (await conversationOf(request, conversation)).cases[0]?.id;
  await expect.poll(open).toBeDefined();
  return { name, conversation, id: (await open()) ?? "" };
}

function caseOf(request: APIRequestContext, id: string): Promise<Schemas["InterventionOut"]> {
  return asked(request, `/api/interventions/${id}`);
}

function rowOf(page: Page, name: string) {
  return page.getByRole("list", { name: words.list, exact: true }).getByRole("link", { name });
}

/** This browser is somebody's. */
async function signedAs(page: Page, name: string): Promise<void> {
  await page.addInitScript((by) => localStorage.setItem("carol.signature", by), name);
}

test("a case comes by itself, one click takes it, the second is told who has it, and it is answered and resolved", async ({
  page,
  browser,
  request,
}) => {
  await page.goto("/fila");
  await expect(page.getByRole("heading", { level: 1, name: words.title })).toBeVisible();
  const { name, conversation, id } = await waits(request, "Rosa");
  const row = rowOf(page, name);
  await expect(row).toContainText(caseSaid("person_asked"));
  const rail = page.getByRole("navigation", { name: frame.mainNavigation });
  await expect(rail.getByRole("link", { name: words.title })).toContainText(/\d+ esperando/);

  // The second does not hear of changes: they act on what they saw.
  const away = await browser.newContext({ locale: "pt-BR" });
  const second = await away.newPage();
  await signedAs(second, "Rui");
  await second.route("**/api/events?**", (route) => route.abort());
  await second.goto(new URL(`/fila?caso=${id}`, page.url()).href);
  const late = second.getByRole("button", { name: words.take, exact: true });
  await expect(late).toBeVisible();

  await row.click();
  await page.getByRole("button", { name: words.take, exact: true }).click();
  await page.getByLabel(shared.sign.label).fill("Bia");
  await page.getByRole("button", { name: shared.sign.save }).click();
  await expect(page.getByText(words.taken, { exact: true })).toBeVisible();
  await expect(row).toHaveCount(0);

  await late.click();
  await expect(second.getByText(`${words.takeFailed} ${takenBy("Bia")}`, { exact: true })).toBeVisible();
  await expect(second.getByRole("button", { name: words.takeOver })).toBeVisible();
  await away.close();
  expect(await caseOf(request, id)).toMatchObject({ status: "taken", owner_name: "Bia" });
  expect(await conversationOf(request, conversation)).toMatchObject({ owner: "person", owner_name: "Bia" });

  await page.getByRole("link", { name: words.answer }).click();
  const box = page.getByRole("textbox", { name: talks.placeholder });
  await box.fill("Oi, Rosa! Aqui é a Bia. Pode falar.");
  await box.press("Enter");
  const answer = page.getByRole("log", { name: talks.transcript(name) }).locator("[data-author=person]");
  await expect(answer.getByTitle(chat.status.sent ?? "")).toBeVisible();
  expect((await caseOf(request, id)).answered_at).not.toBeNull();

  await rail.getByRole("link", { name: words.title }).click();
  await page.getByRole("radio", { name: words.views.taken }).click();
  await expect(row).toContainText("com Bia");
  await row.click();
  await page.getByRole("button", { name: words.resolve }).click();
  const dialog = page.getByRole("dialog", { name: words.dialog.title });
  await dialog.getByRole("textbox").fill("Combinei a avaliação por telefone.");
  await expect(dialog.getByRole("switch", { name: words.dialog.giveBack })).toBeChecked();
  await dialog.getByRole("button", { name: words.dialog.confirm }).click();
  await expect(page.getByText(words.resolved, { exact: true })).toBeVisible();
  await expect(row).toHaveCount(0);
  await page.getByRole("radio", { name: words.views.resolved }).click();
  await row.click();
  await expect(page.getByText("Combinei a avaliação por telefone.")).toBeVisible();
  expect(await caseOf(request, id)).toMatchObject({ status: "resolved", resolved_by: "Bia" });
  expect(await conversationOf(request, conversation)).toMatchObject({ owner: "carol", cases: [] });

  const { kept } = await asked<Schemas["InterventionPage"]>(request, `/api/interventions?clinic=${CLINIC}`);
  expect(kept.kept).toBeGreaterThan(0);
  await expect(page.getByText(keptSaid(kept.rate ?? 0, kept.days))).toBeVisible();
});

test("the keyboard goes through the queue and takes a case", async ({ page, request }) => {
  const first = await waits(request, "Ada");
  const second = await waits(request, "Bel");
  await signedAs(page, "Bia");
  await page.goto("/fila");
  await expect(rowOf(page, second.name)).toBeVisible();
  const head = (name: string) => page.getByRole("heading", { level: 2, name });
  // What waited before comes before: an emergency, or what an earlier walk left.
  for (let presses = 0; presses < 60 && !(await head(second.name).isVisible()); presses += 1) {
    await page.keyboard.press("j");
    await expect(page.getByRole("heading", { level: 2 })).toBeVisible();
    await page.waitForURL(/caso=/);
  }
  await expect(head(second.name)).toBeVisible();
  await page.keyboard.press("k");
  await expect(head(first.name)).toBeVisible();
  await page.keyboard.press("a");
  await expect(page.getByText(words.taken, { exact: true })).toBeVisible();
  expect(await caseOf(request, first.id)).toMatchObject({ status: "taken", owner_name: "Bia" });
  expect(await caseOf(request, second.id)).toMatchObject({ status: "open" });
});

test("the queue, a case and resolving it fit and are accessible @phone", async ({ page, request }, info) => {
  const { name, id } = await waits(request, "Iolanda", "Estou com dor no peito");
  await signedAs(page, "Bia");
  await page.goto("/fila");
  await expect(rowOf(page, name)).toContainText(caseSaid("emergency"));
  await fits(page);
  await isAccessible(page);
  await rowOf(page, name).click();
  await expect(page.getByRole("button", { name: words.take, exact: true })).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole("button", { name: words.resolve })).toBeInViewport({ ratio: 1 });
  await fits(page);
  await isAccessible(page);
  await asked(request, `/api/interventions/${id}/take`, { by: "Bia" });
  await expect(page.getByRole("link", { name: words.answer })).toBeVisible();
  await page.getByRole("button", { name: words.resolve }).click();
  await expect(page.getByRole("dialog", { name: words.dialog.title })).toBeVisible();
  await fits(page);
  await isAccessible(page, "[role=dialog]");
  await page.keyboard.press("Escape");
  if (info.project.name === "phone") {
    await page.getByRole("link", { name: words.back }).click();
    await expect(page.getByRole("radio", { name: words.views.waiting })).toBeVisible();
  }
});
