import { useCallback, useEffect, useMemo, useState } from "react";
import { clockAt, type SetClock } from "@/features/playground/clock";
import { keepDraft, readDraft, useDraft } from "@/lib/draft";

const REFRESH = 10_000;

function keyOf(rehearsal: string): string {
  return `rehearsal.clock.${rehearsal}`;
}

function parse(text: string): SetClock | null {
  const [at, since] = text.split(" ").map(Number);
  return at && since ? { at, since } : null;
}

/** Sets the clock of a rehearsal that is not open yet. */
export function setClockOf(rehearsal: string, at: number): void {
  keepDraft(keyOf(rehearsal), `${at} ${Date.now()}`);
}

/** The clock's text as it is kept, to be carried to another rehearsal. */
export function keptClock(rehearsal: string): SetClock | null {
  return parse(readDraft(keyOf(rehearsal)));
}

export interface Clock {
  set: boolean;
  /** What it shows now; refreshed every few seconds. */
  now: number;
  /** What to send with a message written this instant: null for the real clock. */
  stamp: () => string | null;
  change: (at: number | null) => void;
}

/** The clock of a rehearsal, kept through a reload. */
export function useClock(rehearsal: string): Clock {
  const [kept, keep] = useDraft(keyOf(rehearsal));
  const clock = useMemo(() => parse(kept), [kept]);
  const [real, setReal] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setReal(Date.now()), REFRESH);
    return () => clearInterval(timer);
  }, []);
  const stamp = useCallback(
    () => (clock ? new Date(clockAt(clock, Date.now())).toISOString() : null),
    [clock],
  );
  const change = useCallback(
    (at: number | null) => {
      setReal(Date.now());
      keep(at === null ? "" : `${at} ${Date.now()}`);
    },
    [keep],
  );
  return { set: clock !== null, now: clockAt(clock, Math.max(real, clock?.since ?? 0)), stamp, change };
}
