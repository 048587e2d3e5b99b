import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { words as shared } from "@/components/words";
import type { Intervention, QueuePage } from "@/features/queue/queries";
import { words } from "@/features/queue/words";
import { signAs } from "@/lib/signature";
import { openConsole } from "@/test/console";
import { clinics, json, serve } from "@/test/server";

const ID = "01a1fe5b-0000-7000-8000-000000000001";

const one: Intervention = {
  id: ID,
  number: 12,
  kind: "person_asked",
  urgent: false,
  status: "open",
  reason: "person_asked",
  brief: {
    wants: "Quer falar com uma pessoa sobre o orçamento.",
    noted: "",
    whom: ["Ana Ribeiro"],
    done: ["Marcou limpeza, ter, 24 nov, 15:00"],
    last_words: ["quero falar com alguém"],
  },
  owner_name: null,
  opened_at: new Date(Date.now() - 120_000).toISOString(),
  due_at: new Date(Date.now() + 20 * 60_000).toISOString(),
  first_due_at: new Date(Date.now() + 20 * 60_000).toISOString(),
  taken_at: null,
  answered_at: null,
  resolved_at: null,
  resolved_by: null,
  resolution: "",
  late: false,
  slips: 0,
  level: 1,
  notified: [],
  conversation: {
    id: "c1",
    contact: { id: "k1", name: "Ana Ribeiro", address: "+5531900000101", people: [] },
    channel: "cloud",
    owner: "carol",
    owner_name: null,
    case: null,
    busy: false,
    stuck: false,
    waiting: 1,
    last: null,
  } as unknown as Intervention["conversation"],
};

const taken: Intervention = {
  ...one,
  status: "taken",
  owner_name: "Bia",
  taken_at: new Date().toISOString(),
  conversation: { ...one.conversation, owner: "person", owner_name: "Bia" },
};

function page(items: Intervention[], counts: Partial<QueuePage["counts"]> = {}): QueuePage {
  return {
    items,
    next: null,
    counts: { waiting: items.length, urgent: 0, late: 0, taken: 0, ...counts },
    kept: { days: 30, kept: 46, late: 4, rate: 0.92 },
  };
}

const house = () => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
});

beforeEach(() => signAs(""));

test("what waits is said with its deadline, and the rail counts it", async () => {
  serve({ ...house(), "GET /api/interventions": json(page([one], { late: 1 })) });
  openConsole("/fila");
  const row = await screen.findByRole("link", { name: /Ana Ribeiro/ });
  expect(row).toHaveTextContent(/vence em (19|20) min/);
  expect(row).toHaveTextContent(one.brief.wants);
  expect(screen.getByText(/92% das respostas/)).toBeVisible();
  expect(screen.getAllByText("1 esperando")[0]).toBeInTheDocument();
});

test("one click takes it, once the person said how they sign", async () => {
  const answers: Record<string, Response> = {
    ...house(),
    "GET /api/interventions": json(page([one])),
    [`GET /api/interventions/${ID}`]: json(one),
    [`POST /api/interventions/${ID}/take`]: json(taken),
  };
  const asked = serve(answers);
  openConsole(`/fila?caso=${ID}`);
  await userEvent.click(await screen.findByRole("button", { name: words.take }));
  await userEvent.type(await screen.findByLabelText(shared.sign.label), "Bia");
  answers[`GET /api/interventions/${ID}`] = json(taken);
  await userEvent.click(screen.getByRole("button", { name: shared.sign.save }));
  expect(await screen.findByText(words.taken)).toBeVisible();
  const post = asked.find(({ method }) => method === "POST");
  expect(await post?.json()).toEqual({ by: "Bia", over: false });
  expect(await screen.findByRole("link", { name: words.answer })).toHaveAttribute("href", "/conversas/c1");
});

test("somebody else was faster", async () => {
  signAs("Bia");
  serve({
    ...house(),
    "GET /api/interventions": json(page([one])),
    [`GET /api/interventions/${ID}`]: json(one),
    [`POST /api/interventions/${ID}/take`]: json({ status: 409, code: "case_taken", by: "Rui" }, 409),
  });
  openConsole(`/fila?caso=${ID}`);
  await userEvent.click(await screen.findByRole("button", { name: words.take }));
  expect(await screen.findByText(/Rui já assumiu/)).toBeVisible();
});

test("resolving says what was done and gives the conversation back", async () => {
  signAs("Bia");
  const asked = serve({
    ...house(),
    "GET /api/interventions": json(page([taken])),
    [`GET /api/interventions/${ID}`]: json(taken),
    [`POST /api/interventions/${ID}/resolve`]: json({ ...taken, status: "resolved" }),
  });
  openConsole(`/fila?ver=assumidos&caso=${ID}`);
  await userEvent.click(await screen.findByRole("button", { name: words.resolve }));
  const dialog = await screen.findByRole("dialog", { name: words.dialog.title });
  await userEvent.type(within(dialog).getByRole("textbox"), "Expliquei o orçamento.");
  await userEvent.click(within(dialog).getByRole("button", { name: words.dialog.confirm }));
  await waitFor(() => expect(asked.some(({ method }) => method === "POST")).toBe(true));
  const post = asked.find(({ method }) => method === "POST");
  expect(await post?.json()).toEqual({
    by: "Bia",
    resolution: "Expliquei o orçamento.",
    give_back: true,
    proved: false,
  });
});

test("nobody waits: what the page is for", async () => {
  serve({ ...house(), "GET /api/interventions": json(page([])) });
  openConsole("/fila");
  expect(await screen.findByText(words.none.waiting)).toBeVisible();
});
