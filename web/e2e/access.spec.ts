import { type APIRequestContext, expect, type Locator, type Page, test } from "@playwright/test";
import type { components } from "@/client/schema";
import { words as chat } from "@/components/chat/words";
import { words as ui } from "@/components/ui/words";
import { words as agenda } from "@/features/agenda/words";
import { words as talks } from "@/features/conversations/words";
import { words as knowledge } from "@/features/knowledge/words";
import { words } from "@/features/playground/words";
import { detail, words as story } from "@/features/story/words";
import { isoDay } from "@/lib/formats";
import { fits, isAccessible } from "./axe";
import { SHEET } from "./files";
import { agendaOf, asked, CLINIC, MONDAY, type Rehearsal, Room, rehearse, ZONE } from "./stage";

const DIALOG = "[role=dialog]";

type Said = components["schemas"]["SaidOut"];

function dialog(page: Page): Locator {
  return page.locator(DIALOG);
}

/** A dialog that this opens is accessible and fits; then it is closed. */
async function dialogOf(page: Page, opener: Locator): Promise<void> {
  await opener.click();
  await expect(dialog(page)).toBeVisible();
  await expect(dialog(page).getByText(ui.loading)).toHaveCount(0);
  await fits(page);
  await isAccessible(page, DIALOG);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
}

/** A rehearsal in which a hold is kept, made without the page. */
async function holding(request: APIRequestContext): Promise<Rehearsal> {
  const rehearsal = await asked<Rehearsal>(request, "/api/rehearsals", { clinic: CLINIC });
  const person = "+5511900123456";
  for (const [at, text] of [
    "quero marcar uma limpeza dental na terça à tarde",
    "a primeira",
    "Mariana Costa",
  ].entries()) {
    const said = await asked<Said>(request, `/api/rehearsals/${rehearsal.id}/messages`, {
      person,
      text,
      message_id: `m${at}`,
      at: MONDAY,
    });
    await expect
      .poll(async () => {
        const talk = await asked<components["schemas"]["ConversationOut"]>(
          request,
          `/api/conversations/${said.conversation}`,
        );
        return !talk.busy && talk.waiting === 0;
      })
      .toBe(true);
  }
  return rehearsal;
}

test("a rehearsal and all that opens from it is accessible @phone", async ({ page, request }, info) => {
  const rehearsal = await holding(request);
  await page.goto(`/ensaio/${rehearsal.id}`);
  const room = new Room(page, rehearsal);
  const phone = info.project.name === "phone";
  const panel = (name: string) => page.getByRole("radio", { name });
  await expect(room.bubbles("carol").last()).toBeVisible();
  await fits(page);
  await isAccessible(page);
  await dialogOf(page, page.getByRole("button", { name: words.person.change }));
  await dialogOf(page, page.getByRole("button", { name: words.situations.button }));
  await dialogOf(page, room.log.getByRole("button", { name: chat.receipt }).last());

  if (phone) await panel(words.panels.story).click();
  const steps = room.story.getByRole("list", { name: story.steps });
  await steps.getByRole("button", { name: story.grounded }).click();
  await steps.getByRole("button", { name: story.understood("") }).click();
  await fits(page);
  await isAccessible(page);
  await dialogOf(page, steps.getByRole("button", { name: detail.given }).first());

  if (phone) {
    await panel(words.panels.agenda).click();
    await isAccessible(page);
    await fits(page);
  }
  await page.getByRole("button", { name: words.clock.button }).click();
  await isAccessible(page, "[role=menu]");
  await dialogOf(page, page.getByRole("menuitem", { name: words.clock.choose }));
});

test("conversations, and taking and giving back, are accessible @phone", async ({ page, request }, info) => {
  const name = `Iara ${Date.now().toString(36)}`;
  const said = { clinic: CLINIC, as: name, text: "Estou com dor no peito", wait: 20 };
  const { conversation } = await asked<Said>(request, "/api/chat/messages", said);
  await page.goto("/conversas");
  const row = page.getByRole("list", { name: talks.list }).getByRole("link", { name });
  await expect(row).toBeVisible();
  await fits(page);
  await isAccessible(page);
  await row.click();
  const log = page.getByRole("log", { name: talks.transcript(name) });
  await expect(log.locator("[data-author=automatic]").last()).toBeVisible();
  await fits(page);
  await isAccessible(page);
  await dialogOf(page, page.getByRole("button", { name: talks.take }));
  await asked(request, `/api/conversations/${conversation}/take`, { by: "Rui" });
  await dialogOf(page, page.getByRole("button", { name: talks.giveBack }));
  await log.getByRole("button", { name: chat.story }).first().click();
  await expect(page.getByText(story.repliedEmergency)).toBeVisible();
  await fits(page);
  await isAccessible(page, info.project.name === "phone" ? "main" : "aside");
});

/** The next day, from today on, on which someone has a visit. */
async function busyDay(request: APIRequestContext): Promise<string> {
  for (let ahead = 0; ahead < 21; ahead += 1) {
    const day = isoDay(Date.now() + ahead * 86_400_000, ZONE);
    if ((await agendaOf(request, CLINIC, day)).length) return day;
  }
  throw new Error("the demonstration clinic has no visits");
}

test("the agenda and what the clinic has written are accessible @phone", async ({ page, request }) => {
  await page.goto(`/agenda?dia=${await busyDay(request)}`);
  const visit = page.getByRole("button", { name: /^\d\d:\d\d às/ }).first();
  await expect(visit).toBeVisible();
  await fits(page);
  await isAccessible(page);
  await dialogOf(page, visit);
  await page.goto(`/agenda?dia=2027-03-07`);
  await expect(page.getByText(agenda.closed)).toBeVisible();
  await isAccessible(page, "main");

  await page.goto(`/conhecimento?pergunta=${encodeURIComponent("Tem wi-fi?")}`);
  await expect(page.getByRole("list", { name: knowledge.ask.considered })).toBeVisible();
  await page.getByLabel(knowledge.choose).setInputFiles(SHEET);
  await expect(page.getByRole("list", { name: knowledge.uploads })).toBeVisible();
  await fits(page);
  await isAccessible(page);
  await dialogOf(
    page,
    page.getByRole("button", { name: "Acessibilidade e atendimento preferencial" }).first(),
  );
});

test("nothing jumps while a page loads @phone", async ({ page, request }) => {
  const rehearsal = await holding(request);
  await page.addInitScript(() => {
    const seen = { sum: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
        if (!entry.hadRecentInput) seen.sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of [`/ensaio/${rehearsal.id}`, "/conversas", "/agenda", "/conhecimento"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText(ui.loading)).toHaveCount(0);
    const sum = await page.evaluate(() => (window as unknown as { seen: { sum: number } }).seen.sum);
    expect(sum, path).toBeLessThan(0.1);
  }
});

/** Goes on with the Tab key until it has the focus. */
async function tabTo(page: Page, wanted: Locator, key = "Tab"): Promise<void> {
  const has = () => wanted.evaluate((node) => node === document.activeElement);
  for (let presses = 0; presses < 80 && !(await has()); presses += 1) await page.keyboard.press(key);
  await expect(wanted).toBeFocused();
}

test("the keyboard alone begins a rehearsal, talks, opens a receipt and becomes someone else", async ({
  page,
  request,
}) => {
  const { rehearsal } = await rehearse(page, request, { at: null });
  await tabTo(page, page.getByRole("button", { name: words.more.button, exact: true }));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(new RegExp(rehearsal.id));
  const room = new Room(page, rehearsal);
  await expect(room.box).toBeEditable();

  await tabTo(page, room.box);
  for (const text of ["quero marcar uma limpeza dental", "a primeira", "Mariana Costa"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await room.answered(text);
    await expect(room.box).toBeFocused();
  }
  const receipt = room.log.getByRole("button", { name: chat.receipt }).last();
  await tabTo(page, receipt, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(receipt).toBeFocused();

  await tabTo(page, page.getByRole("button", { name: words.person.change }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("Ana Paula");
  const found = dialog(page).getByRole("region", { name: words.person.ofClinic }).getByRole("button");
  await expect(found).toHaveCount(1);
  await tabTo(page, found);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: words.person.change })).toContainText("Ana Paula Ribeiro");
  await expect(room.bubbles("patient")).toHaveCount(0);
});
