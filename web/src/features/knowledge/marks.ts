import { sounds } from "@/lib/sounds";

/** Words of questions that say nothing of what is asked. */
const IDLE = new Set(
  "como para pode posso quando onde qual quais que quem tem ter uma uns umas voces voce com por sem mais isso esta este meu minha dos das nos nas pelo pela sao ser fazer faz quero queria gostaria preciso".split(
    " ",
  ),
);

export interface Stretch {
  text: string;
  asked: boolean;
}

/** What singular and plural, masculine and feminine have in common, roughly. */
function stem(word: string): string {
  return word.length > 5 ? word.slice(0, Math.max(4, word.length - 2)) : word;
}

/** The text in stretches, those that hold a word of the question apart. Joined they are the text. */
export function markAsked(text: string, question: string): Stretch[] {
  const stems = (sounds(question).match(/[\p{L}\p{N}]{3,}/gu) ?? [])
    .filter((word) => !IDLE.has(word))
    .map(stem);
  const stretches: Stretch[] = [];
  let plainFrom = 0;
  for (const found of stems.length ? text.matchAll(/[\p{L}\p{N}]+/gu) : []) {
    const word = sounds(found[0]);
    if (!stems.some((one) => (one.length < 4 ? word === one : word.startsWith(one)))) continue;
    if (found.index > plainFrom) stretches.push({ text: text.slice(plainFrom, found.index), asked: false });
    stretches.push({ text: found[0], asked: true });
    plainFrom = found.index + found[0].length;
  }
  if (plainFrom < text.length) stretches.push({ text: text.slice(plainFrom), asked: false });
  return stretches;
}
