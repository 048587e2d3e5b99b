import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { words as frame } from "@/app/words";
import type { components } from "@/client/schema";
import { words as contact } from "@/features/contacts/words";
import { words as compared } from "@/features/evals/compare-words";
import { words as own } from "@/features/evals/own-words";
import { words as told } from "@/features/evals/trial-words";
import { words } from "@/features/evals/words";
import { fits, isAccessible } from "./axe";
import { asked, CLINIC, conversationOf } from "./stage";

type Schemas = components["schemas"];
type Run = Schemas["RunWhole"];

const OVER = ["ended", "stopped", "broken"];

/** A run has a process, a database and a clinic of its own to begin with: on a machine that does much else, minutes. */
const SLOW = 200_000;

/** Two conversations of the clinic's own: one that goes well, one that expects what never happens. */
const SCENARIOS = `- id: e2e-preco
  title: Pergunta o preço da limpeza
  patient:
    turns:
    - Quanto custa a limpeza dental?
  expect:
    must_say:
    - any: ["220"]
- id: e2e-nunca
  title: Espera uma consulta que ninguém marcou
  patient:
    turns:
    - Qual é o endereço de vocês?
  expect:
    state:
      visits:
        inserted:
        - service: Limpeza dental (profilaxia)
          status: booked
`;

const runOf = (request: APIRequestContext, id: string) =>
  asked<Run>(request, `/api/evals/runs/${id}?clinic=${CLINIC}`);

/** A run with something wrong in it: one that is there, else one that is played now. */
async function wrongRun(request: APIRequestContext): Promise<Run> {
  const { items } = await asked<Schemas["RunPage"]>(request, `/api/evals/runs?clinic=${CLINIC}`);
  const there = items.find((one) => one.state === "ended" && one.failed > 0);
  if (there) return runOf(request, there.id);
  await asked(request, `/api/evals/scenarios/import?clinic=${CLINIC}`, { by: "Bia", text: SCENARIOS });
  const body = { by: "Bia", suites: [], scenarios: ["e2e-nunca"], noise: [] };
  const { id } = await asked<Run>(request, `/api/evals/runs?clinic=${CLINIC}`, body);
  await expect
    .poll(async () => OVER.includes((await runOf(request, id)).state), { timeout: SLOW, intervals: [500] })
    .toBe(true);
  return runOf(request, id);
}

/** This browser is somebody's. */
async function signed(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("carol.signature", "Bia"));
}

test("scenarios are imported, played live, a failed one is opened, and two runs are compared", async ({
  page,
}) => {
  test.setTimeout(SLOW * 3);
  await signed(page);
  await page.goto("/provas");
  await expect(page.getByRole("heading", { level: 1, name: words.title })).toBeVisible();
  const rail = page.getByRole("navigation", { name: frame.mainNavigation });
  await expect(rail.getByRole("link", { name: frame.pages.evals })).toHaveAttribute("aria-current", "page");

  const tabs = page.getByRole("navigation", { name: words.views });
  await tabs.getByRole("link", { name: words.own }).click();
  await page.getByRole("button", { name: own.import }).click();
  const importing = page.getByRole("dialog", { name: own.importing.title });
  await importing
    .getByRole("textbox")
    .fill(SCENARIOS.replace("title: Pergunta o preço da limpeza", "titulo: x"));
  await importing.getByRole("button", { name: own.importing.confirm }).click();
  await expect(importing.getByRole("alert")).toContainText("e2e-preco");
  await importing.getByRole("textbox").fill(SCENARIOS);
  await importing.getByRole("button", { name: own.importing.confirm }).click();
  await expect(importing).toBeHidden();
  const list = page.getByRole("list", { name: own.list });
  await expect(list).toContainText("Pergunta o preço da limpeza");

  const rowOf = (id: string) =>
    page
      .getByRole("list", { name: words.runs })
      .getByRole("listitem")
      .filter({ has: page.locator(`a[href*="${id}"]`) });
  const ids: string[] = [];
  for (const _ of [1, 2]) {
    await tabs.getByRole("link", { name: words.runs }).click();
    await page.getByRole("button", { name: words.begin }).click();
    const dialog = page.getByRole("dialog", { name: words.dialog.title });
    await expect(dialog.getByRole("checkbox", { name: words.own })).toBeChecked();
    const answered = page.waitForResponse(
      (one) => one.request().method() === "POST" && one.url().includes("/api/evals/runs"),
    );
    await dialog.getByRole("button", { name: words.dialog.confirm }).click();
    await expect(page.getByText(words.begun, { exact: true }).first()).toBeVisible();
    const { id } = (await (await answered).json()) as Run;
    ids.push(id);
    // Nothing is reloaded: the page hears of it.
    await expect(rowOf(id).getByText(words.states.ended, { exact: true })).toBeVisible({ timeout: SLOW });
    await expect(rowOf(id).getByText(words.gate.shut, { exact: true })).toBeVisible();
    await expect(rowOf(id)).toContainText(words.demo);
  }

  for (const id of ids) await rowOf(id).getByRole("checkbox").check();
  await page.getByRole("button", { name: words.compare }).click();
  await expect(page.getByRole("heading", { level: 1, name: compared.title })).toBeVisible();
  await expect(page.getByRole("region", { name: compared.before })).toContainText(words.own);
  await expect(page.getByText(/^\d+ provas? nas duas/)).toBeVisible();
  await isAccessible(page);

  await page.getByRole("region", { name: compared.after }).getByRole("link").click();
  const trials = page.getByRole("list", { name: words.run.list });
  await trials.getByRole("link", { name: /Espera uma consulta que ninguém marcou/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Espera uma consulta que ninguém marcou");
  const rows = page.getByRole("list", { name: told.rows });
  await expect(rows.getByRole("listitem").filter({ hasText: told.stands.missing })).toContainText(
    told.didNot,
  );
  await expect(page.getByText("Qual é o endereço de vocês?", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: told.open(1) })).toHaveAttribute("aria-pressed", "true");
  await isAccessible(page);
});

test("a conversation is kept as a scenario, with its patient replaced", async ({ page, request }) => {
  test.setTimeout(SLOW * 3);
  await signed(page);
  const name = `Rosa Tavares ${Date.now().toString(36)}`;
  const say = (text: string) =>
    asked<{ conversation: string }>(request, "/api/chat/messages", {
      clinic: CLINIC,
      as: name,
      text,
      wait: 30,
    });
  const { conversation } = await say("quero falar com uma pessoa, meu CPF é 529.982.247-25");
  await expect
    .poll(async () => (await conversationOf(request, conversation)).cases.length, { timeout: 20_000 })
    .toBe(1);

  await page.goto(`/conversas/${conversation}`);
  await page.getByRole("button", { name: contact.more }).click();
  await page.getByRole("menuitem", { name: own.menu }).click();
  await expect(page.getByRole("list", { name: own.draft.replaced })).toContainText("529.982.247-25");
  const line = page.getByRole("textbox", { name: own.draft.line(1) });
  await expect(line).not.toHaveValue(/529\.982\.247-25/);
  await isAccessible(page);
  await page.getByLabel(own.draft.name).fill("Pede uma pessoa");
  await page.getByLabel(own.draft.code).fill(`e2e-${Date.now().toString(36)}`);
  await page.getByRole("checkbox", { name: own.draft.confirm }).check();
  await page.getByRole("button", { name: own.draft.save }).click();
  await expect(page.getByText(own.draft.saved, { exact: true })).toBeVisible();
  const sheet = page.getByRole("dialog", { name: "Pede uma pessoa" });
  await expect(sheet.getByText(own.expected)).toBeVisible();
  await expect(sheet).not.toContainText("529.982.247-25");

  // Afterwards it is put right, and what was taken out by mistake comes back.
  await sheet.getByRole("link", { name: own.edit.open }).click();
  await expect(page.getByRole("heading", { level: 1, name: own.edit.title })).toBeVisible();
  await page.getByRole("button", { name: own.draft.addLine }).click();
  await page.getByRole("textbox", { name: own.draft.line(2) }).fill("obrigada");
  await page.getByRole("button", { name: own.draft.remove(1) }).click();
  await page.getByRole("button", { name: "Desfazer" }).click();
  await expect(page.getByRole("textbox", { name: own.draft.line(2) })).toHaveValue("obrigada");
  await page.getByRole("button", { name: own.addCheck.must_say }).click();
  await page.getByRole("textbox", { name: own.checkText.must_say }).fill("equipe");
  await isAccessible(page);
  await page.getByRole("checkbox", { name: own.draft.confirm }).check();
  await page.getByRole("button", { name: own.edit.save }).click();
  await expect(page.getByText(own.edit.saved, { exact: true })).toBeVisible();
  await expect(sheet.getByText("obrigada", { exact: true })).toBeVisible();
  await expect(sheet.getByRole("list", { name: own.musts.must_say })).toContainText("equipe");
});

test("of a run one passes from trial to trial, and plays again what failed", async ({ page, request }) => {
  test.setTimeout(SLOW);
  await signed(page);
  const run = await wrongRun(request);
  await page.goto(`/provas/${run.id}?mostrar=tudo`);
  const trials = page.getByRole("list", { name: words.run.list });
  await trials.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(words.run.title);
  const steps = page.getByRole("navigation", { name: told.steps });
  if (run.done > 1) {
    await expect(steps).toContainText(`1 de ${run.done}`);
    await page.keyboard.press("j");
    await expect(steps).toContainText(`2 de ${run.done}`);
    await steps.getByRole("button", { name: told.previous }).click();
    await expect(steps).toContainText(`1 de ${run.done}`);
  }
  await page.getByRole("link", { name: told.back }).click();
  await expect(page).toHaveURL(/mostrar=tudo/);
  await page.getByRole("button", { name: words.run.repeat }).click();
  await expect(page.getByText(words.begun, { exact: true })).toBeVisible();
  const first = page.getByRole("link", { name: words.run.repeatOpen });
  await expect(first).toHaveAttribute("href", `/provas/${run.id}`);
  // It is in line: nobody waits for it here.
  await page.getByRole("button", { name: words.stop }).click();
  await expect(page.getByText(words.stopAsked, { exact: true })).toBeVisible();
});

test("runs, a run, a trial and the clinic's own fit and are accessible @phone", async ({ page, request }) => {
  test.setTimeout(SLOW * 3);
  await signed(page);
  const run = await wrongRun(request);
  const { items } = await asked<Schemas["TrialPage"]>(
    request,
    `/api/evals/runs/${run.id}/trials?clinic=${CLINIC}&only=wrong`,
  );
  const pages = [
    ["/provas", words.gate.shut],
    [`/provas/${run.id}`, words.run.suites],
    [`/provas/${run.id}/${items[0]?.id}`, told.rows],
    ["/provas/da-clinica", words.own],
  ];
  const kept = await asked<Schemas["OwnList"]>(request, `/api/evals/scenarios?clinic=${CLINIC}`);
  if (kept.items[0]) pages.push([`/provas/da-clinica/${kept.items[0].key}`, own.edit.title]);
  for (const [path, seen] of pages) {
    await page.goto(path ?? "");
    await expect(page.getByText(seen ?? "", { exact: true }).first()).toBeVisible();
    await fits(page);
    await isAccessible(page);
  }
  await page.goto("/provas");
  await page.getByRole("button", { name: words.begin }).click();
  await expect(page.getByRole("dialog").getByRole("checkbox").first()).toBeVisible();
  await isAccessible(page, "[role=dialog]");
});
