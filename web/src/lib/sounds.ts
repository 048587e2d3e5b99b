/** Text as a search compares it: without case, accents or outer spaces. */
export function sounds(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
