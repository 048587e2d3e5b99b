/** What one message may hold, in characters as the server counts them. */
export const MOST = 4096;
/** What the box holds at most; beyond it a browser slows down. */
const ROOM = 20_000;

export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** As much of it as the box holds. */
export function fitted(text: string): string {
  return text.length > ROOM ? text.slice(0, ROOM) : text;
}

/** The text with the beginning of what was pasted, when all of it would not fit; null when it does. */
export function withPasted(
  text: string,
  pasted: string,
  from: number,
  to: number,
): { text: string; kept: number } | null {
  const room = ROOM - (text.length - (to - from));
  if (pasted.length <= room) return null;
  const kept = Math.max(0, room);
  return { text: text.slice(0, from) + pasted.slice(0, kept) + text.slice(to), kept };
}
