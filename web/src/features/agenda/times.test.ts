import { expect, test } from "vitest";
import { wholeMinute } from "@/features/agenda/clock";
import { daysLater, hoursOf, minuteOn, over, placed } from "@/features/agenda/times";
import type { Day, Item } from "@/features/agenda/types";

const ZONE = "America/Sao_Paulo";

function visit(id: string, from: string, to: string, said: Partial<Item> = {}): Item {
  return {
    kind: "visit",
    id,
    starts_at: `2026-11-24T${from}:00-03:00`,
    ends_at: `2026-11-24T${to}:00-03:00`,
    service: "Limpeza",
    person: "Ana",
    unit: null,
    room: null,
    convenio: null,
    price_cents: null,
    status: "booked",
    booked_by: "carol",
    conversation: null,
    expires_at: null,
    reason: null,
    ...said,
  };
}

function day(items: Item[], said: Partial<Day> = {}): Day {
  const windows = [{ opens: "08:30:00", closes: "12:00:00", unit: "Savassi" }];
  return {
    day: "2026-11-24",
    zone: ZONE,
    now: "2026-11-24T14:00:00-03:00",
    holiday: null,
    opens: "08:30:00",
    closes: "12:00:00",
    columns: [{ professional: "p", name: "Dra. Helena", specialty: "", windows, items }],
    ...said,
  };
}

const lanes = (items: Item[]) =>
  Object.fromEntries(
    placed(items, "2026-11-24", ZONE).map(({ item, lane, lanes, thin }) => [
      item.id,
      thin === null ? `${lane}/${lanes}` : `thin ${thin}`,
    ]),
  );

test("minutes are those of the clinic's clock; what began before the day begins with it", () => {
  expect(minuteOn("2026-11-24", "2026-11-24T18:00:00Z", ZONE)).toBe(15 * 60);
  expect(minuteOn("2026-11-24", "2026-11-23T23:00:00-03:00", ZONE)).toBe(0);
  expect(minuteOn("2026-11-24", "2026-11-25T00:00:00-03:00", ZONE)).toBe(24 * 60);
});

test("the hours drawn hold everything, by whole hours", () => {
  const late = day([visit("a", "18:10", "18:40")]);
  expect(hoursOf(late, late.columns)).toEqual({ from: 8 * 60, to: 19 * 60 });
  const shut = day([], { opens: null, closes: null, columns: [] });
  expect(hoursOf(shut, [])).toEqual({ from: 8 * 60, to: 18 * 60 });
});

test("a block of the whole day does not make the day longer", () => {
  const block = visit("b", "00:00", "23:59", {
    kind: "block",
    starts_at: "2026-11-24T00:00:00-03:00",
    ends_at: "2026-11-25T00:00:00-03:00",
  });
  const blocked = day([block]);
  expect(hoursOf(blocked, blocked.columns)).toEqual({ from: 8 * 60, to: 12 * 60 });
});

test("what stands at the same time stands side by side; what follows takes the whole width", () => {
  expect(
    lanes([
      visit("a", "09:00", "10:00"),
      visit("b", "09:30", "10:30"),
      visit("c", "10:00", "10:30"),
      visit("d", "11:00", "11:30"),
    ]),
  ).toEqual({ a: "0/2", b: "1/2", c: "0/2", d: "0/1" });
});

test("a cancelled visit is thin only where its time is taken", () => {
  const cancelled = { status: "cancelled" };
  expect(
    lanes([
      visit("a", "09:00", "09:30"),
      visit("x", "09:00", "09:30", cancelled),
      visit("y", "09:00", "09:30", cancelled),
      visit("z", "10:00", "10:30", cancelled),
      visit("z2", "10:00", "10:30", cancelled),
    ]),
  ).toEqual({ a: "0/1", x: "thin 0", y: "thin 1", z: "0/1", z2: "thin 0" });
});

test("what is too short to read is given room, and does not cover its neighbour", () => {
  expect(lanes([visit("a", "09:00", "09:05"), visit("b", "09:05", "09:10")])).toEqual({ a: "0/2", b: "1/2" });
});

test("days go over months and years", () => {
  expect(daysLater("2026-12-31", 1)).toBe("2027-01-01");
  expect(daysLater("2026-03-01", -1)).toBe("2026-02-28");
});

test("a hold is over at its instant, a visit never", () => {
  const hold = visit("h", "09:00", "09:30", { kind: "hold", expires_at: "2026-11-24T09:10:00-03:00" });
  const at = Date.parse("2026-11-24T09:10:00-03:00");
  expect(over(hold, at - 1)).toBe(false);
  expect(over(hold, at)).toBe(true);
  expect(over(visit("v", "09:00", "09:30"), at)).toBe(false);
});

test("a ticking clock asks once a minute, whichever way it is written", () => {
  expect(wholeMinute("2026-11-22T21:40:33-03:00")).toBe("2026-11-23T00:40:00.000Z");
  expect(wholeMinute("2026-11-22T21:40:33")).toBe("2026-11-22T21:40");
});
