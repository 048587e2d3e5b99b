import { describe, expect, it } from "vitest";
import { dayIn, lastDay } from "@/features/playground/agenda-day";
import { outcomeOf } from "@/features/playground/outcomes";
import { freshNumber, speaksFor } from "@/features/playground/people";
import type { Conversation, Receipt } from "@/features/playground/queries";
import { phone } from "@/lib/formats";

const said = (message: string, fresh = true) => ({ conversation: "c", message, seq: 1, new: fresh });

function talk(turns: Record<string, string | null>, more: Partial<Conversation> = {}) {
  const messages = Object.entries(turns).map(([id, turn]) => ({ id, turn })) as Conversation["messages"];
  return { messages, busy: false, cases: [], ...more };
}

describe("what a mishap came to", () => {
  const burst = { play: "burst" as const, said: [said("a"), said("b"), said("c")] };

  it("counts the answers to a burst once all of it is answered", () => {
    expect(outcomeOf(burst, undefined).done).toBe(false);
    expect(outcomeOf(burst, talk({ a: "t", b: "t", c: null })).done).toBe(false);
    expect(outcomeOf(burst, talk({ a: "t", b: "t", c: "t" }, { busy: true })).done).toBe(false);
    expect(outcomeOf(burst, talk({ a: "t", b: "t", c: "t" })).says).toBe("1 resposta para 3 mensagens.");
    expect(outcomeOf(burst, talk({ a: "t", b: "t", c: "u" })).says).toBe("2 respostas para 3 mensagens.");
  });

  it("says at once that a second delivery changed nothing, and only if it did not", () => {
    const twice = { play: "duplicate" as const, said: [said("a"), said("a", false)] };
    expect(outcomeOf(twice, talk({ a: null })).says).toMatch(/não mudou nada/);
    const broken = { play: "duplicate" as const, said: [said("a"), said("b")] };
    expect(outcomeOf(broken, talk({ a: null, b: null })).says).not.toMatch(/não mudou nada/);
  });

  it("names the case that a failing model left, or says there is none", () => {
    const failing = { play: "failing_model" as const, said: [said("a")] };
    const cases = [
      {
        id: "k1",
        status: "open" as const,
        owner_name: null,
        case: 12,
        kind: "failed",
        urgent: false,
        due_at: "2026-11-21T15:00:00Z",
      },
    ];
    expect(outcomeOf(failing, talk({ a: "t" }, { cases })).says).toMatch(/abriu o caso 12/);
    expect(outcomeOf(failing, talk({ a: "t" })).says).toMatch(/nenhum caso/);
  });
});

describe("the day the agenda follows", () => {
  it("is found wherever a tool put it", () => {
    expect(dayIn({ slots: [{ slot: "S1", starts_at: "2026-11-24T15:00" }] })).toBe("2026-11-24");
    expect(dayIn({ note: "starts_at", starts_at: "amanhã" })).toBeNull();
  });

  it("is that of the latest receipt which has one", () => {
    const receipts = [
      { at: "2026-11-21T15:02:00Z", result: { starts_at: "2026-11-25T09:00" } },
      { at: "2026-11-21T15:01:00Z", result: { starts_at: "2026-11-24T15:00" } },
      { at: "2026-11-21T15:03:00Z", result: { case: 1 } },
    ] as unknown as Receipt[];
    expect(lastDay(receipts)).toBe("2026-11-25");
    expect(lastDay([])).toBeNull();
  });
});

describe("people", () => {
  it("makes numbers that belong to nobody and writes them as Brazilians do", () => {
    expect(freshNumber(() => 0.0012345)).toBe("+5511900001234");
    expect(phone("+5511900001234")).toBe("(11) 90000-1234");
    expect(phone("Ana")).toBe("Ana");
  });

  it("says for whom someone speaks besides themselves", () => {
    expect(
      speaksFor([
        { id: "1", name: "Maria", relationship: "self" },
        { id: "2", name: "Ana", relationship: "child" },
      ]),
    ).toBe("fala por Ana (filho ou filha)");
    expect(speaksFor([])).toBe("");
  });
});
