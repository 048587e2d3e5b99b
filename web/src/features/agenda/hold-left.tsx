import { useNow } from "@/features/agenda/clock";
import { words } from "@/features/agenda/words";
import { countdown } from "@/lib/formats";

/** How long a hold still keeps its time, second by second. */
export function HoldLeft({ until, offset }: { until: string; offset: number }) {
  const now = useNow(offset, 1_000);
  // Read out once, with the card; a countdown that speaks every second would never let one work.
  return <span className="tabular-nums">{words.held(countdown(until, now))}</span>;
}
