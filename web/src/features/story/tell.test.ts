import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  flagWords,
  intentWords,
  problemWords,
  reactionWords,
  refusalWords,
} from "@/features/story/code-words";
import { step, turn } from "@/features/story/make";
import { tellTurn } from "@/features/story/tell";
import { toolVerbs } from "@/features/story/tool-words";
import type { Step, Turn } from "@/features/story/types";
import { understoodWords } from "@/features/story/understood";

function said(steps: Step[], more: Partial<Turn> = {}): string[] {
  return tellTurn(turn(steps, { answered: [], ...more })).map(({ says, about }) =>
    about ? `${says} | ${about}` : says,
  );
}

const one = (made: Step, more: Partial<Turn> = {}) => said([made], more)[0];

test("what came in, together or alone", () => {
  expect(said([], { answered: ["a", "b"] })).toEqual(["Recebeu 2 mensagens juntas"]);
  expect(said([], { answered: ["a"] })).toEqual(["Recebeu 1 mensagem"]);
});

test("safety first: nothing, a sign, silence, people only", () => {
  expect(one(step("screen", { decision: "speak" }))).toBe("Conferiu se há urgência: nada encontrado");
  expect(
    said([
      step("screen", { decision: "speak" }),
      step("red_flag", { flag: "emergency:chest_pain", case: 12 }),
    ]),
  ).toEqual([
    "Conferiu se há urgência: encontrou um sinal",
    "Sinal de urgência: dor no peito | abriu o caso 12",
  ]);
  expect(one(step("red_flag", { flag: "emergency:never_heard_of" }))).toBe("Sinal de urgência na mensagem");
  expect(one(step("screen", { decision: "silence" }))).toContain("ficou em silêncio");
  expect(one(step("screen", { decision: "human" }))).toContain("só com pessoas");
});

test("for whom: known, unknown, one of some", () => {
  expect(one(step("identify", { person: "Ana Souza", people: 2, visits: 1 }))).toBe(
    "Falando por: Ana Souza | 1 consulta à frente",
  );
  expect(one(step("identify", { people: 0 }))).toBe("Ainda não sabe o nome de quem vai ser atendido");
  expect(one(step("identify", { people: 3 }))).toContain("3 pessoas");
});

test("what was understood: the subject, of what, when; courtesies only alone", () => {
  const read = { intents: ["book", "greet", "yes"], services: ["Limpeza"], day: "terça", time: "à tarde" };
  expect(understoodWords(read)).toBe("marcar Limpeza, terça à tarde");
  expect(understoodWords({ intents: ["yes"] })).toBe("sim");
  expect(understoodWords({ person: "Ana Souza" })).toBe("Ana Souza");
  expect(understoodWords({ intents: ["price"], services: ["Canal"], convenio: "Unimed" })).toBe(
    "preço Canal, Unimed",
  );
  expect(understoodWords({ intents: ["never_heard_of"], day: { odd: true }, guessed: true })).toBe("");
  expect(understoodWords({ intents: ["knowledge"], services: ["A", "B", "C"] })).toBe(
    "dúvida sobre a clínica, 3 serviços combinam",
  );
  expect(understoodWords(null)).toBe("");
});

test("thinking: understood once, then what it decides, then what it writes", () => {
  const read = { intents: ["book"], services: ["Limpeza"] };
  expect(
    said([
      step("think", { model: "m", understood: read, asked: ["find_slots"] }),
      step("think", { model: "m", understood: read, asked: ["propose_visit", "another_tool"] }),
      step("think", { model: "m", said: "Olá" }),
    ]),
  ).toEqual(["Entendeu: marcar Limpeza", "Decidiu: guardar um horário, another_tool", "Escreveu a resposta"]);
});

test("models that fail are told, and so is the one that answered after them", () => {
  const failed = { model: "a", outcome: "timeout", ms: 900, detail: "" };
  expect(one(step("think", { attempts: [failed, { ...failed, model: "b" }] }))).toBe(
    "Tentou 2 modelos: nenhum respondeu",
  );
  expect(one(step("think", { attempts: [failed] }))).toBe("O modelo não respondeu");
  expect(
    one(
      step("think", { model: "b", said: "Oi", attempts: [failed, { ...failed, model: "b", outcome: "ok" }] }),
    ),
  ).toBe("Escreveu a resposta | depois de 2 tentativas");
  expect(said([step("think", { attempts: [failed] }), step("hold", { case: 12 })])[1]).toBe(
    "Nenhum modelo respondeu: avisou e abriu o caso 12",
  );
  // It did answer, but never came to an end: that no model answered would be a lie.
  expect(said([step("think", { model: "m" }), step("hold", { case: 3 })])[1]).toBe(
    "Não chegou a uma resposta a tempo: avisou e abriu o caso 3",
  );
});

test("a refused reply is rewritten, or not sent at all", () => {
  const refused = step("check", { ok: false, problems: [{ kind: "ungrounded_time", excerpt: "15:30" }] });
  const think = step("think", { model: "m", said: "Oi" });
  expect(said([refused, think, step("check", { ok: true })])).toEqual([
    "Reescreveu: dizia um horário que nada confirma | “15:30”",
    "Escreveu a resposta de novo",
    "Conferiu antes de responder: tudo confirmado",
  ]);
  expect(said([refused, think, refused], { outcome: "handed_over" })[2]).toContain("Não enviou a resposta: ");
  expect(said([refused], { status: "running", outcome: null })[0]).toContain("Reescreveu: ");
  expect(one(step("check", { ok: false, problems: [{ kind: "odd", excerpt: "" }] }))).toContain(
    "dizia algo que nada confirma",
  );
});

test("how it ended", () => {
  const reply = step("reply");
  expect(one(reply, { replies: ["a", "b"] })).toBe("Respondeu em 2 mensagens");
  expect(one(reply, { status: "running", outcome: null })).toBe("Resposta pronta");
  expect(one(reply, { outcome: "silent" })).toBe("Não respondeu nada");
  expect(one(reply, { outcome: "emergency" })).toContain("urgência");
  expect(said([reply], { status: "superseded", outcome: null, replies: [] })).toEqual([
    "Resposta pronta",
    "Chegou mensagem nova: largou esta resposta e recomeçou com tudo",
  ]);
  expect(said([], { status: "failed", outcome: null })[0]).toContain("Parou por uma falha");
});

test("a step this page was never told about is named, not hidden", () => {
  expect(one(step("dream"))).toBe("Um passo que esta tela ainda não conhece: dream");
  expect(one(step("toString"))).toContain("toString");
});

test("every tool and every code of the product has its words", () => {
  const keysOf = (path: string) =>
    [...readFileSync(`../${path}`, "utf8").matchAll(/^([a-z_]+):/gm)].map((found) => found[1] ?? "");
  expect(keysOf("tools/descriptions.yaml").filter((tool) => !(tool in toolVerbs))).toEqual([]);
  expect(keysOf("tools/errors.yaml").filter((code) => !(code in refusalWords))).toEqual([]);
  const intents = keysOf("agent/offline/rules.yaml");
  expect(intents.filter((intent) => !(intent in intentWords || intent in reactionWords))).toEqual([]);
  const flags = readFileSync("../clinic/conversations/dangers/red_flags.yaml", "utf8");
  const codes = [...flags.matchAll(/^ +- code: (\w+)/gm)].map((found) => found[1] ?? "");
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((code) => !(code in flagWords))).toEqual([]);
  const checks = readFileSync("../agent/guardrails/outgoing.py", "utf8");
  const kinds = /ProblemKind = Literal\[([^\]]+)\]/.exec(checks)?.[1] ?? "";
  expect([...kinds.matchAll(/"(\w+)"/g)].filter((found) => !((found[1] ?? "") in problemWords))).toEqual([]);
});
