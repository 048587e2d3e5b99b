import type { Person } from "@/features/playground/queries";
import { words } from "@/features/playground/words";

/** A number that nobody has: the 90000 series is not given to anyone. */
export function freshNumber(random: () => number = Math.random): string {
  return `+5511900${String(Math.floor(random() * 1_000_000)).padStart(6, "0")}`;
}

export function isPhone(address: string): boolean {
  return /^\+?\d{8,15}$/.test(address);
}

/** "fala por Ana (filho ou filha), Rui (pai ou mãe)"; empty for who speaks only for themselves. */
export function speaksFor(people: Person["people"]): string {
  const others = people.filter((one) => one.relationship !== "self");
  if (others.length === 0) return "";
  const named = others.map(
    (one) => `${one.name} (${words.relationship[one.relationship] ?? words.relationship.other})`,
  );
  return `${words.person.speaksFor} ${named.join(", ")}`;
}
