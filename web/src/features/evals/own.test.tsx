import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import "@/features/evals/draft-page";
import "@/features/evals/owns";
import { heardAt, house, own, PATH, scenario, TALK } from "@/features/evals/own-make";
import { words } from "@/features/evals/own-words";
import { words as shared } from "@/features/evals/words";
import { signAs } from "@/lib/signature";
import { problemWords } from "@/lib/words";
import { openPage } from "@/test/page";
import { json, serve } from "@/test/server";

beforeEach(() => signAs("Bia"));

test("a draft shows what was replaced, is put right, and is kept once it is confirmed", async () => {
  const answers = { ...house(), [`PUT ${PATH}/${own.key}`]: json({ ...own, scenario }) };
  const asked = serve(answers);
  const { where } = openPage(`/provas/nova?conversa=${TALK}`);
  const replaced = await screen.findByRole("list", { name: words.draft.replaced });
  expect(replaced).toHaveTextContent("Marina");
  expect(within(replaced).getAllByText(words.draft.guessed)).toHaveLength(1);
  expect(screen.getByText("sou a Marina", { selector: "p" })).toBeVisible();
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
