import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { DayAgenda, type DayAgendaProps } from "@/features/agenda/day-agenda";
import type { Column, Day, Item } from "@/features/agenda/types";
import { proof, words } from "@/features/agenda/words";
import { clinicKey } from "@/lib/clinic";
import { json, problem, serve } from "@/test/server";

const HOLD = "00000000-0000-4000-8000-000000000001";
const VISIT = "00000000-0000-4000-8000-000000000002";

afterEach(() => {
  vi.useRealTimers();
});

function item(said: Partial<Item>): Item {
  return {
    kind: "visit",
    id: VISIT,
    starts_at: "2026-11-24T15:00:00-03:00",
    ends_at: "2026-11-24T15:30:00-03:00",
    service: "Limpeza",
    person: "Ana Souza",
    unit: "Savassi",
    room: null,
    convenio: null,
    price_cents: 22000,
    status: "confirmed",
    booked_by: "carol",
    conversation: "c",
    expires_at: null,
    reason: null,
    ...said,
  };
}

function column(name: string, items: Item[]): Column {
  return {
    professional: name,
    name,
    specialty: "Clínica geral",
    windows: [{ opens: "08:00:00", closes: "18:00:00", unit: "Savassi" }],
    items,
  };
}

function day(columns: Column[], said: Partial<Day> = {}): Day {
  return {
    day: "2026-11-24",
    zone: "America/Sao_Paulo",
    now: "2026-11-24T14:00:00-03:00",
    holiday: null,
    opens: "08:00:00",
    closes: "18:00:00",
    columns,
    ...said,
  };
}

function open(answers: Parameters<typeof serve>[0], said: Partial<DayAgendaProps> = {}) {
  const asked = serve(answers);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const onDay = vi.fn();
  render(
    <QueryClientProvider client={queries}>
      <DayAgenda slug="jacaranda" day="2026-11-24" onDay={onDay} {...said} />
    </QueryClientProvider>,
  );
  return { asked, queries, onDay };
}

test("a visit says who, what, when, how it stands and with whom", async () => {
  open({ "GET /api/agenda": json(day([column("Dra. Helena", [item({})])])) });
  expect(
    await screen.findByRole("button", {
      name: "15:00 às 15:30, Ana Souza, Limpeza, confirmada, com Dra. Helena",
    }),
  ).toBeVisible();
  expect(screen.getByText("1 consulta")).toBeVisible();
});

test("the proof: what was registered in order, the words that promised it, and focus given back", async () => {
  const receipt = (id: string, tool: string) => ({
    id,
    turn: "t",
    tool,
    at: "2026-11-21T10:44:00-03:00",
    result: {},
    entity: "appointment",
    entity_id: VISIT,
  });
  open(
    {
      "GET /api/agenda": json(day([column("Dra. Helena", [item({})])])),
      [`GET /api/agenda/visit/${VISIT}`]: json({
        item: item({}),
        professional: "Dra. Helena",
        receipts: [receipt("r1", "propose_visit"), receipt("r2", "book_visit"), receipt("r3", "pay_pix")],
        promises: [
          { message: "m", conversation: "c", text: "Está marcado, Ana!", at: "2026-11-21T10:44:00-03:00" },
        ],
      }),
    },
    { conversationLink: (id, label) => <a href={`/conversas/${id}`}>{label}</a> },
  );
  const card = await screen.findByRole("button", { name: /Ana Souza/ });
  card.focus();
  await userEvent.keyboard("{Enter}");
  const dialog = await screen.findByRole("dialog", { name: "Ana Souza" });
  const acts = (await within(dialog).findAllByRole("listitem")).map((one) => one.textContent ?? "");
  expect(acts[0]).toContain("Carol guardou o horário · sáb, 21 nov, 10:44");
  expect(acts[1]).toContain("Carol marcou");
  expect(acts[2]).toContain("A Carol registrou uma ação");
  expect(within(dialog).getByText("Está marcado, Ana!")).toBeVisible();
  expect(within(dialog).getByText("R$ 220,00, particular")).toBeVisible();
  expect(within(dialog).getByRole("link", { name: proof.conversation })).toHaveAttribute(
    "href",
    "/conversas/c",
  );
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(card).toHaveFocus());
});

test("a hold counts down on the rehearsal's clock and is gone when it is over", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const held = item({
    kind: "hold",
    id: HOLD,
    status: null,
    expires_at: "2026-11-24T14:01:30-03:00",
  });
  const { asked } = open(
    { "GET /api/agenda": json(day([column("Dra. Helena", [held])])) },
    { at: "2026-11-24T14:00:00-03:00" },
  );
  const card = await screen.findByRole("button", { name: /guardado/ });
  expect(new URL(asked[0]?.url ?? "").searchParams.get("at")).toBe("2026-11-24T17:00:00.000Z");
  expect(card).toHaveTextContent(/guardado por mais 1:(30|29|28)/);
  act(() => void vi.advanceTimersByTime(30_000));
  expect(card).toHaveTextContent(/guardado por mais (1:00|0:5\d)/);
  act(() => void vi.advanceTimersByTime(70_000));
  expect(screen.queryByRole("button", { name: /guardado/ })).toBeNull();
});

test("beside a chat one professional is shown, and what Carol adds elsewhere brings that one", async () => {
  const names = ["Ana P", "Bia P", "Caio P", "Davi P"];
  let items: Item[] = [];
  const { queries } = open(
    {
      "GET /api/agenda": () =>
        json(
          day(
            names.map((name) => column(name, name === "Bia P" ? [item({})] : name === "Davi P" ? items : [])),
          ),
        ),
    },
    { compact: true },
  );
  expect(await screen.findByRole("button", { name: /Bia P/, pressed: true })).toBeVisible();
  expect(screen.queryByRole("button", { name: words.everyone })).toBeNull();
  items = [
    item({ kind: "hold", id: HOLD, status: null, person: "Rui", expires_at: "2026-11-24T15:00:00-03:00" }),
  ];
  await act(() => queries.invalidateQueries({ queryKey: clinicKey("jacaranda", "agenda") }));
  expect(await screen.findByRole("button", { name: /Davi P/, pressed: true })).toBeVisible();
  expect(screen.getByRole("button", { name: /Rui/ })).toBeVisible();
});

test("from day to day, and back to the day it is on that clock", async () => {
  const { onDay } = open({ "GET /api/agenda": json(day([], { day: "2026-11-22" })) }, { day: "2026-11-22" });
  await userEvent.click(await screen.findByRole("button", { name: words.previous }));
  await userEvent.click(screen.getByRole("button", { name: words.next }));
  await userEvent.click(await screen.findByRole("button", { name: words.today }));
  expect(onDay.mock.calls.map(([to]) => to)).toEqual(["2026-11-21", "2026-11-23", "2026-11-24"]);
});

test("a holiday says which, and a failure offers another try", async () => {
  open({ "GET /api/agenda": json(day([], { holiday: "Natal", opens: null, closes: null })) });
  expect(await screen.findByText("Feriado: Natal")).toBeVisible();
  let answer = problem(500, "error");
  open({ "GET /api/agenda": () => answer });
  const again = await within(await screen.findByRole("alert")).findByRole("button");
  answer = json(day([column("Dra. Helena", [item({})])]));
  await userEvent.click(again);
  expect(await screen.findByRole("button", { name: /Ana Souza/ })).toBeVisible();
});

test.each([
  [900, 0],
  [600, 480],
])(
  "in %i pixels the day opens at its first hour if now fits under it, else at %i",
  async (height, scrolled) => {
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(height);
    open({ "GET /api/agenda": json(day([column("Dra. Helena", [item({})])])) });
    expect((await screen.findByRole("region", { name: words.grid })).scrollTop).toBe(scrolled);
  },
);
