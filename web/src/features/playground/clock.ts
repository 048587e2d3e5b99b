import { type Instant, isoDay, time } from "@/lib/formats";

/** A clock set by hand: it stood at `at` when the real one stood at `since`, and has walked on since then. */
export interface SetClock {
  at: number;
  since: number;
}

/** What a clock shows when the real one shows `now`. */
export function clockAt(clock: SetClock | null, now: number): number {
  return clock ? clock.at + (now - clock.since) : now;
}

/** How far the wall of `zone` is ahead of UTC at an instant. */
function ahead(at: number, zone: string): number {
  const wall = Date.parse(`${isoDay(at, zone)}T${time(at, zone)}Z`);
  return wall - Math.floor(at / 60_000) * 60_000;
}

/** The instant at which the wall of `zone` shows "2026-11-22T21:40"; NaN for anything else. */
export function fromWall(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall.slice(0, 16)}Z`);
  if (Number.isNaN(asUtc)) return Number.NaN;
  const guess = asUtc - ahead(asUtc, zone);
  // Around a change of summer time the first guess may stand on the other side of it.
  return asUtc - ahead(guess, zone);
}

/** What the wall of `zone` shows, as a field for day and time wants it. */
export function toWall(at: Instant, zone: string): string {
  return `${isoDay(at, zone)}T${time(at, zone)}`;
}

function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** National holidays that fall on the same day every year. */
const HOLIDAYS = ["01-01", "04-21", "05-01", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25"];

export const presetNames = ["sunday", "holiday", "early"] as const;
export type Preset = (typeof presetNames)[number];

/** The next such moment after `now`, as the clinic's wall will show it. */
export function presetWall(preset: Preset, now: Instant, zone: string): string {
  const today = isoDay(now, zone);
  if (preset === "early") return `${later(today, 1)}T07:10`;
  if (preset === "sunday") {
    const ahead = (7 - new Date(`${today}T12:00Z`).getUTCDay()) % 7;
    const passed = ahead === 0 && time(now, zone) >= "21:40";
    return `${later(today, passed ? 7 : ahead)}T21:40`;
  }
  let day = later(today, 1);
  while (!HOLIDAYS.includes(day.slice(5))) day = later(day, 1);
  return `${day}T10:00`;
}
