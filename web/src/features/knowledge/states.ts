import type { Meaning } from "@/components/ui/badge";
import type { Document } from "@/features/knowledge/queries";
import { words } from "@/features/knowledge/words";

export type State = keyof typeof words.states;

/** How a document is, as the list says it. */
export function stateOf(document: Pick<Document, "status" | "current">): State {
  const { status } = document;
  if (status === "waiting" || status === "reading" || status === "refused") return status;
  return document.current ? "ready" : "old";
}

export const meanings: Record<State, Meaning> = {
  waiting: "waiting",
  reading: "waiting",
  ready: "good",
  refused: "urgent",
  old: "attention",
};

/** What there is to say below a document's name, if anything: why it was refused, what answers meanwhile. */
export function noteOf(document: Document): string | null {
  const state = stateOf(document);
  const former = document.passages > 0 ? words.formerAnswers : "";
  if (state === "refused") return [document.problem_text, former].filter(Boolean).join(" ") || null;
  if (state === "old") return document.kept ? words.readAgainRenews : words.sendAgainRenews;
  return state === "ready" ? null : former || null;
}

/** Whether its passages may still change by themselves. */
export function isBusy(document: Document): boolean {
  return document.status === "waiting" || document.status === "reading";
}
