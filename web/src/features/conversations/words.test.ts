import { expect, test } from "vitest";
import { nameOf } from "@/features/conversations/contact";
import { type Conversation, joined } from "@/features/conversations/queries";
import { deadlineSaid, pressing } from "@/lib/deadline";
import { phone } from "@/lib/formats";
import { personSaid } from "@/lib/person-words";

const zone = "America/Sao_Paulo";
const now = "2026-11-24T15:00:00Z"; // ter, 12:00

test("a deadline is told by the clinic's clock, and that it is over", () => {
  expect(deadlineSaid("2026-11-24T17:30:00Z", now, zone)).toBe("até 14:30");
  expect(deadlineSaid("2026-11-25T12:00:00Z", now, zone)).toBe("até amanhã, 09:00");
  expect(deadlineSaid("2026-11-24T14:00:00Z", now, zone)).toBe("venceu 11:00");
});

test("a case presses by its kind or by its time", () => {
  expect(pressing({ urgent: false, due_at: "2026-11-24T17:30:00Z" }, now)).toBe("attention");
  expect(pressing({ urgent: true, due_at: "2026-11-24T17:30:00Z" }, now)).toBe("urgent");
  expect(pressing({ urgent: false, due_at: "2026-11-24T14:00:00Z" }, now)).toBe("urgent");
});

test("numbers are written as people write them, names stay", () => {
  expect(phone("+5531990000001")).toBe("(31) 99000-0001");
  expect(phone("+351912345678")).toBe("+351912345678");
  expect(phone("Joana")).toBe("Joana");
  const contact = { id: "1", name: "", address: "+5531990000001", people: [] };
  expect(nameOf({ contact })).toBe("(31) 99000-0001");
  expect(nameOf({ contact: { ...contact, name: "Mariana" } })).toBe("Mariana");
  expect(personSaid("João", "child")).toBe("João (dependente)");
  expect(personSaid("Mariana", "self")).toBe("Mariana");
});

test("pages of a transcript are one, oldest first, nothing twice", () => {
  const page = (seqs: number[]) =>
    ({
      messages: seqs.map((seq) => ({ id: `m${seq}`, seq })),
      turns: [],
      receipts: [],
    }) as unknown as Conversation;
  const whole = joined([page([3, 4, 5]), page([1, 2, 3])]);
  expect(whole?.messages.map((one) => one.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(joined([])).toBeUndefined();
});
