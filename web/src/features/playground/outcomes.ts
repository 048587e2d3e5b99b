import type { Conversation, Said } from "@/features/playground/queries";
import { burstWords, duplicateWords, failingWords, words } from "@/features/playground/words";

export const plays = ["burst", "duplicate", "failing_model"] as const;
export type Play = (typeof plays)[number];

/** A mishap that was played, and what it stored. */
export interface Played {
  play: Play;
  said: readonly Said[];
}

/** What a mishap came to, in a sentence. `done` is false while Carol still works on it. */
export function outcomeOf(
  { play, said }: Played,
  conversation: Pick<Conversation, "messages" | "busy" | "cases"> | undefined,
): { says: string; done: boolean } {
  const ids = new Set(said.map((one) => one.message));
  const asked = conversation?.messages.filter((line) => ids.has(line.id)) ?? [];
  const turns = new Set(asked.map((line) => line.turn));
  const answered = asked.length === ids.size && !turns.has(null) && conversation?.busy === false;
  if (play === "duplicate" && said.some((one) => !one.new)) {
    return { says: duplicateWords(answered), done: answered };
  }
  if (!answered) return { says: words.situations.waiting, done: false };
  if (play === "failing_model")
    return { says: failingWords(conversation.cases.at(-1)?.case ?? null), done: true };
  return { says: burstWords(turns.size, ids.size), done: true };
}
