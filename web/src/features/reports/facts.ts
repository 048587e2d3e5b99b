import type { Draft } from "@/features/reports/queries";

interface Place {
  start: number;
  end: number;
}

/** What several statements of a message rest on together: one place of the report, or none. */
export interface Fact {
  draft: Place[];
  source: Place | null;
}

/** A run of a text that is all of one fact, or of none; `wrong`: something is said of it. */
export interface Piece {
  start: number;
  text: string;
  fact: number | null;
  wrong: boolean;
}

/** The facts of a draft, in the order in which the message tells them. */
export function factsOf(draft: Draft): Fact[] {
  const known = new Map<string, Fact>();
  for (const { draft: said, source } of draft.traced) {
    const key = source ? `${source.start}-${source.end}` : `none-${said.start}`;
    const fact = known.get(key) ?? { draft: [], source };
    fact.draft.push(said);
    known.set(key, fact);
  }
  return [...known.values()];
}

/** The message cut where its facts begin and end. */
export function draftPieces(draft: Draft, facts: readonly Fact[]): Piece[] {
  const places = facts.flatMap((fact, at) => fact.draft.map((place) => ({ ...place, fact: at })));
  return cut(draft.text, places, quotes(draft));
}

/** The report cut where what the message rests on begins and ends. */
export function sourcePieces(text: string, draft: Draft | undefined, facts: readonly Fact[]): Piece[] {
  const places = facts.flatMap(({ source }, at) => (source ? [{ ...source, fact: at }] : []));
  return cut(text, places, draft ? quotes(draft).filter((quote) => !draft.text.includes(quote)) : []);
}

function quotes(draft: Draft): string[] {
  return draft.problems.map(({ quote }) => quote).filter((quote) => quote.length > 1);
}

/** Places count code points, as the server counts: an emoji is one. The smallest place over a letter has it. */
function cut(text: string, places: readonly (Place & { fact: number })[], wrong: readonly string[]): Piece[] {
  const letters = [...text];
  const owner: (number | null)[] = letters.map(() => null);
  for (const place of places.toSorted((one, other) => length(other) - length(one)))
    owner.fill(place.fact, place.start, place.end);
  const marked = letters.map(() => false);
  for (const quote of wrong) {
    const at = text.indexOf(quote);
    if (at < 0) continue;
    const start = [...text.slice(0, at)].length;
    marked.fill(true, start, start + [...quote].length);
  }
  const pieces: Piece[] = [];
  letters.forEach((letter, at) => {
    const last = pieces.at(-1);
    const fact = owner[at] ?? null;
    if (last && last.fact === fact && last.wrong === marked[at]) last.text += letter;
    else pieces.push({ start: at, text: letter, fact, wrong: marked[at] ?? false });
  });
  return pieces;
}

function length({ start, end }: Place): number {
  return end - start;
}
