import { expect, test } from "vitest";
import {
  linesOf,
  othersOf,
  wantedOf,
  withLine,
  withoutLine,
  withoutRow,
  withValue,
} from "@/features/evals/document";

const document = {
  id: "a",
  patient: {
    phone: "+5531900000101",
    turns: ["oi", ["quero marcar", "limpeza"], { say: "sim", agrees: true, after_minutes: 5 }],
  },
  expect: {
    state: {
      visits: {
        inserted: [{ person: "Ana", starts: "2026-11-24T13:00" }],
        updated: [{ was: { status: "booked" }, now: { status: "cancelled" } }],
      },
      people: { inserted: [{ name: "Ana" }] },
    },
    must_say: [{ any: ["Ana"] }],
  },
};

test("lines are read in every way a turn may be written", () => {
  expect(linesOf(document)).toEqual([
    { say: ["oi"], agrees: false },
    { say: ["quero marcar", "limpeza"], agrees: false },
    { say: ["sim"], agrees: true },
  ]);
  expect(linesOf({ patient: { mode: "rules", opening: "bom dia" } })).toEqual([
    { say: ["bom dia"], agrees: false },
  ]);
  expect(linesOf({})).toEqual([]);
});

test("a line that changes keeps what else its turn says", () => {
  const changed = withLine(document, 2, { agrees: false, say: ["pode"] });
  expect((changed.patient as typeof document.patient).turns[2]).toEqual({ say: "pode", after_minutes: 5 });
  expect((withLine(document, 0, { agrees: true }).patient as typeof document.patient).turns[0]).toEqual({
    say: "oi",
    agrees: true,
  });
  expect(linesOf(withoutLine(document, 0))).toHaveLength(2);
  expect(linesOf(document)).toHaveLength(3);
});

test("a value that is put right is put right in its row only", () => {
  const [booked, cancelled] = wantedOf(document);
  expect(wantedOf(document).map(({ noun, how }) => `${noun} ${how}`)).toEqual([
    "visits inserted",
    "visits updated",
    "people inserted",
  ]);
  if (!booked || !cancelled) throw new Error("rows");
  const next = withValue(withValue(document, booked, "person", "Bia"), cancelled, "status", "done");
  expect((next.expect as typeof document.expect).state.visits).toEqual({
    inserted: [{ person: "Bia", starts: "2026-11-24T13:00" }],
    updated: [{ was: { status: "booked" }, now: { status: "done" } }],
  });
  expect((next.expect as typeof document.expect).state.people).toEqual(document.expect.state.people);
});

test("a noun of which no row is left is expected no more", () => {
  const people = wantedOf(document)[2];
  if (!people) throw new Error("rows");
  const next = withoutRow(document, people);
  expect(Object.keys((next.expect as typeof document.expect).state)).toEqual(["visits"]);
  expect(othersOf(next)).toEqual({ must_say: [{ any: ["Ana"] }] });
  expect(othersOf({ expect: { state: {} } })).toBeUndefined();
});
