import type { ChatLine } from "@/components/chat/line";
import { isoDay } from "@/lib/formats";

export interface ChatDay {
  day: string;
  at: string;
  lines: ChatLine[];
}

/** Messages in their days, as the clinic's wall shows them. A clock set back begins the day again, in its place. */
export function byDay(lines: readonly ChatLine[], zone: string): ChatDay[] {
  const days: ChatDay[] = [];
  for (const line of lines) {
    const day = isoDay(line.at, zone);
    const last = days.at(-1);
    if (last?.day === day) last.lines.push(line);
    else days.push({ day, at: line.at, lines: [line] });
  }
  return days;
}
