import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { TooltipProvider } from "@/components/ui/tooltip";
import type { Address } from "@/features/playground/address";
import { Playground } from "@/features/playground/playground";
import type { Conversation, Rehearsal } from "@/features/playground/queries";
import { ClinicScope } from "@/lib/clinic";

// A page whole, with its menus: slow where the machine is busy.
vi.setConfig({ testTimeout: 30_000 });
configure({ asyncUtilTimeout: 8_000 });

const ANA = "+5531900000101";

const rehearsal: Rehearsal = {
  id: "r1",
  slug: "jacaranda-ensaio-1",
  clinic: "jacaranda",
  created_at: "2026-11-21T12:00:00Z",
  expires_at: "2026-11-22T12:00:00Z",
  stale: false,
  parent: null,
  conversations: [],
};

function line(id: string, author: "patient" | "carol", turn: string | null, text: string) {
  const status = author === "carol" ? "sent" : null;
  const at = "2026-11-21T15:00:00Z";
  return {
    id,
    seq: 1,
    author,
    by: null,
    kind: "text",
    text,
    at,
    status,
    turn,
    media: null,
    receipts: [],
    red_flag: null,
    commitments: [],
    other_wire: false,
  };
}

const talk: Conversation = {
  id: "c1",
  contact: { id: "k1", name: "Ana Ribeiro", address: ANA, people: [] },
  channel: "console",
  owner: "carol",
  owner_name: null,
  case: null,
  busy: false,
  stuck: false,
  waiting: 0,
  last: null,
  clinic: rehearsal.slug,
  clock_at: null,
  messages: [line("m1", "patient", "t1", "quero limpeza"), line("m2", "carol", "t1", "Claro!")],
  earlier: false,
  turns: [],
  receipts: [],
  cases: [],
  quick_replies: [{ label: "Sim", text: "sim, pode marcar" }],
};

const spoken = {
  ...rehearsal,
  conversations: [{ id: "c1", person: ANA, name: "Ana", last_at: "2026-11-21T15:00:00Z" }],
};

type Answer = unknown | ((body: Record<string, unknown>) => unknown);
let answers: Record<string, Answer>;
const asked: { what: string; body: Record<string, unknown> }[] = [];

class Silent extends EventTarget {
  close(): void {}
}

beforeEach(() => {
  sessionStorage.clear();
  asked.length = 0;
  answers = {
    "GET /api/rehearsals": [],
    "GET /api/rehearsals/r1": rehearsal,
    "GET /api/rehearsals/r1/people": [{ person: ANA, name: "Ana Ribeiro", people: [], visits: 2 }],
    "GET /api/models": [
      { name: "big", label: "Grande", offline: false, default: true },
      { name: "offline", label: "Demonstração", offline: true, default: false },
    ],
    "GET /api/conversations/c1": talk,
  };
  vi.stubGlobal("EventSource", Silent);
  vi.stubGlobal("fetch", async (request: Request) => {
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const body = request.method === "POST" ? await request.json() : {};
    asked.push({ what, body });
    const answer = answers[what];
    const said = typeof answer === "function" ? answer(body) : answer;
    if (said === undefined) return Response.json({ code: "rehearsal_over" }, { status: 404 });
    return Response.json(said);
  });
  // What Radix menus ask of a browser and jsdom does not have.
  Element.prototype.scrollIntoView = () => {};
  Element.prototype.hasPointerCapture = () => false;
});

function Page({ first }: { first: Partial<Address> }) {
  const [address, setAddress] = useState<Address>({
    rehearsal: null,
    person: null,
    turn: null,
    day: null,
    ...first,
  });
  return (
    <>
      <output>{JSON.stringify(address)}</output>
      <Playground
        address={address}
        go={(next) => setAddress((before) => ({ ...before, ...next }))}
        onOtherClinic={() => {}}
        beside={{
          story: ({ turnId }) => <p>{`story ${turnId}`}</p>,
          agenda: ({ day }) => <p>{`agenda ${day}`}</p>,
          proof: () => null,
        }}
      />
    </>
  );
}

function show(first: Partial<Address>) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const clinic = { slug: "jacaranda", name: "Jacarandá", demo: true, timezone: "America/Sao_Paulo" };
  render(
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <ClinicScope clinic={clinic}>
          <Page first={first} />
        </ClinicScope>
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

const sent = (what: string) => asked.filter((one) => one.what === what).map((one) => one.body);

describe("playground", () => {
  it("says what it is on the first visit, and begins", async () => {
    answers["POST /api/rehearsals"] = rehearsal;
    show({});
    await userEvent.click(await screen.findByRole("button", { name: "Começar ensaio" }));
    expect(await screen.findByRole("textbox", { name: "Mensagem" })).toBeVisible();
    expect(screen.getByText("Número novo")).toBeVisible();
  });

  it("goes on with the clinic's last rehearsal, as who spoke last in it", async () => {
    answers["GET /api/rehearsals"] = [spoken];
    answers["GET /api/rehearsals/r1"] = spoken;
    show({});
    expect(await screen.findByText("Claro!")).toBeVisible();
    expect(document.querySelector("output")?.textContent).toContain(ANA);
  });

  it("says that a rehearsal is over and offers another", async () => {
    show({ rehearsal: "gone" });
    expect(await screen.findByText("Este ensaio terminou")).toBeVisible();
    expect(screen.getByRole("button", { name: "Começar outro" })).toBeEnabled();
  });

  it("sends with the clock that was set and the model that was chosen", async () => {
    answers["POST /api/rehearsals/r1/messages"] = { conversation: "c1", message: "m9", seq: 9, new: true };
    show({ rehearsal: "r1", person: ANA });
    await userEvent.click(await screen.findByRole("button", { name: "Relógio" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Domingo à noite/ }));
    expect(screen.getByText(/Ensaiando como se fosse/)).toHaveTextContent(/dom, \d+ \w+, 21:40/);
    await userEvent.click(await screen.findByRole("button", { name: /Modelo/ }));
    await userEvent.click(await screen.findByRole("menuitemradio", { name: /Demonstração/ }));
    await userEvent.type(screen.getByRole("textbox", { name: "Mensagem" }), "oi{Enter}");
    await waitFor(() => expect(sent("POST /api/rehearsals/r1/messages")).toHaveLength(1));
    const [said] = sent("POST /api/rehearsals/r1/messages");
    expect(said).toMatchObject({ person: ANA, text: "oi", model: "offline" });
    // 21:40 in São Paulo, whatever the zone of this browser.
    expect(String(said?.at)).toMatch(/T00:40:/);
    expect(screen.getByRole("textbox", { name: "Mensagem" })).toHaveValue("");
  });

  it("keeps what was refused in sight and through a reload", async () => {
    answers["POST /api/rehearsals/r1/messages"] = () => {
      throw new Error("no JSON");
    };
    show({ rehearsal: "r1", person: ANA });
    await userEvent.type(await screen.findByRole("textbox", { name: "Mensagem" }), "oi{Enter}");
    expect(await screen.findByText("Não enviada")).toBeVisible();
    expect(screen.getByText("oi")).toBeVisible();
    expect(sessionStorage.getItem("carol.draft.rehearsal.outbox.r1")).toContain("oi");
  });

  it("goes back to before a message, with what was said then in the composer", async () => {
    answers["GET /api/rehearsals/r1"] = spoken;
    const fresh = { ...spoken, id: "r2", slug: "jacaranda-ensaio-2", parent: "r1" };
    answers["POST /api/rehearsals/r1/branches"] = {
      rehearsal: fresh,
      conversation: "c2",
      person: ANA,
      said: ["quero limpeza"],
      at: null,
    };
    answers["GET /api/rehearsals/r2"] = fresh;
    show({ rehearsal: "r1", person: ANA });
    await userEvent.click(await screen.findByRole("button", { name: "O que fazer com esta mensagem" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Voltar para antes desta mensagem" }));
    expect(await screen.findByText(/Você voltou para antes de “quero limpeza”/)).toBeVisible();
    expect(sent("POST /api/rehearsals/r1/branches")).toEqual([{ conversation: "c1", turn: "t1" }]);
    expect(screen.getByRole("textbox", { name: "Mensagem" })).toHaveValue("quero limpeza");
  });

  it("becomes a person of the clinic", async () => {
    show({ rehearsal: "r1", person: "+5511900001234" });
    await userEvent.click(await screen.findByRole("button", { name: /Você é/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(await within(dialog).findByRole("button", { name: /Ana Ribeiro.*2 consultas/ }));
    expect(await screen.findByRole("button", { name: /Você é: Ana Ribeiro/ })).toBeVisible();
    expect(document.querySelector("output")?.textContent).toContain(ANA);
  });

  it("plays a failing model with one click", async () => {
    answers["POST /api/rehearsals/r1/plays"] = [{ conversation: "c1", message: "m9", seq: 9, new: true }];
    show({ rehearsal: "r1", person: ANA });
    await userEvent.click(await screen.findByRole("button", { name: "Situações" }));
    const region = await screen.findByRole("region", { name: /fora do ar/ });
    await userEvent.click(within(region).getByRole("button", { name: "Ver acontecer" }));
    expect(await screen.findByText("Enviado. Esperando a Carol…")).toBeVisible();
    expect(sent("POST /api/rehearsals/r1/plays")[0]).toMatchObject({ play: "failing_model", person: ANA });
  });
});
