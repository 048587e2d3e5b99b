import { useEffect, useState } from "react";

const MINUTE = 60_000;

/** An instant without its seconds, so that a ticking clock asks for the agenda once a minute. */
export function wholeMinute(at: string): string {
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(at)) {
    const instant = Date.parse(at);
    return Number.isNaN(instant) ? at : new Date(Math.floor(instant / MINUTE) * MINUTE).toISOString();
  }
  return at.slice(0, 16);
}

/**
 * How far the clock the agenda is seen with lies from this computer's. A clock that was set runs on from the moment it
 * was set; otherwise it is the server's.
 */
export function useOffset(now: string | undefined, fetchedAt: number, at: string | undefined): number {
  const minute = at === undefined ? undefined : wholeMinute(at);
  const seconds = at === undefined ? 0 : Date.parse(at) % MINUTE || 0;
  const [set, setSet] = useState(() => ({ minute, on: Date.now() - seconds }));
  if (set.minute !== minute) setSet({ minute, on: Date.now() - seconds });
  if (now === undefined) return 0;
  return Date.parse(now) - (minute === undefined ? fetchedAt : set.on);
}

/** The time on that clock, told again every so often. */
export function useNow(offset: number, every: number): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), every);
    return () => clearInterval(timer);
  }, [every]);
  return Date.now() + offset;
}

/** Whether the screen is as narrow as a phone. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matches());
  useEffect(() => {
    const query = window.matchMedia?.("(width < 40rem)");
    const hear = (): void => setNarrow(matches());
    query?.addEventListener("change", hear);
    return () => query?.removeEventListener("change", hear);
  }, []);
  return narrow;
}

function matches(): boolean {
  return window.matchMedia?.("(width < 40rem)").matches === true;
}
