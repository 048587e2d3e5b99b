import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import "@/features/evals/run-page";
import "@/features/evals/runs";
import "@/features/evals/trial-page";
import { brief, OTHER, RUN, row, run, TRIAL, trial, whole } from "@/features/evals/make";
import type { Run, Suite } from "@/features/evals/queries";
import { words as told } from "@/features/evals/trial-words";
import { words } from "@/features/evals/words";
import { signAs } from "@/lib/signature";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { clinics, json, problem, serve } from "@/test/server";

const suites: Suite[] = [
  { name: "clinic", title: "Provas da clínica", scenarios: 0, critical: 0, known_failing: 0 },
  { name: "emergency", title: "Emergências", scenarios: 27, critical: 27, known_failing: 2 },
  { name: "tone", title: "Tom", scenarios: 5, critical: 0, known_failing: 0 },
];

const demo = { name: "offline", label: "Modelo de demonstração", offline: true, default: true };
const paid = { name: "fast", label: "Rápido", offline: false, default: true };

const house = (runs: Run[] = [run()], model = demo) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/models": json([model]),
  "GET /api/evals/suites": json(suites),
  "GET /api/evals/runs": json({ items: runs, next: null }),
});

beforeEach(() => signAs("Bia"));

test("a run says how it came out, and that the demonstration model measures nothing", async () => {
  serve(house());
  openPage("/provas");
  const list = await screen.findByRole("list", { name: words.runs });
  await waitFor(() => expect(list).toHaveTextContent("Emergências"));
  expect(list).toHaveTextContent("1 fez o que não podia · 2 não passaram · 7 passaram");
  expect(list).toHaveTextContent(words.demo);
  expect(list).toHaveTextContent(words.gate.shut);
  expect(within(list).queryByRole("button", { name: words.stop })).toBeNull();
});

test("progress is read again when the run tells of itself, and it can be stopped", async () => {
  const going = run({
    state: "running",
    open: null,
    reasons: [],
    done: 3,
    passed: 3,
    failed: 0,
    violated: 0,
  });
  const answers: Record<string, Response> = {
    ...house([{ ...going, seconds_left: 200 }]),
    [`POST /api/evals/runs/${RUN}/stop`]: json({ ...going, stopping: true }),
  };
  const asked = serve(answers);
  openPage("/provas");
  const bar = await screen.findByRole("progressbar");
  expect(bar).toHaveAttribute("aria-valuetext", "3 de 10 · faltam uns 4 min");
  answers["GET /api/evals/runs"] = json({ items: [{ ...going, done: 9, passed: 9 }], next: null });
  FakeEventSource.last.say("changed", { what: "eval_run", conversation: null, turn: null, run: RUN });
  await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "9"));
  await userEvent.click(screen.getByRole("button", { name: words.stop }));
  expect(await screen.findByText(words.stopAsked)).toBeVisible();
  expect(await asked.find(({ method }) => method === "POST")?.json()).toEqual({ by: "Bia" });
});

test("what is played is chosen, and who asks is asked for their name first", async () => {
  signAs("");
  const answers: Record<string, Response> = {
    ...house([]),
    "POST /api/evals/runs": json(run({ state: "queued" })),
  };
  const asked = serve(answers);
  openPage("/provas");
  expect(await screen.findByText(words.empty.title)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: words.begin }));
  const dialog = await screen.findByRole("dialog", { name: words.dialog.title });
  const confirm = within(dialog).getByRole("button", { name: words.dialog.confirm });
  const own = await within(dialog).findByRole("checkbox", { name: /Provas da clínica/ });
  expect(own).toBeDisabled();
  expect(dialog).toHaveTextContent(words.dialog.free);
  await userEvent.click(confirm);
  expect(within(dialog).getByRole("alert")).toHaveTextContent(words.dialog.nothing);
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Emergências/ }));
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /em áudio/ }));
  expect(dialog).toHaveTextContent("Cerca de 54 conversas.");
  await userEvent.click(confirm);
  await userEvent.type(await screen.findByLabelText("Seu nome"), "Rui");
  await userEvent.click(screen.getByRole("button", { name: "Assinar assim" }));
  expect(await screen.findByText(words.begun)).toBeVisible();
  expect(await asked.find(({ method }) => method === "POST")?.json()).toEqual({
    by: "Rui",
    suites: ["emergency"],
    scenarios: [],
    noise: ["spoken"],
    trials: null,
  });
});

test("a model that costs says so and may be limited", async () => {
  const asked = serve({ ...house([], paid), "POST /api/evals/runs": json(run({ state: "queued" })) });
  openPage("/provas");
  await userEvent.click(await screen.findByRole("button", { name: words.begin }));
  const dialog = await screen.findByRole("dialog", { name: words.dialog.title });
  expect(await within(dialog).findByText(words.dialog.paid("Rápido"))).toBeVisible();
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Tom/ }));
  const limit = within(dialog).getByRole("textbox", { name: words.dialog.reais });
  await userEvent.type(limit, "muito");
  await userEvent.click(within(dialog).getByRole("button", { name: words.dialog.confirm }));
  expect(dialog).toHaveTextContent(words.dialog.reaisWrong);
  await userEvent.clear(limit);
  await userEvent.type(limit, "12,50");
  await userEvent.click(within(dialog).getByRole("button", { name: words.dialog.confirm }));
  await waitFor(() => expect(asked.some(({ method }) => method === "POST")).toBe(true));
  expect(await asked.find(({ method }) => method === "POST")?.json()).toMatchObject({ reais: 12.5 });
});

test("a run that broke says what was kept and goes on", async () => {
  const broke = run({ state: "broken", error: "lost", open: null, reasons: [] });
  const asked = serve({
    ...house([broke]),
    [`POST /api/evals/runs/${RUN}/resume`]: json({ ...broke, state: "queued" }),
  });
  openPage("/provas");
  expect(await screen.findByText(`${words.errors.lost} ${words.keptSoFar}`)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: words.resume }));
  expect(await screen.findByText(words.resumed)).toBeVisible();
  expect(asked.some(({ url }) => url.includes(`/runs/${RUN}/resume`))).toBe(true);
});

test("runs that could not be read say so and are asked again", async () => {
  const answers: Record<string, Response> = { ...house(), "GET /api/evals/runs": problem(500, "broken") };
  serve(answers);
  openPage("/provas");
  expect(await screen.findByText(words.failed)).toBeVisible();
  answers["GET /api/evals/runs"] = json({ items: [run()], next: null });
  await userEvent.click(screen.getByRole("button", { name: "Tentar de novo" }));
  expect(await screen.findByRole("list", { name: words.runs })).toBeVisible();
});

test("two runs that are chosen are compared, the earlier first", async () => {
  serve(house([run({ id: OTHER, asked_at: "2026-11-21T16:00:00-03:00" }), run()]));
  const { where } = openPage("/provas");
  const boxes = await screen.findAllByRole("checkbox");
  for (const box of boxes) await userEvent.click(box);
  await userEvent.click(screen.getByRole("button", { name: words.compare }));
  expect(where()).toBe(`/provas/comparar?antes=${RUN}&depois=${OTHER}`);
});

test("of a run each trial says why it came out so, and a number shows what it counts", async () => {
  const worse = brief({ id: OTHER, mark: "violated", title: "Conta de outro", violations: ["contou"] });
  const asked = serve({
    ...house(),
    [`GET /api/evals/runs/${RUN}`]: json(whole()),
    [`GET /api/evals/runs/${RUN}/trials`]: json({ items: [worse, brief()], next: null }),
  });
  const { where } = openPage(`/provas/${RUN}`);
  const list = await screen.findByRole("list", { name: words.run.list });
  const links = within(list).getAllByRole("link");
  expect(links[0]).toHaveTextContent("Conta de outro");
  expect(links[1]).toHaveTextContent("não disse “192”");
  expect(screen.getByText(/emergências: 7 de 10/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: /^2.*Não passou, Emergências/ }));
  expect(where()).toBe(`/provas/${RUN}?mostrar=falhou&grupo=emergency`);
  await waitFor(() => expect(asked.some(({ url }) => /only=failed.*suite=emergency/.test(url))).toBe(true));
});

test("single scenarios of a suite are chosen, and looked for by name", async () => {
  const items = [
    { id: "peito", title: "Dor no peito", critical: true, known_failing: false },
    { id: "avc", title: "Boca torta", critical: true, known_failing: true },
    ...Array.from({ length: 7 }, (_, at) => ({
      id: `outra-${at}`,
      title: `Outra ${at}`,
      critical: false,
      known_failing: false,
    })),
  ];
  const emergency = { ...(suites[1] as Suite), scenarios: items.length };
  const asked = serve({
    ...house([]),
    "GET /api/evals/suites": json([suites[0], emergency, suites[2]]),
    "GET /api/evals/suites/emergency": json({ ...emergency, items }),
    "POST /api/evals/runs": json(run({ state: "queued" })),
  });
  openPage("/provas");
  await userEvent.click(await screen.findByRole("button", { name: words.begin }));
  const dialog = await screen.findByRole("dialog", { name: words.dialog.title });
  await userEvent.click(
    await within(dialog).findByRole("button", { name: words.dialog.choose("Emergências") }),
  );
  const search = await within(dialog).findByRole("searchbox");
  await userEvent.type(search, "bóca{Enter}");
  expect(within(dialog).queryByRole("checkbox", { name: /Dor no peito/ })).toBeNull();
  expect(within(dialog).getByText(`${words.run.critical}; ${words.dialog.knownOne}`)).toBeVisible();
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Boca torta/ }));
  await userEvent.clear(search);
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Dor no peito/ }));
  const whole = within(dialog).getByRole("checkbox", { name: /Emergências/ });
  expect(whole).toBePartiallyChecked();
  expect(dialog).toHaveTextContent("2 de 9 provas");
  expect(dialog).toHaveTextContent("Cerca de 2 conversas.");
  // What is marked whole and loses one is no longer the suite.
  await userEvent.click(whole);
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Outra 3/ }));
  expect(dialog).toHaveTextContent("8 de 9 provas");
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Outra 3/ }));
  expect(whole).toBeChecked();
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /Outra 3/ }));
  await userEvent.click(within(dialog).getByRole("button", { name: words.dialog.confirm }));
  await waitFor(() => expect(asked.some(({ method }) => method === "POST")).toBe(true));
  expect(await asked.find(({ method }) => method === "POST")?.json()).toMatchObject({
    suites: [],
    scenarios: items.map((one) => one.id).filter((id) => id !== "outra-3"),
  });
});

test("what did not pass is played again in a run of its own, which says so", async () => {
  const again = run({
    id: OTHER,
    state: "queued",
    asked: { ...run().asked, suites: [], scenarios: ["a", "b"], repeats: RUN },
  });
  const asked = serve({
    ...house(),
    [`GET /api/evals/runs/${RUN}`]: json(whole()),
    [`GET /api/evals/runs/${RUN}/trials`]: json({ items: [brief()], next: null }),
    [`POST /api/evals/runs/${RUN}/repeat`]: json(again),
    [`GET /api/evals/runs/${OTHER}`]: json({ ...whole(), ...again }),
    [`GET /api/evals/runs/${OTHER}/trials`]: json({ items: [], next: null }),
  });
  const { where } = openPage(`/provas/${RUN}`);
  await userEvent.click(await screen.findByRole("button", { name: words.run.repeat }));
  expect(await screen.findByText("Repetição de 2 provas")).toBeVisible();
  expect(where()).toBe(`/provas/${OTHER}`);
  expect(await asked.find(({ method }) => method === "POST")?.json()).toEqual({ by: "Bia", only: "wrong" });
  expect(screen.getByRole("link", { name: words.run.repeatOpen })).toHaveAttribute("href", `/provas/${RUN}`);
  expect(screen.queryByRole("button", { name: words.run.repeat })).toBeNull();
});

test("from a trial one passes to the next of the list it was opened from", async () => {
  const path = `GET /api/evals/runs/${RUN}/trials`;
  const asked = serve({
    ...house(),
    [`${path}/${TRIAL}`]: json(trial()),
    [`${path}/${TRIAL}/beside`]: json({ previous: null, next: OTHER, place: 1, of: 2 }),
    [`${path}/${OTHER}`]: json(trial({ id: OTHER, title: "Conta de outro" })),
    [`${path}/${OTHER}/beside`]: json({ previous: TRIAL, next: null, place: 2, of: 2 }),
  });
  const { where } = openPage(`/provas/${RUN}/${TRIAL}?mostrar=falhou&grupo=emergency&fala=1`);
  const steps = await screen.findByRole("navigation", { name: told.steps });
  expect(steps).toHaveTextContent("1 de 2");
  expect(within(steps).getByRole("button", { name: told.previous })).toBeDisabled();
  await userEvent.keyboard("j");
  expect(await screen.findByRole("heading", { level: 1, name: "Conta de outro" })).toBeVisible();
  expect(where()).toBe(`/provas/${RUN}/${OTHER}?mostrar=falhou&grupo=emergency`);
  await userEvent.keyboard("k");
  expect(await screen.findByRole("heading", { level: 1, name: "Dor no peito agora" })).toBeVisible();
  expect(asked.some(({ url }) => /beside\?.*only=failed.*suite=emergency/.test(url))).toBe(true);
  expect(screen.getByRole("link", { name: told.back })).toHaveAttribute(
    "href",
    `/provas/${RUN}?mostrar=falhou&grupo=emergency`,
  );
});

test("what a judge said stands with what its word is worth", async () => {
  const judged = {
    id: "gentil",
    ask: "A Carol foi gentil?",
    rubric: "default",
    version: 2,
    about: "carol" as const,
    answer: false,
    reasons: ["Foi seca.", "Foi seca."],
    standing: "gates" as const,
    counts: true,
  };
  serve({
    ...house(),
    [`GET /api/evals/runs/${RUN}/trials/${TRIAL}`]: json(
      trial({
        judged: [
          judged,
          {
            ...judged,
            id: "claro",
            ask: "Foi clara?",
            answer: null,
            standing: "unfit",
            counts: false,
            reasons: [],
          },
          { ...judged, id: "papel", ask: "Fez o papel?", answer: true, about: "patient", counts: false },
        ],
      }),
    ),
  });
  openPage(`/provas/${RUN}/${TRIAL}`);
  const part = await screen.findByRole("region", { name: told.judged });
  const [gates, unfit, patient] = within(part).getAllByRole("listitem");
  expect(gates).toHaveTextContent(
    `NãoA Carol foi gentil?Foi seca.${told.standing.counts} · critério default, versão 2`,
  );
  expect(unfit).toHaveTextContent(told.answers.split);
  expect(unfit).toHaveTextContent(told.standing.unfit);
  expect(patient).toHaveTextContent(told.standing.patient);
  expect(within(part).getByText(told.judgedPatient)).toBeVisible();
});

test("a trial shows expected beside happened, and which turn is told", async () => {
  serve({
    ...house(),
    [`GET /api/evals/runs/${RUN}/trials/${TRIAL}`]: json(
      trial({
        mark: "violated",
        violations: ["casos da equipe: não era esperado"],
        rows: [
          row(),
          row({
            stands: "missing",
            told: "Caso aberto para a equipe: emergência",
            now: { kind: "emergency" },
          }),
          row({ stands: "unexpected", told: "Consulta apagada: Ana", how: "removed" }),
        ],
      }),
    ),
  });
  openPage(`/provas/${RUN}/${TRIAL}`);
  const diff = await screen.findByRole("list", { name: told.rows });
  const [unexpected, missing, expected] = within(diff).getAllByRole("listitem");
  expect(unexpected).toHaveTextContent(`${told.notExpected}Aconteceu: Consulta apagada: Ana`);
  expect(missing).toHaveTextContent(`Caso aberto para a equipe: emergênciaAconteceu: ${told.didNot}`);
  expect(expected).toHaveTextContent(told.stands.expected);
  expect(screen.getByText("casos da equipe: não era esperado")).toBeVisible();
  expect(screen.getByText("estou com dor no peito")).toBeVisible();
  expect(screen.getByRole("button", { name: told.open(1) })).toHaveAttribute("aria-pressed", "true");
});
