import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import "@/features/evals/draft-page";
import "@/features/evals/owns";
import type { Draft, Own } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { words as shared } from "@/features/evals/words";
import { signAs } from "@/lib/signature";
import { problemWords } from "@/lib/words";
import { FakeEventSource } from "@/test/event-source";
import { openPage } from "@/test/page";
import { clinics, json, serve } from "@/test/server";

const TALK = "01a20094-6272-719d-9146-f495069f0f68";
const scenario = {
  id: "marca-limpeza",
  title: "Marca limpeza",
  patient: { turns: ["sou a Zilda", { say: "sim", agrees: true }] },
  expect: {
    state: { visits: { inserted: [{ person: "Zilda", status: "booked", starts: "2026-11-24T13:00" }] } },
  },
};

const heardAt = (at: number) => `01a20094-6272-719d-9146-f495069f00${at}0`;
const draft: Draft = {
  conversation: TALK,
  heard: ["bom dia", "sou a Marina", "sim"].map((text, at) => ({
    id: heardAt(at),
    text,
    at: `2026-11-21T15:0${at}:00-03:00`,
    used: at > 0,
  })),
  scenario,
  turns: [
    { said: ["sou a Zilda"], original: ["sou a Marina"], messages: [], agrees: false },
    { said: ["sim"], original: ["sim"], messages: [], agrees: true },
  ],
  replaced: [
    { what: "name", was: "Marina", now: "Zilda", times: 2, known: true },
    { what: "cpf", was: "529.982.247-25", now: "093.420.135-89", times: 1, known: false },
  ],
  suggested: [{ noun: "visits", by: "person", told: "Consulta marcada: Zilda" }],
  doubts: ["Confira a frase."],
  mistakes: [],
};

const own: Own = {
  key: "marca-limpeza",
  title: "Marca limpeza",
  critical: true,
  tags: [],
  came_from: "conversation",
  conversation: TALK,
  version: 1,
  created_at: "2026-11-21T15:00:00-03:00",
  created_by: "Bia",
  updated_at: "2026-11-21T15:00:00-03:00",
  updated_by: "Bia",
  archived_at: null,
  archived_by: null,
};

const PATH = "/api/evals/scenarios";
const house = (items: Own[] = [own]) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  [`GET ${PATH}`]: json({ items }),
  [`GET ${PATH}/${own.key}`]: json({ ...own, scenario }),
  [`POST ${PATH}/from-conversation`]: json(draft),
});

beforeEach(() => signAs("Bia"));

test("a draft shows what was replaced, is put right, and is kept once it is confirmed", async () => {
  const answers = { ...house(), [`PUT ${PATH}/${own.key}`]: json({ ...own, scenario }) };
  const asked = serve(answers);
  const { where } = openPage(`/provas/nova?conversa=${TALK}`);
  const replaced = await screen.findByRole("list", { name: words.draft.replaced });
  expect(replaced).toHaveTextContent("Marina");
  expect(within(replaced).getAllByText(words.draft.guessed)).toHaveLength(1);
  expect(screen.getByText("sou a Marina")).toBeVisible();
  expect(screen.getByText("Confira a frase.")).toBeVisible();
  expect(screen.getByText(`Consulta marcada: Zilda (${words.draft.byPerson})`)).toBeVisible();

  const title = screen.getByLabelText(words.draft.name);
  await userEvent.clear(title);
  await userEvent.type(title, "Marca e confirma");
  await userEvent.clear(screen.getByLabelText("paciente"));
  await userEvent.type(screen.getByLabelText("paciente"), "Zilda Reis");
  await userEvent.click(screen.getByRole("checkbox", { name: words.draft.agreesIn(1) }));
  await userEvent.click(screen.getByRole("button", { name: words.draft.save }));
  expect(screen.getByText(words.draft.unconfirmed)).toBeVisible();
  expect(asked.some(({ method }) => method === "PUT")).toBe(false);

  await userEvent.click(screen.getByRole("checkbox", { name: words.draft.confirm }));
  await userEvent.click(screen.getByRole("button", { name: words.draft.save }));
  expect(await screen.findByText(words.draft.saved)).toBeVisible();
  expect(await asked.find(({ method }) => method === "PUT")?.json()).toEqual({
    by: "Bia",
    version: 0,
    conversation: TALK,
    confirmed: true,
    scenario: {
      ...scenario,
      title: "Marca e confirma",
      patient: {
        turns: [
          { say: "sou a Zilda", agrees: true },
          { say: "sim", agrees: true },
        ],
      },
      expect: {
        state: {
          visits: { inserted: [{ person: "Zilda Reis", status: "booked", starts: "2026-11-24T13:00" }] },
        },
      },
    },
  });
  expect(where()).toBe("/provas/da-clinica?prova=marca-limpeza");
});

test("a draft is made again of the part of the conversation that is chosen", async () => {
  const asked = serve(house());
  const { where } = openPage(`/provas/nova?conversa=${TALK}`);
  const first = await screen.findByRole("combobox", { name: words.draft.first });
  expect(first).toHaveTextContent("sou a Marina");
  first.focus();
  await userEvent.keyboard("{Enter}");
  await userEvent.click(await screen.findByRole("option", { name: /bom dia/ }));
  await waitFor(() => expect(asked.filter(({ url }) => url.includes("from-conversation"))).toHaveLength(2));
  expect(await asked.filter(({ url }) => url.includes("from-conversation"))[1]?.json()).toEqual({
    conversation: TALK,
    first: heardAt(0),
    last: heardAt(2),
  });
  expect(where()).toBe(`/provas/nova?conversa=${TALK}&de=${heardAt(0)}&ate=${heardAt(2)}`);
});

test("what the server does not take is said by field, and what is still personal by name", async () => {
  const mistakes = [{ scenario: "a", field: "patient.turns.1.say", problem: "não pode ser vazio" }];
  const answers: Record<string, Response> = {
    ...house(),
    [`PUT ${PATH}/${own.key}`]: json({ status: 422, code: "bad_scenarios", mistakes }, 422),
  };
  serve(answers);
  openPage(`/provas/nova?conversa=${TALK}`);
  await userEvent.click(await screen.findByRole("checkbox", { name: words.draft.confirm }));
  await userEvent.click(screen.getByRole("button", { name: words.draft.save }));
  expect(await screen.findByText("Fala 1: não pode ser vazio")).toBeVisible();
  answers[`PUT ${PATH}/${own.key}`] = json({ status: 422, code: "still_personal", found: ["Marina"] }, 422);
  await userEvent.click(screen.getByRole("button", { name: words.draft.save }));
  expect(await screen.findByText(new RegExp(`${problemWords.still_personal} Marina`))).toBeVisible();
});

test("archiving is undone with the document that was there", async () => {
  const asked = serve({
    ...house(),
    [`DELETE ${PATH}/${own.key}`]: json({ ...own, archived_at: own.updated_at }),
    [`PUT ${PATH}/${own.key}`]: json({ ...own, scenario }),
  });
  openPage("/provas/da-clinica");
  const list = await screen.findByRole("list", { name: words.list });
  expect(list).toHaveTextContent(words.from.conversation ?? "");
  await userEvent.click(within(list).getByRole("button", { name: words.actions(own.title) }));
  await userEvent.click(await screen.findByRole("menuitem", { name: words.archive }));
  expect(await screen.findByText(words.archivedSaid(own.title))).toBeVisible();
  expect(asked.find(({ method }) => method === "DELETE")?.url).toContain("by=Bia");
  await userEvent.click(screen.getByRole("button", { name: "Desfazer" }));
  expect(await screen.findByText(words.backSaid(own.title))).toBeVisible();
  expect(await asked.find(({ method }) => method === "PUT")?.json()).toMatchObject({ scenario, version: 1 });
});

test("one that is open says what is said and what must be there", async () => {
  serve(house());
  openPage(`/provas/da-clinica?prova=${own.key}`);
  const sheet = await screen.findByRole("dialog", { name: own.title });
  expect(within(sheet).getByText("sou a Zilda")).toBeVisible();
  expect(within(sheet).getByText("marcada")).toBeVisible();
  expect(within(sheet).getByText("ter, 24 nov, 13:00")).toBeVisible();
});

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

test("none of an import is taken while one is wrong, and each mistake is said", async () => {
  const mistakes = [
    { scenario: "a", field: "title", problem: "falta, e é obrigatório" },
    { scenario: "b", field: "patient.turns.2.say", problem: "não pode ser vazio" },
  ];
  // jsdom cannot read a file.
  const text = "- id: a\n- id: b\n";
  const answers: Record<string, Response> = {
    ...house([]),
    [`POST ${PATH}/import`]: json({ status: 422, code: "bad_scenarios", mistakes }, 422),
  };
  const asked = serve(answers);
  openPage("/provas/da-clinica");
  expect(await screen.findByText(words.empty.title)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: words.import }));
  const dialog = await screen.findByRole("dialog", { name: words.importing.title });
  await userEvent.click(within(dialog).getByRole("button", { name: words.importing.confirm }));
  expect(dialog).toHaveTextContent(words.importing.empty);
  await userEvent.upload(
    within(dialog).getByLabelText(words.importing.choose),
    Object.assign(new File([text], "provas.yaml", { type: "application/yaml" }), { text: async () => text }),
  );
  const box = within(dialog).getByRole("textbox");
  await waitFor(() => expect(box).toHaveValue(text));
  await userEvent.click(within(dialog).getByRole("button", { name: words.importing.confirm }));
  expect(await within(dialog).findByText("a, Título: falta, e é obrigatório")).toBeVisible();
  expect(within(dialog).getByText("b, Fala 2: não pode ser vazio")).toBeVisible();
  answers[`POST ${PATH}/import`] = json({ new: ["a", "b"], changed: [] });
  await userEvent.click(within(dialog).getByRole("button", { name: words.importing.confirm }));
  expect(await screen.findByText("2 provas novas.")).toBeVisible();
  const sent = asked.filter(({ url }) => url.includes("/import"));
  expect(await sent.at(-1)?.json()).toEqual({ text, by: "Bia" });
  expect(screen.queryByText(shared.begin)).toBeNull();
});
