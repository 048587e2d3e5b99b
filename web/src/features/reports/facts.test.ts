import { expect, test } from "vitest";
import { draftPieces, factsOf, sourcePieces } from "@/features/reports/facts";
import type { Draft } from "@/features/reports/queries";

const SOURCE = "PA 130x80 às 08:10. Almoçou tudo. Caiu no banheiro.";
const TEXT = "🌿 A pressão estava em 130x80 e ela almoçou bem. Dormiu cedo.";

function place(text: string, words: string) {
  const start = [...text.slice(0, text.indexOf(words))].length;
  return { start, end: start + [...words].length };
}

const draft = {
  text: TEXT,
  traced: [
    { draft: place(TEXT, "130x80"), source: place(SOURCE, "PA 130x80"), kind: "vital", critical: false },
    { draft: place(TEXT, "almoçou"), source: place(SOURCE, "Almoçou tudo"), kind: "meal", critical: false },
    {
      draft: place(TEXT, "almoçou bem"),
      source: place(SOURCE, "Almoçou tudo"),
      kind: "meal",
      critical: false,
    },
    { draft: place(TEXT, "Dormiu cedo"), source: null, kind: "sleep", critical: false },
  ],
  problems: [
    { code: "untraced", quote: "Dormiu cedo", critical: true, by: "checks", why: "" },
    { code: "omitted", quote: "Caiu no banheiro", critical: true, by: "checks", why: "" },
  ],
} as unknown as Draft;

test("statements that rest on the same place are one fact; an emoji is one letter", () => {
  const facts = factsOf(draft);
  expect(facts).toHaveLength(3);
  const said = draftPieces(draft, facts);
  expect(said.map(({ text }) => text).join("")).toBe(TEXT);
  const of = (fact: number) => said.filter((piece) => piece.fact === fact).map(({ text }) => text);
  expect(of(0)).toEqual(["130x80"]);
  expect(of(1).join("")).toBe("almoçou bem");
  const told = sourcePieces(SOURCE, draft, facts);
  expect(told.find(({ fact }) => fact === 1)?.text).toBe("Almoçou tudo");
});

test("what is wrong is marked where it stands, and what was left out in the report", () => {
  const facts = factsOf(draft);
  const wrong = (pieces: { text: string; wrong: boolean }[]) =>
    pieces.filter((one) => one.wrong).map((one) => one.text);
  expect(wrong(draftPieces(draft, facts))).toEqual(["Dormiu cedo"]);
  expect(wrong(sourcePieces(SOURCE, draft, facts))).toEqual(["Caiu no banheiro"]);
});
