import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Document } from "@/features/knowledge/queries";
import { uploads } from "@/features/knowledge/uploads";
import { words } from "@/features/knowledge/words";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { clinics, json, problem, serve } from "@/test/server";

const document = (over: Partial<Document>): Document => ({
  id: "01a1fe4e-0000-7000-8000-000000000001",
  source: "convenios.md",
  title: "Convênios e reembolso",
  media_type: "text/markdown",
  bytes: 2000,
  passages: 6,
  status: "ready",
  problem: null,
  problem_text: null,
  uploaded_at: null,
  ingested_at: "2026-11-21T12:00:00Z",
  kept: true,
  current: true,
  ...over,
});

const library = (...documents: Document[]) =>
  json({ documents, bytes_most: 10_485_760, extensions: [".md", ".txt", ".pdf"] });

const house = (answer: Response | (() => Response)) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/knowledge": answer,
});

const rows = async () => {
  const list = await screen.findByRole("list", { name: words.documents });
  return within(list)
    .getAllByRole("listitem")
    .map((row) => row.textContent);
};

test("every state is said in words, with what answers meanwhile", async () => {
  serve(
    house(
      library(
        document({ id: "1", title: "A", status: "reading" }),
        document({ id: "2", title: "B", status: "refused", problem_text: "O PDF está protegido." }),
        document({ id: "3", title: "C", current: false, kept: false }),
        document({ id: "4", title: "D", status: "waiting", passages: 0 }),
      ),
    ),
  );
  openPage("/conhecimento");
  const [reading, refused, old, waiting] = await rows();
  expect(reading).toContain(words.states.reading);
  expect(reading).toContain(words.formerAnswers);
  expect(refused).toContain("O PDF está protegido.");
  expect(old).toContain(words.sendAgainRenews);
  expect(waiting).toContain(words.states.waiting);
  expect(waiting).not.toContain(words.formerAnswers);
});

test("without documents the page says what it is for", async () => {
  serve(house(library()));
  openPage("/conhecimento");
  expect(await screen.findByText(words.empty.title)).toBeVisible();
});

test("a deletion can be undone; leaving the page carries out one that was not", async () => {
  const one = document({});
  const asked = serve({ ...house(library(one)), [`DELETE /api/knowledge/documents/${one.id}`]: json(null) });
  const { router } = openPage("/conhecimento");
  const erase = async () => {
    await userEvent.click(await screen.findByRole("button", { name: words.actions(one.title) }));
    await userEvent.click(await screen.findByRole("menuitem", { name: words.remove }));
  };
  const deleted = () => asked.filter((request) => request.method === "DELETE");
  await erase();
  const undo = await screen.findByRole("button", { name: words.undo });
  await waitFor(() => expect(undo).toHaveFocus());
  await userEvent.click(undo);
  expect(await screen.findByText(one.title)).toBeVisible();
  await erase();
  await screen.findByRole("button", { name: words.undo });
  expect(deleted()).toHaveLength(0);
  await act(() => router.navigate({ to: "/conversas" }));
  await waitFor(() => expect(deleted()).toHaveLength(1));
});

test("a deletion goes after its grace, and one that failed leaves the document where it was", async () => {
  const one = document({});
  serve({
    ...house(() => library(one)),
    [`DELETE /api/knowledge/documents/${one.id}`]: problem(500, "internal"),
  });
  openPage("/conhecimento");
  const button = await screen.findByRole("button", { name: words.actions(one.title) });
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  await user.click(button);
  await user.click(await screen.findByRole("menuitem", { name: words.remove }));
  await act(() => vi.advanceTimersByTimeAsync(6_500));
  vi.useRealTimers();
  expect(await screen.findAllByText(/continua na lista/)).not.toHaveLength(0);
  expect(await screen.findByRole("button", { name: words.actions(one.title) })).toBeVisible();
});

test("a file of another type is refused before it is sent, and one of the same name asks", async () => {
  serve(house(library(document({}))));
  openPage("/conhecimento");
  await rows();
  const chooser = screen.getByLabelText(words.choose, { selector: "input" });
  const user = userEvent.setup({ applyAccept: false });
  await user.upload(chooser, [new File(["x"], "foto.png"), new File(["x"], "convenios.md")]);
  const sending = within(await screen.findByRole("list", { name: words.uploads }));
  expect(sending.getByText(/não é aceito/)).toBeVisible();
  expect(sending.getByText(words.sending.asks)).toBeVisible();
  for (const one of uploads.list()) act(() => uploads.drop(one.id));
  expect(screen.queryByRole("list", { name: words.uploads })).toBeNull();
});

test("a question is kept in the address, and asked again when a document changes", async () => {
  let found = false;
  const finding = () => ({
    question: "tem jejum?",
    understood: "tem jejum?",
    found,
    threshold: 0.32,
    weight: 0.55,
    model: "m",
    ms: 3,
    considered: [
      {
        id: "p",
        document: "1",
        source: "a.md",
        title: "Preparo",
        heading: "Preparo › Jejum",
        text: "Venha em jejum.",
        score: found ? 0.5 : 0.2,
        dense: 0.1,
        lexical: 0.1,
        used: found,
      },
    ],
  });
  serve({ ...house(library(document({}))), "POST /api/knowledge/ask": () => json(finding()) });
  const { where } = openPage("/conhecimento");
  await userEvent.type(await screen.findByLabelText(words.ask.label), "tem jejum?{Enter}");
  const verdict = within(await screen.findByRole("region", { name: words.ask.asked }));
  expect(await verdict.findByText(words.ask.notFound)).toBeVisible();
  expect(new URLSearchParams(where().split("?")[1]).get("pergunta")).toBe("tem jejum?");
  found = true;
  FakeEventSource.last.say("changed", { what: "knowledge", conversation: null, turn: null });
  expect(await verdict.findByText("A Carol responderia com: Preparo › Jejum.")).toBeVisible();
});
