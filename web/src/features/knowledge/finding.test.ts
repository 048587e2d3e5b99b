import { expect, test } from "vitest";
import { markAsked, tellingPart } from "@/features/knowledge/marks";
import type { Passage } from "@/features/knowledge/queries";
import { placeOf, verdictOf, whyOf } from "@/features/knowledge/why";
import { short, words } from "@/features/knowledge/words";

const passage = (over: Partial<Passage>): Passage => ({
  id: "1",
  document: "d",
  source: "convenios.md",
  title: "Convênios",
  heading: "Convênios › Reembolso",
  text: "",
  score: 0.4,
  dense: 0.3,
  lexical: 0.2,
  used: true,
  ...over,
});

function asked(text: string, question: string): string[] {
  return markAsked(text, question)
    .filter((one) => one.asked)
    .map((one) => one.text);
}

test("words of the question are marked whatever their accents, case or ending; idle words are not", () => {
  expect(asked("Convênios: o reembolso é seu. Como pedir?", "como funciona o REEMBOLSO do convenio")).toEqual(
    ["Convênios", "reembolso"],
  );
  expect(asked("A relação dos exames", "para que posso?")).toEqual([]);
});

test("a short word is not found inside a longer one", () => {
  expect(asked("O piso molhado e o PIS", "pis")).toEqual(["PIS"]);
});

test("the stretches joined are the text", () => {
  const text = "Não é preciso jejum.\n- Água, sim: jejum só de comida.";
  expect(
    markAsked(text, "jejum de água")
      .map((one) => one.text)
      .join(""),
  ).toBe(text);
});

test("what is cut begins where the question is answered", () => {
  expect(tellingPart("Traga documentos.\nVenha em jejum.\nObrigada.", "jejum")).toBe(
    "… Venha em jejum.\nObrigada.",
  );
  expect(tellingPart("Venha em jejum.\nTraga documentos.", "jejum")).toBe(
    "Venha em jejum.\nTraga documentos.",
  );
});

test("each passage says why it was used or not", () => {
  const least = { threshold: 0.32 };
  expect(whyOf(passage({}), least)).toBeNull();
  expect(whyOf(passage({ score: 0.3, used: true }), least)).toBe(words.ask.beside);
  expect(whyOf(passage({ score: 0.4, used: false }), least)).toBe(words.ask.beyond);
  expect(whyOf(passage({ score: 0.1, dense: 0.02, lexical: 0.01, used: false }), least)).toBe(
    `${short(0.22)} ${words.ask.noMeaning} ${words.ask.noWords}`,
  );
});

test("the verdict is one sentence", () => {
  expect(verdictOf({ considered: [passage({}), passage({ id: "2" })] })).toBe(
    "A Carol responderia com: Convênios › Reembolso, e mais 1 trecho.",
  );
  expect(verdictOf({ considered: [passage({ used: false })] })).toBe(words.ask.notFound);
  expect(verdictOf({ considered: [] })).toBe(words.ask.noDocuments);
});

test("a heading without its document gets it", () => {
  expect(placeOf(passage({ heading: "Reembolso" }))).toBe("Convênios › Reembolso");
  expect(placeOf(passage({ heading: "" }))).toBe("Convênios");
});
