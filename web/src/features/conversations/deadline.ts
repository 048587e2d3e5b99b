import type { Meaning } from "@/components/ui/badge";
import type { Case } from "@/features/conversations/queries";
import { type Instant, isoDay, nearDay, time } from "@/lib/formats";

/** "até 14:30", "até amanhã, 09:00"; once over, "venceu 14:30". */
export function deadlineSaid(due: Instant, now: Instant, zone: string): string {
  const over = new Date(due).getTime() < new Date(now).getTime();
  const when =
    isoDay(due, zone) === isoDay(now, zone)
      ? time(due, zone)
      : `${nearDay(due, now, zone)}, ${time(due, zone)}`;
  return `${over ? "venceu" : "até"} ${when}`;
}

/** How pressing a case is: urgent by its kind or because its time is over. */
export function pressing(one: Pick<Case, "urgent" | "due_at">, now: Instant): Meaning {
  return one.urgent || new Date(one.due_at).getTime() < new Date(now).getTime() ? "urgent" : "attention";
}
