import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import "@/features/evals/run-page";
import "@/features/evals/runs";
import "@/features/evals/trial-page";
import { OTHER, RUN, run } from "@/features/evals/make";
import { house, paid } from "@/features/evals/runs-make";
import { words } from "@/features/evals/words";
import { signAs } from "@/lib/signature";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { json, problem, serve } from "@/test/server";

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
