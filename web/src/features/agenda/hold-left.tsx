import { useNow } from "@/features/agenda/clock";
import { words } from "@/features/agenda/words";
import { countdown } from "@/lib/formats";

interface HoldLeftProps {
  until: string;
  offset: number;
  /** Only the figures. */
  bare?: boolean;
}

/** How long a hold still keeps its time, second by second. */
export function HoldLeft({ until, offset, bare = false }: HoldLeftProps) {
  const now = useNow(offset, 1_000);
  const left = countdown(until, now);
  // Read out once, with the card; a countdown that speaks every second would never let one work.
  return <span className="tabular-nums">{bare ? left : words.held(left)}</span>;
}
