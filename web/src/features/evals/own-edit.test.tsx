import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { words as shared } from "@/components/words";
import "@/features/evals/owns";
import { house, own, PATH, scenario } from "@/features/evals/own-make";
import { words } from "@/features/evals/own-words";
import { signAs } from "@/lib/signature";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { json, serve } from "@/test/server";

beforeEach(() => signAs("Bia"));

const editing = `/provas/da-clinica/${own.key}`;
const puts = (asked: readonly Request[]) => asked.filter(({ method }) => method === "PUT");

test("one that was kept is changed, and what was taken out is put back", async () => {
  const written = { ...own, came_from: "console" as const, conversation: null };
  const asked = serve({
    ...house(),
    [`GET ${PATH}/${own.key}`]: json({ ...written, scenario }),
    [`PUT ${PATH}/${own.key}`]: json({ ...written, version: 2, scenario }),
  });
  const { where } = openPage(editing);
  const title = await screen.findByLabelText(words.draft.name);
  await userEvent.type(title, " sem erro");
  expect(screen.getByLabelText(words.draft.code)).toHaveAttribute("readonly");
  expect(screen.queryByRole("checkbox", { name: words.draft.confirm })).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: words.draft.remove(1) }));
  expect(screen.queryByRole("textbox", { name: words.draft.line(2) })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Desfazer" }));
  expect(screen.getByRole("textbox", { name: words.draft.line(1) })).toHaveValue("sou a Zilda");
  await userEvent.click(screen.getByRole("button", { name: words.draft.addLine }));
  await userEvent.type(screen.getByRole("textbox", { name: words.draft.line(3) }), "obrigada");
  await userEvent.click(screen.getByRole("button", { name: words.draft.removeRow("Consulta marcada") }));
  expect(screen.getByText(words.nothingExpected)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: words.addCheck.must_say }));
  await userEvent.type(screen.getByRole("textbox", { name: words.checkText.must_say }), "220");
  await userEvent.click(screen.getByRole("button", { name: words.addCheck.must_not_say }));

  await userEvent.click(screen.getByRole("button", { name: words.edit.save }));
  expect(await screen.findByText(words.edit.saved)).toBeVisible();
  expect(await puts(asked)[0]?.json()).toEqual({
    by: "Bia",
    version: 1,
    confirmed: false,
    scenario: {
      ...scenario,
      title: "Marca limpeza sem erro",
      patient: { turns: ["sou a Zilda", { say: "sim", agrees: true }, { say: "obrigada" }] },
      expect: { state: {}, must_say: [{ all: ["220"] }] },
    },
  });
  expect(where()).toBe("/provas/da-clinica?prova=marca-limpeza");
});

test("who is overtaken sees by whom, keeps what they wrote, and decides", async () => {
  const answers: Record<string, Response> = {
    ...house(),
    [`PUT ${PATH}/${own.key}`]: json({ status: 409, code: "scenario_overtaken" }, 409),
  };
  const asked = serve(answers);
  openPage(editing);
  const title = await screen.findByLabelText(words.draft.name);
  await userEvent.type(title, "!");
  answers[`GET ${PATH}/${own.key}`] = json({ ...own, version: 2, updated_by: "Rui", scenario });
  await userEvent.click(screen.getByRole("checkbox", { name: words.draft.confirm }));
  await userEvent.click(screen.getByRole("button", { name: words.edit.save }));
  expect(await screen.findByText(/Rui mudou esta prova/)).toBeVisible();
  expect(title).toHaveValue("Marca limpeza!");
  expect(screen.getByRole("button", { name: words.edit.save })).toBeDisabled();
  answers[`PUT ${PATH}/${own.key}`] = json({ ...own, version: 3, scenario });
  await userEvent.click(screen.getByRole("button", { name: words.edit.mine }));
  await userEvent.click(screen.getByRole("button", { name: words.edit.save }));
  expect(await screen.findByText(words.edit.saved)).toBeVisible();
  const sent = await Promise.all(puts(asked).map((one) => one.json()));
  expect(sent.map(({ version, scenario: kept }) => [version, kept.title])).toEqual([
    [1, "Marca limpeza!"],
    [2, "Marca limpeza!"],
  ]);
});

test("what somebody else made of it takes the place of what was written, when that is wanted", async () => {
  const answers: Record<string, Response> = house();
  serve(answers);
  openPage(editing);
  await userEvent.type(await screen.findByLabelText(words.draft.name), "!");
  answers[`GET ${PATH}/${own.key}`] = json({
    ...own,
    version: 2,
    updated_by: "Rui",
    scenario: { ...scenario, title: "De Rui" },
  });
  FakeEventSource.last.say("changed", { what: "scenario", conversation: null, turn: null });
  await userEvent.click(await screen.findByRole("button", { name: words.edit.theirs }));
  expect(screen.getByLabelText(words.draft.name)).toHaveValue("De Rui");
  expect(screen.queryByText(/Rui mudou/)).toBeNull();
});

test("leaving with something unsaved asks first; staying keeps it, leaving lets it go", async () => {
  serve(house());
  const { where } = openPage(editing);
  const title = await screen.findByLabelText(words.draft.name);
  await userEvent.type(title, "!");
  await userEvent.click(screen.getByRole("link", { name: words.edit.back }));
  const asked = await screen.findByRole("dialog", { name: shared.unsaved.title });
  await userEvent.click(within(asked).getByRole("button", { name: shared.unsaved.stay }));
  expect(where()).toBe(editing);
  expect(title).toHaveValue("Marca limpeza!");

  await userEvent.click(screen.getByRole("link", { name: words.edit.back }));
  await userEvent.click(await screen.findByRole("button", { name: shared.unsaved.leave }));
  await waitFor(() => expect(where()).toBe("/provas/da-clinica"));
});

test("nothing is asked of who changed nothing", async () => {
  serve(house());
  const { where } = openPage(editing);
  await screen.findByLabelText(words.draft.name);
  await userEvent.click(screen.getByRole("link", { name: words.edit.back }));
  await waitFor(() => expect(where()).toBe("/provas/da-clinica"));
  expect(screen.queryByRole("dialog", { name: shared.unsaved.title })).toBeNull();
});
