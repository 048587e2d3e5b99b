import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import "@/features/evals/run-page";
import "@/features/evals/runs";
import "@/features/evals/trial-page";
import { brief, OTHER, RUN, row, run, TRIAL, trial, whole } from "@/features/evals/make";
import type { Suite } from "@/features/evals/queries";
import { house, suites } from "@/features/evals/runs-make";
import { words as told } from "@/features/evals/trial-words";
import { words } from "@/features/evals/words";
import { signAs } from "@/lib/signature";
import { openPage } from "@/test/page";
import { json, serve } from "@/test/server";

beforeEach(() => signAs("Bia"));

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
