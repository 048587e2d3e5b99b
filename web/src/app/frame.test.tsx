import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { words } from "@/app/words";
import { openConsole } from "@/test/console";
import { FakeEventSource } from "@/test/event-source";
import { clinics, json, problem, serve } from "@/test/server";

const session = json({ locked: false, signed_in: true });
const house = () => ({ "GET /api/clinics": json(clinics), "GET /api/session": session });

test("the first clinic is open, and its stream", async () => {
  serve(house());
  const { where } = openConsole("/");
  expect(await screen.findByRole("heading", { level: 1, name: words.pages.rehearsal })).toBeVisible();
  expect(where()).toBe("/ensaio");
  expect(FakeEventSource.last.url).toContain("clinic=jacaranda");
  expect(screen.getByText(words.demo)).toBeVisible();
});

test("pages without a page are no links, and say so", async () => {
  serve(house());
  openConsole("/ensaio");
  const [rail] = await screen.findAllByRole("navigation", { name: words.mainNavigation });
  const inRail = within(rail as HTMLElement);
  expect(inRail.getAllByRole("listitem")).toHaveLength(10);
  const links = inRail.getAllByRole("link").map((link) => link.textContent);
  expect(links).toEqual(["Ensaio", "Fila", "Conversas", "Agenda", "Relatórios", "Conhecimento", "Provas"]);
  expect(inRail.getByText("Pacientes")).toHaveTextContent(words.soon);
  expect(inRail.getByRole("link", { name: "Ensaio" })).toHaveAttribute("aria-current", "page");
});

test("the clinic of the address stays with it from page to page", async () => {
  serve(house());
  const { where } = openConsole("/agenda?clinica=ipe");
  const [link] = await screen.findAllByRole("link", { name: words.pages.conversations });
  await screen.findByRole("heading", { level: 1, name: words.pages.agenda });
  expect(FakeEventSource.last.url).toContain("clinic=ipe");
  expect(screen.queryByText(words.demo)).toBeNull();
  await userEvent.click(link as HTMLElement);
  await waitFor(() => expect(where()).toBe("/conversas?clinica=ipe"));
});

test("the palette finds without accents and goes", async () => {
  serve(house());
  const { where } = openConsole("/ensaio");
  await screen.findByRole("heading", { level: 1 });
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox", { name: words.palette.label }), "clinica ipe");
  expect(screen.getAllByRole("option")).toHaveLength(1);
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(where()).toBe("/ensaio?clinica=ipe"));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("the palette finds the clinic's conversations by any word of theirs", async () => {
  const contact = { id: "p1", name: "Marina Alves", address: "+5531900000999", people: [] };
  const asked = serve({
    ...house(),
    "GET /api/conversations": json({ items: [{ id: "c1", contact }], next: null }),
  });
  const { where } = openConsole("/ensaio?clinica=ipe");
  await screen.findByRole("heading", { level: 1 });
  await userEvent.click(screen.getByRole("button", { name: new RegExp(words.search) }));
  await userEvent.type(await screen.findByRole("combobox", { name: words.palette.label }), "limpeza");
  await userEvent.click(await screen.findByRole("option", { name: /Marina Alves/ }));
  await waitFor(() => expect(where()).toBe("/conversas/c1?clinica=ipe"));
  const questions = asked
    .map(({ url }) => new URL(url))
    .filter(({ pathname }) => pathname === "/api/conversations");
  expect(questions.map(({ searchParams }) => searchParams.get("q"))).toEqual(["limpeza"]);
  expect(questions[0]?.searchParams.get("clinic")).toBe("ipe");
});

test("the theme is put on and remembered", async () => {
  serve(house());
  openConsole("/ensaio");
  await userEvent.click(await screen.findByRole("button", { name: words.appearance }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: words.theme.dark }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("carol.theme")).toBe("dark");
});

test("no clinic yet: what to do", async () => {
  serve({ "GET /api/clinics": json([]), "GET /api/session": session });
  openConsole("/ensaio");
  expect(await screen.findByText(words.noClinic.title)).toBeVisible();
});

test("a refused list says why and can be asked again", async () => {
  const answers: Record<string, Response> = { ...house(), "GET /api/clinics": problem(500, "broken") };
  serve(answers);
  openConsole("/ensaio");
  const said = await screen.findByRole("alert");
  expect(said).toHaveTextContent(words.clinicsFailed);
  answers["GET /api/clinics"] = json(clinics);
  await userEvent.click(within(said).getByRole("button"));
  expect(await screen.findByRole("heading", { level: 1, name: words.pages.rehearsal })).toBeVisible();
});

test("what an address says that cannot be is left out", async () => {
  serve(house());
  const id = "01a1fe7e-6714-85c9-9fa1-b6b0ff0dd8ed";
  for (const [path, read] of [
    ["/agenda?dia=2026-02-31", {}],
    ["/agenda?dia=9999-12-31", {}],
    ["/agenda?dia=2026-11-23", { dia: "2026-11-23" }],
    ["/ensaio/x?dia=banana&turno=xyz", {}],
    [`/ensaio/x?turno=${id}`, { turno: id }],
    ["/conhecimento?documento=xyz", {}],
    ["/conversas?busca=99000", { busca: "99000" }],
  ] as const) {
    const { router } = openConsole(path);
    await screen.findAllByRole("heading", { level: 1 });
    const search = router.state.matches.at(-1)?.search ?? {};
    expect(JSON.parse(JSON.stringify(search)), path).toEqual(read);
    cleanup();
  }
});

test("an unknown address says so", async () => {
  serve(house());
  openConsole("/nada");
  expect(await screen.findByRole("heading", { level: 1, name: words.notFound.title })).toBeVisible();
});

test("a lost server is said, and its return too, without a reload", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const answers: Record<string, Response | (() => Response)> = house();
  serve(answers);
  openConsole("/ensaio");
  await screen.findByRole("heading", { level: 1 });
  answers["GET /ready"] = () => {
    throw new TypeError("Failed to fetch");
  };
  FakeEventSource.last.say("error");
  expect(await screen.findByText(words.lost.says)).toBeVisible();
  expect(screen.getByRole("heading", { level: 1, name: words.pages.rehearsal })).toBeVisible();
  answers["GET /ready"] = json({ ready: true });
  await vi.advanceTimersByTimeAsync(1_000);
  await waitFor(() => expect(screen.queryByText(words.lost.says)).toBeNull());
  expect(screen.getByText(words.lost.found)).toBeVisible();
  vi.useRealTimers();
});

test("a line to WhatsApp that is down is said on every page, since when and what becomes of what waits", async () => {
  const wire = {
    id: "w1",
    kind: "evolution",
    name: "savassi",
    state: "open",
    since: null,
    down: false,
    stand_in: false,
  };
  const fallen = { ...wire, state: "closed", since: "2026-11-20T17:02:00Z", down: true };
  const answers: Record<string, Response> = { ...house(), "GET /api/wires": json([wire]) };
  serve(answers);
  openConsole("/ensaio");
  await screen.findByRole("heading", { level: 1 });
  expect(screen.queryByText(/desconectado/)).toBeNull();
  answers["GET /api/wires"] = json([fallen]);
  FakeEventSource.last.say("changed", { what: "wire", conversation: null, turn: null });
  const said = await screen.findByText(/^O WhatsApp da clínica está desconectado desde .*14:02\.$/);
  expect(said.closest("[role=status]")).toHaveTextContent(words.wire.kept);
  answers["GET /api/wires"] = json([
    { ...fallen, stand_in: true },
    { ...wire, id: "w2", kind: "cloud" },
  ]);
  FakeEventSource.last.say("changed", { what: "wire", conversation: null, turn: null });
  expect(
    await screen.findByText(/^O WhatsApp da clínica \(linha do celular\) está desconectado/),
  ).toBeVisible();
  expect(screen.getByText(words.wire.standIn, { exact: false })).toBeVisible();
  answers["GET /api/wires"] = json([fallen, { ...fallen, id: "w2", kind: "cloud", stand_in: true }]);
  FakeEventSource.last.say("changed", { what: "wire", conversation: null, turn: null });
  const both = await screen.findByText(
    /desconectado em 2 linhas: linha do celular desde .*14:02; linha oficial da Meta desde .*14:02\.$/,
  );
  expect(screen.getAllByText(/desconectado/)).toHaveLength(1);
  expect(both.closest("[role=status]")).toHaveTextContent(words.wire.kept);
  answers["GET /api/wires"] = json([wire]);
  FakeEventSource.last.say("changed", { what: "wire", conversation: null, turn: null });
  await waitFor(() => expect(screen.queryByText(/desconectado/)).toBeNull());
});

test("what could not be asked while she was away is asked when she is found", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const away = () => {
    throw new TypeError("Failed to fetch");
  };
  const answers: Record<string, Response | (() => Response)> = {
    ...house(),
    "GET /api/clinics": away,
    "GET /ready": away,
  };
  serve(answers);
  openConsole("/ensaio");
  expect(await screen.findByText(words.lost.says)).toBeVisible();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await screen.findByText(words.clinicsFailed)).toBeVisible();
  Object.assign(answers, house(), { "GET /ready": json({ ready: true }) });
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await screen.findByRole("heading", { level: 1, name: words.pages.rehearsal })).toBeVisible();
  vi.useRealTimers();
});
