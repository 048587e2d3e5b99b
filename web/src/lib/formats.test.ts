import { expect, test } from "vitest";
import {
  bytes,
  count,
  countdown,
  day,
  dayAndTime,
  elapsed,
  isoDay,
  longDay,
  minutes,
  money,
  nearDay,
  number,
  relative,
  time,
} from "@/lib/formats";

const SP = "America/Sao_Paulo";
const at = "2026-11-24T18:00:00Z";

/** Intl writes money with a space that does not break. */
const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("days and times are the clinic's, wherever the browser is", () => {
  expect(dayAndTime(at, SP)).toBe("ter, 24 nov, 15:00");
  expect(dayAndTime(at, "America/Manaus")).toBe("ter, 24 nov, 14:00");
  expect(time("2026-11-24T03:05:00Z", SP)).toBe("00:05");
  expect(isoDay("2026-11-24T02:00:00Z", SP)).toBe("2026-11-23");
  expect(longDay(at, SP)).toBe("terça-feira, 24 de novembro");
});

test("the year is said when it is another", () => {
  expect(day(at, SP, "2026-01-01T12:00:00Z")).toBe("ter, 24 nov");
  expect(day(at, SP, "2027-01-01T12:00:00Z")).toBe("ter, 24 nov 2026");
});

test.each([
  ["2026-11-24T18:00:30Z", "agora"],
  ["2026-11-24T17:55:00Z", "há 5 min"],
  ["2026-11-24T18:07:30Z", "em 7 min"],
  ["2026-11-24T15:30:00Z", "há 2 h"],
  ["2026-11-24T03:30:00Z", "hoje, 00:30"],
  ["2026-11-23T12:00:00Z", "ontem, 09:00"],
  ["2026-11-25T12:00:00Z", "amanhã, 09:00"],
  ["2026-11-18T12:00:00Z", "qua, 18 nov, 09:00"],
])("%s is said as %s", (instant, words) => {
  expect(relative(instant, at, SP)).toBe(words);
});

test("today ends at the clinic's midnight", () => {
  expect(nearDay("2026-11-25T02:59:00Z", at, SP)).toBe("hoje");
  expect(nearDay("2026-11-25T03:00:00Z", at, SP)).toBe("amanhã");
});

test("lengths", () => {
  expect([340, 2_400, 59_960, 65_000].map(elapsed)).toEqual(["340 ms", "2,4 s", "60 s", "1 min 05 s"]);
  expect([30, 60, 65, 90].map(minutes)).toEqual(["30 min", "1 h", "1 h 05", "1 h 30"]);
  expect(countdown("2026-11-24T18:09:59Z", at)).toBe("9:59");
  expect(countdown("2026-11-24T17:59:00Z", at)).toBe("0:00");
});

test("amounts", () => {
  expect(plain(money("180.00"))).toBe("R$ 180,00");
  expect(plain(money(1234.5))).toBe("R$ 1.234,50");
  expect(plain(money("0.00423", true))).toBe("R$ 0,0042");
  expect(plain(money("0.5", true))).toBe("R$ 0,50");
  expect(number(12345.67, 1)).toBe("12.345,7");
  expect(count(1, "horário", "horários")).toBe("1 horário");
  expect(count(6, "horário", "horários")).toBe("6 horários");
  expect([820, 12_400, 1_400_000].map(bytes)).toEqual(["820 B", "12 kB", "1,4 MB"]);
});
