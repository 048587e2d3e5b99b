import type { Person } from "@/features/playground/queries";
import { words } from "@/features/playground/words";

/** A number that nobody has: the 90000 series is not given to anyone. */
export function freshNumber(random: () => number = Math.random): string {
  return `+5511900${String(Math.floor(random() * 1_000_000)).padStart(6, "0")}`;
}

/** "(11) 90012-3456" for a Brazilian number; anything else as it is. */
export function phoneWords(address: string): string {
  const found = /^\+?55(\d{2})(\d{4,5})(\d{4})$/.exec(address);
  return found ? `(${found[1]}) ${found[2]}-${found[3]}` : address;
}

export function isPhone(address: string): boolean {
  return /^\+?\d{8,15}$/.test(address);
}

/** "fala por Ana (filho ou filha), Rui (pai ou mãe)"; empty for who speaks only for themselves. */
export function speaksFor(people: Person["people"]): string {
  const others = people.filter((one) => one.relationship !== "self");
  if (others.length === 0) return "";
  const named = others.map(
    (one) => `${one.name} (${words.relationship[one.relationship] ?? one.relationship})`,
  );
  return `${words.person.speaksFor} ${named.join(", ")}`;
}
