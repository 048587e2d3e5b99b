import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { cameBack, words as chat } from "@/components/chat/words";
import { words as shared } from "@/components/words";
import { repliesNow, words } from "@/features/conversations/words";
import { caseSaid } from "@/lib/case-words";
import { asked, CLINIC, conversationOf } from "./stage";

interface Said {
  conversation: string;
  done: boolean;
}

/** As a patient of the real clinic, over the same inbox as any channel. */
function patient(request: APIRequestContext, name: string, text: string, wait = 20): Promise<Said> {
  return asked(request, "/api/chat/messages", { clinic: CLINIC, as: name, text, wait });
}

function transcript(page: Page, name: string) {
  return page.getByRole("log", { name: words.transcript(name) });
}

/** Each run has its own people, so that it may be repeated over the same rows. */
function someone(called: string): string {
  return `${called} ${Date.now().toString(36)}`;
}

test("a conversation appears live, is taken from a second tab, answered, and given back", async ({
  page,
  context,
  request,
}) => {
  const name = someone("Joana");
  await page.goto("/conversas");
  await expect(page.getByRole("heading", { level: 1, name: words.title })).toBeVisible();
  const row = page.getByRole("list", { name: words.list }).getByRole("link", { name });
  await expect(row).toHaveCount(0);
  const { conversation } = await patient(request, name, "Qual o endereço da clínica?");
  await expect(row).toContainText("Nossos endereços");
  await expect(row).toContainText(words.carol);

  const second = await context.newPage();
  await second.goto(`/conversas/${conversation}`);
  await second.getByRole("button", { name: words.take }).click();
  await second.getByLabel(shared.sign.label).fill("Bia");
  await second.getByRole("button", { name: shared.sign.save }).click();
  await expect(second.getByText(words.mine)).toBeVisible();
  await expect(row).toContainText("Bia");
  await row.click();
  await expect(page.getByText(words.mine)).toBeVisible();

  await patient(request, name, "e tem estacionamento?", 0);
  await expect(transcript(page, name).getByText("e tem estacionamento?")).toBeVisible();
  const box = second.getByRole("textbox", { name: words.placeholder });
  await box.fill("Tem sim, ao lado da Savassi.");
  await box.press("Enter");
  const answer = transcript(page, name).locator("[data-author=person]");
  await expect(answer).toContainText("Tem sim, ao lado da Savassi.");
  await expect(answer).toContainText("Bia");
  await expect(answer.getByTitle(chat.status.sent ?? "")).toBeVisible();
  const taken = await conversationOf(request, conversation);
  expect(taken).toMatchObject({ owner: "person", owner_name: "Bia" });
  expect(taken.messages.at(-1)).toMatchObject({ author: "person", by: "Bia", status: "sent" });
  expect(
    taken.messages.filter(({ author, text }) => author === "carol" && /estacionamento/.test(text)),
  ).toEqual([]);

  await second.getByRole("button", { name: words.giveBack }).click();
  const giving = second.getByRole("dialog", { name: words.give.title });
  await giving.getByLabel(words.give.brief).fill("O estacionamento foi combinado por telefone.");
  await giving.getByRole("button", { name: words.give.confirm }).click();
  await expect(page.getByText(words.replyTakes)).toBeVisible();
  await expect(transcript(page, name).getByText(cameBack("Bia"))).toBeVisible();
  await expect(
    transcript(page, name).getByText("O estacionamento foi combinado por telefone."),
  ).toBeVisible();
  await expect(row).toContainText(words.cameBack);
  await patient(request, name, "qual o horário de funcionamento?", 0);
  const last = transcript(page, name).locator("[data-author=carol]").last();
  await expect(last).toContainText("sábado, das 8h às 12h");
  await last.getByRole("button", { name: chat.story }).click();
  await expect(
    page.getByRole("complementary", { name: words.story }).getByText("Respondeu", { exact: true }).first(),
  ).toBeVisible();
});

test("conversations are found by a name, a word or what they wait for", async ({ page, request }) => {
  const [calm, pressing] = [someone("Caio"), someone("Dora")];
  await patient(request, calm, "Vocês têm bicicletário?");
  const { conversation } = await patient(request, pressing, "Estou com dor no peito");
  const list = page.getByRole("list", { name: words.list });
  await page.goto("/conversas");
  await expect(list.getByRole("link", { name: pressing })).toContainText(caseSaid("emergency"));

  await page.getByRole("radio", { name: words.filters.case }).click();
  await expect(list.getByRole("link", { name: pressing })).toBeVisible();
  await expect(list.getByRole("link", { name: calm })).toHaveCount(0);
  await expect(page).toHaveURL(/filtro=caso/);
  await page.getByRole("radio", { name: words.filters.all }).click();
  const search = page.getByRole("searchbox", { name: words.search });
  await search.fill(calm);
  await expect(list.getByRole("link")).toHaveCount(1);
  await search.fill("bicicletario");
  await expect(list.getByRole("link", { name: calm })).toBeVisible();
  await expect(list.getByRole("link", { name: pressing })).toHaveCount(0);
  await search.fill("ninguém com esta palavra");
  await expect(page.getByText(words.none.found)).toBeVisible();
  await page.getByRole("button", { name: words.clear }).click();
  await expect(list.getByRole("link", { name: pressing })).toBeVisible();

  await asked(request, `/api/conversations/${conversation}/take`, { by: "Rui" });
  await list.getByRole("link", { name: pressing }).click();
  await expect(page.getByText(repliesNow("Rui"))).toBeVisible();
  await page.getByRole("button", { name: words.giveBack }).click();
  const dialog = page.getByRole("dialog", { name: words.give.title });
  await expect(dialog.getByText(caseSaid("emergency"))).toBeVisible();
  await dialog.getByRole("button", { name: words.give.confirm }).click();
  await expect(page.getByText(words.replyTakes)).toBeVisible();
  expect(await conversationOf(request, conversation)).toMatchObject({ owner: "carol", cases: [] });
});
