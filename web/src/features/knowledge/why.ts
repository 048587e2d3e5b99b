import type { Finding, Passage } from "@/features/knowledge/queries";
import { short, words, wouldAnswer } from "@/features/knowledge/words";

const HARDLY = 0.05;
const DISTANT = 0.1;

/** Why a passage was used although it is below the least, or was not; null when its numbers say it all. */
export function whyOf(passage: Passage, { threshold }: Pick<Finding, "threshold">): string | null {
  const missing = threshold - passage.score;
  if (passage.used) return missing > 0 ? words.ask.beside : null;
  if (missing <= 0) return words.ask.beyond;
  const lacks = [
    passage.dense < DISTANT ? words.ask.noMeaning : "",
    passage.lexical < HARDLY ? words.ask.noWords : "",
  ];
  return [short(missing), ...lacks].filter(Boolean).join(" ");
}

/** Where a passage stands: "Preparo odontologia › Limpeza". */
export function placeOf({ title, heading }: Pick<Passage, "title" | "heading">): string {
  if (!heading) return title;
  return heading.toLowerCase().startsWith(title.toLowerCase()) ? heading : `${title} › ${heading}`;
}

/** What Carol would do with it, in one sentence. */
export function verdictOf({ considered }: Pick<Finding, "considered">): string {
  const [best, ...others] = considered.filter((one) => one.used);
  if (best) return wouldAnswer(placeOf(best), others.length);
  return considered.length ? words.ask.notFound : words.ask.noDocuments;
}
