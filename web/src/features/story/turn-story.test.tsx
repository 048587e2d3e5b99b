import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { step, turn } from "@/features/story/make";
import { costWords } from "@/features/story/summary";
import { TurnStory } from "@/features/story/turn-story";
import type { Turn } from "@/features/story/types";
import { detail, given, words } from "@/features/story/words";
import { ClinicScope, clinicKey } from "@/lib/clinic";
import { clinics, json, problem, serve } from "@/test/server";

const CONVERSATION = "22222222-2222-4222-8222-222222222222";
const TURN = "11111111-1111-4111-8111-111111111111";
const PATH = `GET /api/conversations/${CONVERSATION}/turns/${TURN}`;

function open(told: () => Response, onReceipt?: (id: string) => void) {
  serve({
    [PATH]: told,
    "GET /api/graph": json({
      nodes: ["__start__", "screen", "think", "reply"],
      edges: [
        ["screen", "think", true],
        ["think", "reply", true],
      ],
    }),
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const clinic = clinics[0];
  if (!clinic) throw new Error("no clinic");
  render(
    <QueryClientProvider client={queries}>
      <ClinicScope clinic={clinic}>
        <TurnStory slug="sandbox" conversationId={CONVERSATION} turnId={TURN} onReceipt={onReceipt} />
      </ClinicScope>
    </QueryClientProvider>,
  );
  return queries;
}

const lines = () =>
  within(screen.getByRole("list", { name: words.steps }))
    .getAllByRole("listitem")
    .map((line) => line.textContent);

test("a running turn grows, says it is thinking, and stops saying so", async () => {
  const screened = step("screen", { decision: "speak", node: "screen" });
  let now: Turn = turn([screened], { status: "running", outcome: null, seconds: null, replies: [] });
  const queries = open(() => json(now));
  expect(await screen.findByText(words.thinking)).toBeInTheDocument();
  expect(lines()).toHaveLength(2);
  now = turn([
    screened,
    step("think", { model: "m", said: "Oi", node: "think" }),
    step("reply", { node: "reply" }),
  ]);
  await act(() => queries.invalidateQueries({ queryKey: clinicKey("sandbox", "turn", TURN) }));
  expect(await screen.findByText(/^Caminho: segurança → pensar → responder$/)).toBeVisible();
  expect(screen.queryByText(words.thinking)).toBeNull();
  expect(lines()).toHaveLength(4);
});

test("one click deeper: arguments, the receipt, what the model was given", async () => {
  const onReceipt = vi.fn();
  open(
    () =>
      json(
        turn([
          step("think", {
            model: "m",
            asked: ["book_visit"],
            given: [{ role: "system", text: "Você é Carol. carol!" }],
          }),
          step("tool", {
            tool: "book_visit",
            receipt: "55555555-5555-4555-8555-555555555555",
            arguments: { proposal: "A1" },
            result: { booked: true, summary: { starts_at: "2026-11-24T15:00" } },
          }),
        ]),
      ),
    onReceipt,
  );
  const booked = await screen.findByRole("button", { name: /Marcou a consulta: ter, 24 nov, 15:00/ });
  expect(screen.queryByText(/"proposal": "A1"/)).toBeNull();
  await userEvent.click(booked);
  expect(booked).toHaveAttribute("aria-expanded", "true");
  expect(screen.getAllByText(/"proposal": "A1"/)[0]).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: detail.openReceipt }));
  expect(onReceipt).toHaveBeenCalledWith("55555555-5555-4555-8555-555555555555");

  await userEvent.click(screen.getByRole("button", { name: /Decidiu: marcar a consulta/ }));
  await userEvent.click(screen.getByRole("button", { name: detail.given }));
  const sheet = await screen.findByRole("dialog", { name: given.title });
  await userEvent.type(within(sheet).getByRole("searchbox"), "CAROL");
  expect(within(sheet).getByText("2 ocorrências")).toBeVisible();
});

test("the path is drawn when asked for, and said in words either way", async () => {
  open(() => json(turn([step("screen", { node: "screen" }), step("think", { node: "think" })])));
  const toggle = await screen.findByRole("button", { name: /Caminho: segurança → pensar/ });
  expect(screen.queryByRole("img")).toBeNull();
  await userEvent.click(toggle);
  expect(await screen.findByRole("img", { name: "Caminho: segurança → pensar" })).toBeVisible();
});

test("a turn that cannot be read says so and can be asked for again", async () => {
  let answer = problem(500, "error");
  open(() => answer);
  expect(await screen.findByText(words.failed)).toBeVisible();
  answer = json(turn([]));
  await userEvent.click(screen.getByRole("button"));
  expect(await screen.findByText("Recebeu 1 mensagem")).toBeVisible();
});

test("a cost is told only as far as it is known", () => {
  const thought = (cost: string | null) => step("think", { model: "m", cost_brl: cost });
  expect(costWords(turn([thought("0.0031")]))).toMatch(/^R\$\s0,0031$/);
  expect(costWords(turn([thought(null)], { cost_brl: "0" }))).toBe(words.summary.noPrice);
  expect(costWords(turn([thought(null), thought("0.0031")]))).toMatch(
    /^R\$\s0,0031, fora o que não tem preço$/,
  );
  expect(costWords(turn([step("screen")], { cost_brl: "0" }))).toBe("");
});
