import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { words as shared } from "@/components/words";
import { words } from "@/features/conversations/words";
import { bodies, brief, house, ID, path, whole } from "@/test/conversations";
import { openPage } from "@/test/page";
import { json, problem, serve } from "@/test/server";

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", undefined);
});

test("a row says who, the last word, who answers, what is owed and what waits", async () => {
  const due = new Date(Date.now() + 3_600_000).toISOString();
  serve(
    house([
      brief({
        owner: "person",
        owner_name: "Ana",
        waiting: 2,
        case: {
          id: "k1",
          status: "open" as const,
          owner_name: null,
          case: 1,
          kind: "complaint",
          urgent: false,
          due_at: due,
        },
      }),
    ]),
  );
  openPage("/conversas");
  const list = await screen.findByRole("list", { name: words.list });
  const row = within(list).getByRole("link");
  for (const said of ["Mariana Costa", "Carol: Marcado!", "Ana", "Reclamação", "2 mensagens sem resposta"])
    expect(row).toHaveTextContent(said);
});

test("without conversations the page tells how to make one; without matches, how to search", async () => {
  serve(house([]));
  openPage("/conversas");
  expect(await screen.findByText(words.none.title)).toBeVisible();
  await userEvent.type(screen.getByRole("searchbox"), "zzz");
  expect(await screen.findByText(words.none.found)).toBeVisible();
});

test("filter and search are in the address and asked of the server", async () => {
  const asked = serve(house([brief()]));
  const { where } = openPage("/conversas");
  await userEvent.click(await screen.findByRole("radio", { name: words.filters.case }));
  await userEvent.type(screen.getByRole("searchbox"), "mari");
  await waitFor(() => expect(where()).toBe("/conversas?filtro=caso&busca=mari"));
  await waitFor(() =>
    expect(asked.at(-1)?.url).toMatch(/conversations\?clinic=jacaranda&q=mari&open_case=true/),
  );
});

test("older conversations and older messages come when asked for", async () => {
  const other = brief({
    id: ID.replace(/1$/, "2"),
    contact: { id: "q", name: "Joana", address: "Joana", people: [] },
  });
  const said = (seq: number) => ({
    ...{
      id: `m${seq}`,
      seq,
      author: "patient" as const,
      by: null,
      kind: "text",
      text: `mensagem ${seq}`,
      turn: null,
    },
    ...{
      at: "2026-11-24T15:00:00Z",
      status: null,
      media: null,
      receipts: [],
      red_flag: null,
      commitments: [],
      other_wire: false,
    },
  });
  const answers: Record<string, () => Response> = {
    "GET /api/conversations": () =>
      asked.at(-1)?.url.includes("before=7.x")
        ? json({ items: [other], next: null })
        : json({ items: [brief()], next: "7.x" }),
    [`GET ${path}`]: () =>
      asked.at(-1)?.url.includes("before=9")
        ? json(whole({ messages: [said(8)] }))
        : json(whole({ messages: [said(9)], earlier: true })),
  };
  const asked = serve({ ...house([]), ...answers });
  openPage(`/conversas/${ID}`);
  await userEvent.click(await screen.findByRole("button", { name: words.more }));
  expect(await screen.findByText("Joana")).toBeVisible();
  const log = within(await screen.findByRole("log"));
  await userEvent.click(log.getByRole("button", { name: "Mensagens anteriores" }));
  expect(await log.findByText("mensagem 8")).toBeVisible();
  expect(log.getByText("mensagem 9")).toBeVisible();
  expect(log.queryByRole("button", { name: "Mensagens anteriores" })).toBeNull();
});

test("the arrows pass from row to row", async () => {
  serve(house([brief(), brief({ id: ID.replace(/1$/, "2") })]));
  openPage("/conversas");
  const [first, second] = within(await screen.findByRole("list", { name: words.list })).getAllByRole("link");
  first?.focus();
  await userEvent.keyboard("{ArrowDown}");
  expect(second).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}{Home}");
  expect(first).toHaveFocus();
});

test("taking asks for the name once, and says who answers", async () => {
  let shown = whole();
  const asked = serve({
    ...house([brief()]),
    [`GET ${path}`]: () => json(shown),
    [`POST ${path}/take`]: () => {
      shown = whole({ owner: "person", owner_name: "Ana" });
      return json(brief({ owner: "person", owner_name: "Ana" }));
    },
  });
  openPage(`/conversas/${ID}`);
  expect(await screen.findByText(words.replyTakes)).toBeVisible();
  for (const button of screen.getAllByRole("button", { name: words.take }).slice(0, 1))
    await userEvent.click(button);
  await userEvent.click(await screen.findByRole("button", { name: shared.sign.save }));
  expect(screen.getByText(shared.sign.empty)).toBeVisible();
  await userEvent.type(screen.getByLabelText(shared.sign.label), "  Ana {Enter}");
  expect(await screen.findByText(words.mine)).toBeVisible();
  expect(await bodies(asked, "/take")).toEqual([{ by: "Ana" }]);
});

test("an answer before the name keeps its words, and goes out once under it", async () => {
  const asked = serve({
    ...house([brief()]),
    [`GET ${path}`]: () => json(whole()),
    [`POST ${path}/reply`]: () => json({ id: "new" }),
  });
  openPage(`/conversas/${ID}`);
  const box = await screen.findByRole("textbox", { name: words.placeholder });
  await userEvent.type(box, "Bom dia{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: shared.sign.cancel }));
  expect(screen.getByRole("textbox", { name: words.placeholder })).toHaveValue("Bom dia");
  await userEvent.type(screen.getByRole("textbox", { name: words.placeholder }), "{Enter}");
  await userEvent.type(await screen.findByLabelText(shared.sign.label), "Ana{Enter}");
  await waitFor(async () =>
    expect(await bodies(asked, "/reply")).toEqual([
      { text: "Bom dia", by: "Ana", message_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]),
  );
  expect(screen.getByRole("textbox", { name: words.placeholder })).toHaveValue("");
});

test("a conversation of another clinic, or of none, is not shown", async () => {
  serve({ ...house([]), [`GET ${path}`]: () => json(whole({ clinic: "ipe" })) });
  openPage(`/conversas/${ID}`);
  expect(await screen.findByText(words.gone)).toBeVisible();
  expect(screen.queryByText("Mariana Costa")).toBeNull();
});

test("a list that cannot be read says why and is asked again", async () => {
  const answers = { ...house([brief()]), "GET /api/conversations": problem(500, "internal") };
  serve(answers);
  openPage("/conversas");
  expect(await screen.findByText(words.failed)).toBeVisible();
  answers["GET /api/conversations"] = json({ items: [brief()], next: null });
  await userEvent.click(screen.getByRole("button", { name: "Tentar de novo" }));
  expect(await screen.findByText("Mariana Costa")).toBeVisible();
});
