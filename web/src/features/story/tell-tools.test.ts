import { expect, test } from "vitest";
import { step } from "@/features/story/make";
import { tellTool } from "@/features/story/tell-tools";

function did(tool: string, result: Record<string, unknown>, asked: Record<string, unknown> = {}): string {
  const told = tellTool(step("tool", { tool, result, arguments: asked }));
  return told.about ? `${told.says} | ${told.about}` : told.says;
}

const summary = {
  person: "Ana Souza",
  service: "Limpeza",
  professional: "Dra. Helena Prado",
  starts_at: "2026-11-24T15:00",
  label: "terça, 24 de novembro, às 15h",
};
const whose = "Ana Souza · Limpeza · Dra. Helena Prado";

test.each([
  [
    "list_services",
    { services: [1, 2] },
    { query: "dente" },
    "Consultou os serviços sobre “dente”: 2 encontrados",
  ],
  ["clinic_facts", { topic: "convenios" }, {}, "Consultou os convênios"],
  ["clinic_facts", {}, { topic: "hours" }, "Consultou o horário de funcionamento"],
  ["clinic_facts", { topic: "odd" }, {}, "Consultou os dados da clínica"],
  [
    "find_slots",
    {
      service: "Limpeza",
      understood: "terça, das 12h às 18h",
      exact: true,
      slots: [1, 2, 3, 4, 5],
      note: "",
    },
    {},
    "Procurou horários: 5 encontrados | Limpeza · terça, das 12h às 18h",
  ],
  [
    "find_slots",
    { service: "Limpeza", exact: false, slots: [1], note: "A clínica não abre no domingo." },
    {},
    "Procurou horários: nenhum como pedido, 1 próximo | Limpeza · A clínica não abre no domingo.",
  ],
  ["find_slots", { service: "Limpeza", slots: [] }, {}, "Procurou horários: nenhum livre | Limpeza"],
  ["propose_visit", { summary }, {}, `Guardou ter, 24 nov, 15:00 por alguns minutos | ${whose}`],
  [
    "propose_move",
    { summary: { ...summary, from_label: "segunda, às 9h" } },
    {},
    `Guardou ter, 24 nov, 15:00 para a mudança | ${whose} · era segunda, às 9h`,
  ],
  ["propose_cancel", { summary }, {}, `Preparou o cancelamento de ter, 24 nov, 15:00 | ${whose}`],
  ["book_visit", { booked: true, summary }, {}, `Marcou a consulta: ter, 24 nov, 15:00 | ${whose}`],
  ["move_visit", { moved: true, summary }, {}, `Mudou a consulta para ter, 24 nov, 15:00 | ${whose}`],
  ["cancel_visit", { cancelled: true, summary }, {}, `Cancelou a consulta de ter, 24 nov, 15:00 | ${whose}`],
  ["my_visits", { visits: [] }, {}, "Viu as consultas marcadas: nenhuma"],
  ["my_visits", { visits: [1, 2] }, {}, "Viu as consultas marcadas: 2"],
  [
    "for_whom",
    { person: "P1", name: "Ana", relationship: "child" },
    {},
    "Atendimento para: Ana (filha ou filho)",
  ],
  ["search_knowledge", { found: false, passages: [] }, {}, "Procurou nos documentos: nada encontrado"],
  [
    "search_knowledge",
    { found: true, passages: [{ title: "Preparo" }, { title: "Preparo" }, { title: "Convênios" }] },
    { question: "preciso de jejum?" },
    "Procurou nos documentos: achou em “Preparo” e “Convênios” | preciso de jejum?",
  ],
  [
    "escalate",
    { case: 12, until: "hoje até as 14h30", open_now: true },
    {},
    "Passou para a equipe: caso 12 | resposta hoje até as 14h30",
  ],
  [
    "book_visit",
    { error: "needs_yes", message: "…" },
    {},
    "Tentou marcar a consulta: faltava um sim claro do paciente",
  ],
  ["book_visit", { error: "never_heard_of" }, {}, "Tentou marcar a consulta e não conseguiu"],
  ["pay_pix", { paid: true }, {}, "Usou uma ação que esta tela ainda não conhece: pay_pix"],
  ["pay_pix", { error: "no" }, {}, "Tentou uma ação que esta tela ainda não conhece: pay_pix"],
  ["constructor", {}, {}, "Usou uma ação que esta tela ainda não conhece: constructor"],
] as const)("%s", (tool, result, asked, line) => {
  expect(did(tool, result, asked)).toBe(line);
});

test("passages that came close but were not used are not said to be an answer", () => {
  const passage = {
    id: "a",
    document: "b",
    source: "preparo.md",
    title: "Preparo",
    heading: "",
    text: "…",
    score: 0.3,
    dense: 0.3,
    lexical: 0,
    used: false,
  };
  const made = step("tool", {
    tool: "search_knowledge",
    result: { found: false, passages: [] },
    passages: [passage],
  });
  expect(tellTool(made).says).toBe("Procurou nos documentos: nada chegou ao mínimo");
});

test("a result without what was promised never breaks the page", () => {
  for (const tool of ["propose_visit", "find_slots", "search_knowledge", "for_whom", "escalate"]) {
    expect(typeof tellTool(step("tool", { tool, result: null })).says).toBe("string");
    expect(
      typeof tellTool(step("tool", { tool, result: { summary: 3, slots: "x", passages: {} } })).says,
    ).toBe("string");
  }
});
