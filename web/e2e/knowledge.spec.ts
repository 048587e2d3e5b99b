import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import type { components } from "@/client/schema";
import { sum, tooBig, words, wrongKind } from "@/features/knowledge/words";
import { pdf, SHEET } from "./files";
import { asked, CLINIC } from "./stage";

type Finding = components["schemas"]["FindingOut"];
type Library = components["schemas"]["LibraryOut"];

const library = (request: APIRequestContext) => asked<Library>(request, `/api/knowledge?clinic=${CLINIC}`);

async function sources(request: APIRequestContext): Promise<string[]> {
  return (await library(request)).documents.map(({ source }) => source);
}

function rowOf(page: Page, source: string) {
  return page.getByRole("list", { name: words.documents }).getByRole("listitem").filter({ hasText: source });
}

/** Opened, and what may be uploaded is known. */
async function open(page: Page): Promise<void> {
  await page.goto("/conhecimento");
  await expect(page.getByText(/^Aceita \.md/)).toBeVisible();
}

test("documents are sent, read and found live; taken back, and deleted for good", async ({
  page,
  request,
}) => {
  const run = Date.now().toString(36);
  const note = {
    name: `bicicletas-${run}.md`,
    mimeType: "text/markdown",
    buffer: Buffer.from(
      `# Bicicletas ${run}\n\n## Onde deixar a bicicleta\n\nO bicicletário fica no subsolo da Savassi, com seis vagas. A chave do cadeado fica na portaria.\n`,
    ),
  };
  const printed = {
    name: `piscina-${run}.pdf`,
    mimeType: "application/pdf",
    buffer: pdf([
      "Hidroterapia na piscina aquecida",
      "As sessões de hidroterapia são às sextas, com touca e chinelo.",
    ]),
  };
  await open(page);
  const picker = page.getByLabel(words.choose);
  await picker.setInputFiles([note, printed]);
  for (const { name } of [note, printed])
    await expect(rowOf(page, name).getByText(words.states.ready, { exact: true })).toBeVisible({
      timeout: 30_000,
    });

  const question = "Onde posso deixar minha bicicleta?";
  await page.getByLabel(words.ask.label).fill(question);
  await page.getByRole("button", { name: words.ask.go }).click();
  const finding = await asked<Finding>(request, "/api/knowledge/ask", { clinic: CLINIC, question });
  const best = finding.considered[0];
  expect(best?.source).toBe(note.name);
  const passages = page.getByRole("list", { name: words.ask.considered }).getByRole("listitem");
  await expect(passages.first()).toContainText("O bicicletário fica no subsolo");
  await expect(passages.first().getByText(words.ask.used, { exact: true })).toBeVisible();
  const signals = sum(best?.dense ?? 0, finding.weight * (best?.lexical ?? 0), best?.score ?? 0);
  await expect(passages.first().getByText(signals)).toBeVisible();
  await passages
    .first()
    .getByRole("button", { name: /Onde deixar a bicicleta/ })
    .click();
  const sheet = page.getByRole("dialog", { name: `Bicicletas ${run}` });
  await expect(sheet.getByText("A chave do cadeado fica na portaria.")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.getByLabel(words.ask.label).fill("A hidroterapia na piscina precisa de touca?");
  await page.getByLabel(words.ask.label).press("Enter");
  await expect(passages.first()).toContainText("com touca e chinelo");
  await page.getByLabel(words.ask.label).fill("xyzzy plugh foobar");
  await page.getByLabel(words.ask.label).press("Enter");
  await expect(page.getByText(words.ask.notFound)).not.toHaveCount(0);
  await expect(passages.getByText(words.ask.used, { exact: true })).toHaveCount(0);

  await picker.setInputFiles(note);
  await expect(page.getByText(words.sending.asks)).toBeVisible();
  await page.getByRole("button", { name: words.sending.cancel }).click();
  await expect(page.getByText(words.sending.asks)).toBeHidden();

  const remove = async (source: string, title: string) => {
    await rowOf(page, source)
      .getByRole("button", { name: words.actions(title) })
      .click();
    await page.getByRole("menuitem", { name: words.remove }).click();
    await expect(page.getByText(words.removed(title))).toBeVisible();
  };
  await remove(note.name, `Bicicletas ${run}`);
  await page.getByRole("button", { name: words.undo }).click();
  await expect(rowOf(page, note.name)).toBeVisible();
  expect(await sources(request)).toContain(note.name);
  const titled =
    (await library(request)).documents.find(({ source }) => source === printed.name)?.title ?? "";
  await remove(printed.name, titled);
  await remove(note.name, `Bicicletas ${run}`);
  await page.getByRole("link", { name: frame.pages.agenda }).click();
  await expect.poll(() => sources(request)).not.toContain(note.name);
  await expect.poll(() => sources(request)).not.toContain(printed.name);
  await page.getByRole("link", { name: frame.pages.knowledge }).click();
  await expect(page.getByText(/^Aceita \.md/)).toBeVisible();
  await expect(rowOf(page, note.name)).toHaveCount(0);
});

test("what cannot be read is refused in words and kept out", async ({ page, request }) => {
  const { extensions, bytes_most, documents } = await library(request);
  const big = {
    name: "enorme.md",
    mimeType: "text/markdown",
    buffer: Buffer.alloc(bytes_most + 1_000_000, "a "),
  };
  const broken = {
    name: `quebrado-${Date.now()}.pdf`,
    mimeType: "application/pdf",
    buffer: Buffer.from("%PDF-1.4 nada"),
  };
  await open(page);
  const uploads = page.getByRole("list", { name: words.uploads }).getByRole("listitem");
  const picker = page.getByLabel(words.choose);
  await picker.setInputFiles([SHEET, big, { ...big, name: "vazio.md", buffer: Buffer.alloc(0) }]);
  await expect(uploads.filter({ hasText: SHEET.name })).toContainText(wrongKind(extensions));
  await expect(uploads.filter({ hasText: big.name })).toContainText(tooBig(big.buffer.length, bytes_most));
  await expect(uploads.filter({ hasText: "vazio.md" })).toContainText(words.refusals.empty);
  expect(await sources(request)).toHaveLength(documents.length);

  await picker.setInputFiles(broken);
  const row = rowOf(page, broken.name);
  await expect(row.getByText(words.states.refused, { exact: true })).toBeVisible({ timeout: 30_000 });
  const refused = (await library(request)).documents.find(({ source }) => source === broken.name);
  expect(refused?.problem_text).toBeTruthy();
  await expect(row).toContainText(refused?.problem_text ?? "");
  await request.delete(`/api/knowledge/documents/${refused?.id}?clinic=${CLINIC}`);
  await expect(row).toHaveCount(0);
});
