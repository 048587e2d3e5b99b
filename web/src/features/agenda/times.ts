import type { Column, Day, Item } from "@/features/agenda/types";
import { isoDay, time } from "@/lib/formats";

/** Where things stand on a day, in minutes since its midnight there. Pure. */
export const WHOLE_DAY = 24 * 60;
/** What is shorter is drawn this long, so that it can be read and touched. */
const SHORTEST = 15;

export interface Span {
  from: number;
  to: number;
}

export interface Placed extends Span {
  item: Item;
  /** Side by side with others at the same time: which one of how many. */
  lane: number;
  lanes: number;
  /** A cancelled visit whose time is taken: a strip at the edge. Its place among such strips. */
  thin: number | null;
}

/** "15:30" or "15:30:00" as minutes. */
export function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** The minute of `day` an instant falls on; before it 0, after it the end. */
export function minuteOn(day: string, at: string | number, zone: string): number {
  const there = isoDay(at, zone);
  if (there === day) return minutesOf(time(at, zone));
  return there < day ? 0 : WHOLE_DAY;
}

export function spanOf(item: Item, day: string, zone: string): Span {
  return { from: minuteOn(day, item.starts_at, zone), to: minuteOn(day, item.ends_at, zone) };
}

/** The hours to draw: whole hours around what the clinic says and everything that stands there. */
export function hoursOf(day: Day, columns: readonly Column[]): Span {
  const spans = columns.flatMap((column) => [
    ...column.windows.map((one) => ({ from: minutesOf(one.opens), to: minutesOf(one.closes) })),
    ...column.items
      .filter((item) => item.kind !== "block" || !lastsAllDay(item, day))
      .map((item) => spanOf(item, day.day, day.zone)),
  ]);
  if (day.opens && day.closes) spans.push({ from: minutesOf(day.opens), to: minutesOf(day.closes) });
  if (!spans.length) return { from: 8 * 60, to: 18 * 60 };
  const from = Math.min(...spans.map((one) => one.from));
  const to = Math.max(...spans.map((one) => one.to));
  return { from: Math.floor(from / 60) * 60, to: Math.min(WHOLE_DAY, Math.ceil(to / 60) * 60) };
}

function lastsAllDay(item: Item, day: Day): boolean {
  const span = spanOf(item, day.day, day.zone);
  return span.from === 0 && span.to === WHOLE_DAY;
}

function meets(a: Span, b: Span): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Puts what stands at the same time side by side. Blocks are the ground and are not placed. */
export function placed(items: readonly Item[], day: string, zone: string): Placed[] {
  const all = items
    .filter((item) => item.kind !== "block")
    .map((item): Placed => {
      const span = spanOf(item, day, zone);
      return {
        item,
        from: span.from,
        to: Math.max(span.to, span.from + SHORTEST),
        lane: 0,
        lanes: 1,
        thin: null,
      };
    })
    .sort((a, b) => a.from - b.from || b.to - a.to || a.item.id.localeCompare(b.item.id));
  const standing = all.filter((one) => one.item.status !== "cancelled");
  sideBySide(standing);
  const full = [...standing];
  const strips: Placed[] = [];
  for (const one of all.filter((each) => each.item.status === "cancelled")) {
    if (full.some((other) => meets(one, other))) {
      one.thin = strips.filter((strip) => meets(one, strip)).length;
      strips.push(one);
    } else {
      full.push(one);
    }
  }
  return all;
}

function sideBySide(standing: Placed[]): void {
  let cluster: Placed[] = [];
  let end = -1;
  function close(): void {
    const lanes = 1 + Math.max(0, ...cluster.map((one) => one.lane));
    for (const one of cluster) one.lanes = lanes;
    cluster = [];
  }
  for (const one of standing) {
    if (one.from >= end) close();
    const taken = new Set(cluster.filter((other) => meets(one, other)).map((other) => other.lane));
    while (taken.has(one.lane)) one.lane += 1;
    cluster.push(one);
    end = Math.max(end, one.to);
  }
  close();
}

/** The day so many days later: "2026-11-24", 1 → "2026-11-25". */
export function daysLater(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Whether a hold is over, or still keeps its time. */
export function over(item: Item, now: number): boolean {
  return item.kind === "hold" && item.expires_at != null && Date.parse(item.expires_at) <= now;
}
