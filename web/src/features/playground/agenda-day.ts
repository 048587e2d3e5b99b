import type { Receipt } from "@/features/playground/queries";

const DAY = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}/;

/** The first local day named anywhere in what a tool gave back, the way it was found. */
export function dayIn(value: unknown): string | null {
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = dayIn(one);
      if (found) return found;
    }
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const start = (value as Record<string, unknown>).starts_at;
  const said = typeof start === "string" ? DAY.exec(start)?.[1] : undefined;
  return said ?? dayIn(Object.values(value));
}

/** The day that Carol last offered, kept or booked something on: where the agenda should be looking. */
export function lastDay(receipts: readonly Receipt[]): string | null {
  for (const receipt of [...receipts].sort((a, b) => b.at.localeCompare(a.at))) {
    const found = dayIn(receipt.result);
    if (found) return found;
  }
  return null;
}
