import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { words as ui } from "@/components/ui/words";
import "@/features/reports/desk";
import { words } from "@/features/reports/desk-words";
import { desk, house } from "@/features/reports/make";
import { signAs } from "@/lib/signature";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { json, problem, serve } from "@/test/server";

const ADDRESS = "/relatorios";
const DESK = "GET /api/reports/desk";
const TODAY = "GET /api/reports/metrics/today";

beforeEach(() => signAs("Bia"));

test("while it is read its shape is there, and nothing that could be pressed too soon", async () => {
  serve({ ...house(), [DESK]: () => new Promise<Response>(() => {}) });
  openPage(ADDRESS);
  expect(await screen.findByRole("heading", { level: 1, name: words.title })).toBeVisible();
  expect(screen.getByText(ui.loading)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: words.run })).toBeNull();
  expect(screen.queryByText(words.empty.title)).toBeNull();
});

test("a clinic without reports is told the first step, and has nothing to run", async () => {
  serve({ ...house(), [DESK]: json(desk({ connected: false })) });
  openPage(ADDRESS);
  expect(await screen.findByText(words.empty.title)).toBeVisible();
  expect(screen.getByText("carol db seed")).toBeVisible();
  expect(screen.queryByRole("button", { name: words.run })).toBeNull();
  expect(screen.queryByText(words.figures)).toBeNull();
});

test("what could not be read says so and is read again on request", async () => {
  const answers: Record<string, Response> = { ...house(), [DESK]: problem(403, "forbidden") };
  serve(answers);
  openPage(ADDRESS);
  const said = (await screen.findByText(words.failed)).closest<HTMLElement>("[role=alert]");
  answers[DESK] = json(desk());
  await userEvent.click(within(said as HTMLElement).getByRole("button", { name: ui.tryAgain }));
  expect(await screen.findByRole("button", { name: words.run })).toBeEnabled();
  expect(screen.queryByText(words.failed)).toBeNull();
});

test("figures that could not be read leave the rest of the desk", async () => {
  serve({ ...house(), [TODAY]: problem(403, "forbidden") });
  openPage(ADDRESS);
  expect(await screen.findByText(words.failed)).toBeVisible();
  expect(screen.getByRole("button", { name: words.run })).toBeEnabled();
  expect(await screen.findByRole("table", { name: words.runs })).toBeVisible();
});

test("a server that is lost leaves what was read, and says so", async () => {
  const answers: Record<string, Response | (() => Response)> = house();
  serve(answers);
  openPage(ADDRESS);
  const figures = await screen.findByLabelText(words.figures);
  const lost = () => {
    throw new TypeError("Failed to fetch");
  };
  for (const path of [DESK, TODAY, "GET /ready"]) answers[path] = lost;
  FakeEventSource.last.say("error");
  expect(await screen.findByText(/^Sem conexão com a Carol/)).toBeVisible();
  expect(figures).toHaveTextContent("12");
  expect(screen.queryByText(words.failed)).toBeNull();
  Object.assign(answers, house(), { "GET /ready": json({ ready: true }) });
  await userEvent.click(screen.getByRole("button", { name: "Tentar agora" }));
  await waitFor(() => expect(screen.queryByText(/^Sem conexão com a Carol/)).toBeNull());
});

test("messages that the quiet hours keep are counted at the top, with the end of the wait", async () => {
  serve({ ...house(), [DESK]: json(desk({ held: 12, held_until: "2126-11-21T08:00:00-03:00" })) });
  openPage(ADDRESS);
  expect(await screen.findByText(/^12 mensagens esperam o fim do silêncio: .*08:00$/)).toBeVisible();
});

test("a source that does not answer and a clock that stopped are said at the top", async () => {
  const stopped = desk({ error: "source_down", clock_stopped_at: "2026-11-21T12:00:00-03:00" });
  serve({ ...house(), [DESK]: json(stopped) });
  openPage(ADDRESS);
  expect(await screen.findByText(/^A origem não responde; última resposta/)).toBeVisible();
  expect(screen.getByText(/^O relógio parou/)).toBeVisible();
  expect(screen.queryByText(/mensagens esperam/)).toBeNull();
});

test("a run is asked for once, under a name, and why it did not begin is said", async () => {
  const asked = serve({ ...house(), "POST /api/reports/run": problem(409, "pipeline_running") });
  openPage(ADDRESS);
  await userEvent.click(await screen.findByRole("button", { name: words.run }));
  expect(await screen.findByText(new RegExp(words.problems.pipeline_running ?? ""))).toBeVisible();
  const posts = asked.filter(({ method }) => method === "POST");
  expect(posts).toHaveLength(1);
  expect(await posts[0]?.json()).toMatchObject({ by: "Bia" });
  await waitFor(() => expect(screen.getByRole("button", { name: words.run })).toBeEnabled());
});
