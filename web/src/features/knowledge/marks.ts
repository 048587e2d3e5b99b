import { sounds } from "@/lib/sounds";

/** Words of questions that say nothing of what is asked. */
const IDLE = new Set(
  "como para pode posso quando onde qual quais que quem tem ter uma uns umas voces voce com por sem mais isso esta este meu minha dos das nos nas pelo pela sao ser fazer faz quero queria gostaria preciso".split(
    " ",
  ),
);

const WORD = /[\p{L}\p{N}]+/gu;

export interface Stretch {
  text: string;
  asked: boolean;
}

/** What singular and plural, masculine and feminine have in common, roughly. */
function stem(word: string): string {
  return word.length > 5 ? word.slice(0, Math.max(4, word.length - 2)) : word;
}

function stemsOf(question: string): string[] {
  return (sounds(question).match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter((word) => !IDLE.has(word)).map(stem);
}

function isAsked(word: string, stems: readonly string[]): boolean {
  const said = sounds(word);
  return stems.some((one) => (one.length < 4 ? said === one : said.startsWith(one)));
}

/** The text in stretches, those that hold a word of the question apart. Joined they are the text. */
export function markAsked(text: string, question: string): Stretch[] {
  const stems = stemsOf(question);
  const stretches: Stretch[] = [];
  let plainFrom = 0;
  for (const found of stems.length ? text.matchAll(WORD) : []) {
    if (!isAsked(found[0], stems)) continue;
    if (found.index > plainFrom) stretches.push({ text: text.slice(plainFrom, found.index), asked: false });
    stretches.push({ text: found[0], asked: true });
    plainFrom = found.index + found[0].length;
  }
  if (plainFrom < text.length) stretches.push({ text: text.slice(plainFrom), asked: false });
  return stretches;
}

/** The text from the line that holds most of the question's words on, when it is cut; else the whole. */
export function tellingPart(text: string, question: string): string {
  const stems = stemsOf(question);
  const lines = text.split("\n");
  const held = lines.map(
    (line) =>
      new Set(stems.filter((one) => (line.match(WORD) ?? []).some((word) => isAsked(word, [one])))).size,
  );
  const best = held.indexOf(Math.max(...held));
  return best > 0 && held[best] !== held[0] ? `… ${lines.slice(best).join("\n")}` : text;
}
