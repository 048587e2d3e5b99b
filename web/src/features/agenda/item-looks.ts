import { Ban, Check, CheckCheck, Circle, Hourglass, type LucideIcon, UserX, X } from "lucide-react";
import type { Meaning } from "@/components/ui/badge";
import type { Item } from "@/features/agenda/types";
import { statusWords } from "@/features/agenda/words";

export interface Look {
  word: string;
  icon: LucideIcon;
  means: Meaning;
  /** The card in the grid: its shape says the status too. */
  card: string;
}

const looks: Readonly<Record<string, Omit<Look, "word">>> = {
  booked: { icon: Circle, means: "accent", card: "border-l-4 border-l-accent bg-accent-soft" },
  confirmed: { icon: Check, means: "good", card: "border-l-4 border-l-good bg-good-soft" },
  completed: { icon: CheckCheck, means: "nothing", card: "border-l-4 border-l-line-strong bg-hover" },
  no_show: { icon: UserX, means: "attention", card: "border-l-4 border-l-attention bg-attention-soft" },
  cancelled: { icon: X, means: "nothing", card: "border border-line-strong bg-surface text-ink-soft" },
  hold: { icon: Hourglass, means: "waiting", card: "border-2 border-dashed border-waiting bg-waiting-soft" },
};

const unknown = { icon: Ban, means: "nothing", card: "border border-line-strong bg-surface" } as const;

/** How a visit or hold looks, and the word for it. */
export function lookOf(item: Item): Look {
  const state = item.kind === "hold" ? "hold" : (item.status ?? "");
  const look = Object.hasOwn(looks, state) ? looks[state] : undefined;
  return { ...(look ?? unknown), word: statusWords[state] ?? state };
}
