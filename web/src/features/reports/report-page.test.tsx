import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { words as shared } from "@/components/words";
import "@/features/reports/report-page";
import { family } from "@/features/reports/family-words";
import { ADDRESS, draft, house, PATH, whole } from "@/features/reports/make";
import { words } from "@/features/reports/words";
import { signAs } from "@/lib/signature";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { json, problem, serve } from "@/test/server";

beforeEach(() => signAs("Bia"));

const posts = (asked: readonly Request[]) => asked.filter(({ method }) => method === "POST");

test("one that is not there says so, and nothing of the evals", async () => {
  serve({ ...house(), [`GET ${PATH}`]: problem(404, "no_report") });
  openPage(ADDRESS);
  expect(await screen.findByText(words.oneFailed)).toBeVisible();
  expect(screen.getByText(words.gone)).toBeVisible();
});

test("what was read is what is approved; who was overtaken sees how it stands", async () => {
  const answers: Record<string, Response> = {
    ...house(),
    [`POST ${PATH}/approve`]: problem(409, "report_changed"),
  };
  const asked = serve(answers);
  openPage(ADDRESS);
  const approve = await screen.findByRole("button", { name: words.approve });
  answers[`GET ${PATH}`] = json(whole({ state: "approved", version: 4, approved_by: "Rui" }));
  await userEvent.click(approve);
  expect(await screen.findByText(new RegExp(words.problemsOf.report_changed ?? ""))).toBeVisible();
  expect(await posts(asked)[0]?.json()).toEqual({ by: "Bia", version: 3, digest: "a".repeat(64) });
  await waitFor(() => expect(screen.queryByRole("button", { name: words.approve })).toBeNull());
  expect(screen.getByText(words.states.approved)).toBeVisible();
});

test("having it written again is offered where it may help, else it says why not", async () => {
  const answers = house();
  serve(answers);
  openPage(ADDRESS);
  expect(await screen.findByRole("button", { name: words.regenerate })).toBeVisible();
  answers[`GET ${PATH}`] = json(whole({ version: 4, no_use_writing: "report_order" }));
  FakeEventSource.last.say("changed", { what: "report", conversation: null, turn: null, report: whole().id });
  expect(await screen.findByText(words.noUse.report_order ?? "")).toBeVisible();
  expect(screen.queryByRole("button", { name: words.regenerate })).toBeNull();
});

test("who may not receive is named with the reason, and that nothing goes to nobody", async () => {
  const barred = Object.keys(family.barred).map((why, at) => ({
    contact_id: `c${at}`,
    name: `Parente ${at}`,
    phone_ends: "",
    barred: why,
  }));
  serve({ ...house(), [`GET ${PATH}`]: json(whole({ recipients: barred })) });
  openPage(ADDRESS);
  const region = await screen.findByRole("region", { name: words.sends });
  expect(within(region).getByText(family.nobody)).toBeVisible();
  for (const said of Object.values(family.barred)) expect(within(region).getByText(said)).toBeVisible();
});

test("a message on its way says what it waits for, and its ticks come as they change", async () => {
  const send = {
    contact_id: "c1",
    name: "Beatriz Amorim",
    conversation: "v1",
    status: "queued",
    why: "window",
    until: null,
    at: "2026-11-21T12:00:00-03:00",
    sent_at: null,
    may_have_arrived: true,
  };
  const answers: Record<string, Response> = {
    ...house(),
    [`GET ${PATH}`]: json(whole({ state: "approved", sends: [send] })),
  };
  serve(answers);
  openPage(ADDRESS);
  expect(await screen.findByText(family.window)).toBeVisible();
  const gone = { ...send, status: "sent", why: null, sent_at: "2026-11-21T12:00:02-03:00" };
  answers[`GET ${PATH}`] = json(whole({ state: "sent", sends: [gone] }));
  FakeEventSource.last.say("changed", { what: "status", conversation: "v1", turn: null });
  expect(await screen.findByText(words.states.sent)).toBeVisible();
  expect(screen.queryByText(family.window)).toBeNull();
});

test("what is written is not lost by leaving, nor laid over what somebody else wrote", async () => {
  const answers: Record<string, Response> = {
    ...house(),
    [`POST ${PATH}/edit`]: json(whole({ version: 5 })),
  };
  const asked = serve(answers);
  const { where } = openPage(ADDRESS);
  await userEvent.click(await screen.findByRole("button", { name: words.edit }));
  const box = screen.getByRole("textbox", { name: words.editLabel });
  await userEvent.type(box, "!");
  await userEvent.click(screen.getByRole("link", { name: words.toQueue }));
  await userEvent.click(await screen.findByRole("button", { name: shared.unsaved.stay }));
  expect(where()).toBe(ADDRESS);

  const theirs = draft({ text: "De Rui.", author: "person", by: "Rui", traced: [] });
  answers[`GET ${PATH}`] = json(whole({ version: 4, drafts: [theirs] }));
  FakeEventSource.last.say("changed", { what: "report", conversation: null, turn: null, report: whole().id });
  expect(await screen.findByText(words.overtaken)).toBeVisible();
  expect(screen.getByText("De Rui.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: words.save })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: words.keepMine }));
  await userEvent.click(screen.getByRole("button", { name: words.save }));
  expect(await screen.findByText(words.done.edit)).toBeVisible();
  expect(await posts(asked)[0]?.json()).toEqual({ by: "Bia", version: 4, text: `${draft().text}!` });
});

test("the keyboard lights a sentence and where it comes from", async () => {
  serve(house());
  openPage(ADDRESS);
  const message = await screen.findByRole("region", { name: words.draft });
  const said = within(message).getByText("130x80");
  said.focus();
  await waitFor(() => expect(said).toHaveClass("bg-accent-soft"));
  const source = screen.getByRole("region", { name: words.source });
  expect(within(source).getByText("130x80")).toHaveClass("bg-accent-soft");
  await userEvent.tab();
  expect(within(source).getByText("130x80")).not.toHaveClass("bg-accent-soft");
});

test("leaving without what was written is possible, once it was asked", async () => {
  serve(house());
  const { where } = openPage(ADDRESS);
  await userEvent.click(await screen.findByRole("button", { name: words.edit }));
  await userEvent.type(screen.getByRole("textbox", { name: words.editLabel }), "!");
  await userEvent.click(screen.getByRole("link", { name: words.toQueue }));
  expect(await screen.findByRole("dialog", { name: shared.unsaved.title })).toBeVisible();
  expect(where()).toBe(ADDRESS);
  await userEvent.click(screen.getByRole("button", { name: shared.unsaved.leave }));
  await waitFor(() => expect(where()).toBe("/relatorios/revisao"));
});

test("who writes on what was decided meanwhile is told so, and cannot send it", async () => {
  const answers = house();
  serve(answers);
  openPage(ADDRESS);
  await userEvent.click(await screen.findByRole("button", { name: words.edit }));
  await userEvent.type(screen.getByRole("textbox", { name: words.editLabel }), "!");
  answers[`GET ${PATH}`] = json(whole({ state: "approved", version: 4, approved_by: "Rui" }));
  FakeEventSource.last.say("changed", { what: "report", conversation: null, turn: null, report: whole().id });
  expect(await screen.findByText(words.decided)).toBeVisible();
  expect(screen.queryByRole("button", { name: words.keepMine })).toBeNull();
  expect(screen.getByRole("button", { name: words.save })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: words.dropMine }));
  expect(screen.queryByRole("textbox", { name: words.editLabel })).toBeNull();
  expect(screen.getByText(words.states.approved)).toBeVisible();
});

test("a measure says whose limits it is beyond, where they are not those of the age", async () => {
  const measure = (key: string, basis: string) => ({
    kind: "vital",
    key,
    name: key,
    severity: "attention" as const,
    span: { start: 3, end: 9 },
    details: { value: "165x100", unit: "mmHg", basis },
  });
  const patterns = ["unknown", "person", "clinic", "age"].map((basis) => measure(basis, basis));
  serve({ ...house(), [`GET ${PATH}`]: json(whole({ patterns })) });
  openPage(ADDRESS);
  const found = await screen.findByRole("region", { name: words.patterns });
  const rows = within(found).getAllByRole("listitem");
  expect(rows[0]).toHaveTextContent(words.bases.unknown ?? "");
  expect(rows[1]).toHaveTextContent(words.bases.person ?? "");
  expect(rows[2]).toHaveTextContent(words.bases.clinic ?? "");
  expect(rows[3]).toHaveTextContent(/^age: 165x100 mmHgponto de atenção$/);
});
