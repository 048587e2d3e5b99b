import { type Instant, isoDay, minutes, nearDay, time } from "@/lib/formats";

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
export function pressing(one: { urgent: boolean; due_at: string }, now: Instant): "urgent" | "attention" {
  return one.urgent || new Date(one.due_at).getTime() < new Date(now).getTime() ? "urgent" : "attention";
}

/** "vence em 20 min", "atrasado há 1 h": how far the deadline is. */
export function distanceSaid(due: Instant, now: Instant): string {
  const left = Math.round((new Date(due).getTime() - new Date(now).getTime()) / 60_000);
  return left < 0 ? `atrasado há ${minutes(-left)}` : `vence em ${minutes(left)}`;
}
