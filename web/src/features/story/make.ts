import type { Step, Turn } from "@/features/story/types";

/** Steps and turns as the API gives them, for tests: what is not said is empty. */
export function step(kind: string, said: Partial<Step> = {}): Step {
  return {
    step: kind,
    asked: [],
    attempts: [],
    given: [],
    passages: [],
    problems: [],
    repaired: false,
    tokens_estimated: false,
    ...said,
  };
}

export function turn(steps: Step[], said: Partial<Turn> = {}): Turn {
  return {
    id: "11111111-1111-4111-8111-111111111111",
    conversation: "22222222-2222-4222-8222-222222222222",
    status: "adopted",
    outcome: "spoke",
    model: "offline",
    started_at: "2026-11-23T13:00:00Z",
    seconds: 1.42,
    tokens_in: 1234,
    tokens_out: 96,
    cost_brl: "0.0031",
    limits: {},
    steps,
    answered: ["33333333-3333-4333-8333-333333333333"],
    replies: ["44444444-4444-4444-8444-444444444444"],
    ...said,
  };
}
