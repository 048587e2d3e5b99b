import { expect, test } from "vitest";
import {
  checksOf,
  lineAt,
  linesOf,
  othersOf,
  wantedOf,
  withCheck,
  withLine,
  withLineAt,
  withNewCheck,
  withoutCheck,
  withoutLine,
  withoutRow,
  withRowBack,
  withValue,
  written,
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
  expect(withLineAt(withoutLine(document, 1), 1, lineAt(document, 1))).toEqual(document);
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
  expect(withRowBack(next, people)).toEqual(document);
  expect(othersOf(next)).toBeUndefined();
  expect(othersOf({ expect: { state: {}, silent: true } })).toEqual({ silent: true });
});

test("words to look for are read, put right, taken out and put back", () => {
  const looked = {
    expect: {
      must_say: [
        { any: ["220"], turn: "last" },
        { all: ["SAMU", "192"] },
        { regex: "a|b", label: "o preço", turn: 2 },
        { regex: "a|b" },
      ],
      must_not_say: [{ all: [""] }],
    },
  };
  expect(checksOf(looked).map(({ text, told, turn }) => [text, told, turn])).toEqual([
    ["220", "“220”", "last"],
    [null, "“SAMU” e “192”", "any"],
    [null, "o preço", "2"],
    [null, "", "any"],
    ["", "“”", "any"],
  ]);
  const [price, both] = checksOf(looked);
  if (!price || !both) throw new Error("checks");
  const next = withCheck(withCheck(looked, price, { text: "230" }), price, { turn: "any" });
  expect((next.expect as typeof looked.expect).must_say[0]).toEqual({ any: ["230"] });
  expect((withCheck(looked, price, { turn: "2" }).expect as typeof looked.expect).must_say[0]).toEqual({
    any: ["220"],
    turn: 2,
  });
  const [without, back] = withoutCheck(looked, both);
  expect(checksOf(without)).toHaveLength(4);
  expect(back(without)).toEqual(looked);
  expect(written(looked)).toEqual({ expect: { must_say: looked.expect.must_say } });
  expect(checksOf(withNewCheck({}, "must_say"))).toHaveLength(1);
});

test("whoever reacts has their first words put right", () => {
  const reacts = { patient: { mode: "rules", opening: { say: "oi", spoken: true }, rules: [] } };
  expect(withLine(reacts, 0, { say: ["bom dia"] })).toEqual({
    patient: { mode: "rules", opening: { say: "bom dia", spoken: true }, rules: [] },
  });
});
