import { keepDraft, readDraft } from "@/lib/draft";

/** Where this tab keeps what is being written as a person of a rehearsal. */
export function wordsKey(rehearsal: string, person: string): string {
  return `rehearsal.words.${rehearsal}.${person}`;
}

/** Where this tab keeps the model chosen for a rehearsal. */
export function modelKey(rehearsal: string): string {
  return `rehearsal.model.${rehearsal}`;
}

/** What was being said where a rehearsal branched off; empty when this tab did not see it. */
export function originOf(rehearsal: string): string {
  return readDraft(`rehearsal.origin.${rehearsal}`);
}

export function keepOrigin(rehearsal: string, said: string): void {
  keepDraft(`rehearsal.origin.${rehearsal}`, said.slice(0, 200));
}
