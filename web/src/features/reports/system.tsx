import { CircleAlert, CircleCheck, CircleHelp, ClockAlert, LoaderCircle } from "lucide-react";
import { clockSaid, heldSaid, nextSaid, sourceSaid, words } from "@/features/reports/desk-words";
import type { Desk, Run } from "@/features/reports/queries";
import { cn } from "@/lib/cn";

interface SystemProps {
  desk: Desk;
  now: number;
  zone: string;
}

/** Whether the source answers, and when the next run is; that the clock stands still, while it does. */
export function System({ desk, now, zone }: SystemProps) {
  const Icon = desk.error ? CircleAlert : desk.synced_at ? CircleCheck : CircleHelp;
  const means = desk.error ? "text-urgent" : desk.synced_at ? "text-good" : "text-ink-faint";
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-0.5 tabular-nums">
      <span className="inline-flex items-center gap-1.5">
        <Icon aria-hidden className={cn("size-4 shrink-0", means)} />
        {sourceSaid(desk, now, zone)}
      </span>
      {desk.clock_stopped_at ? (
        <span className="inline-flex items-center gap-1.5 font-medium text-urgent">
          <ClockAlert aria-hidden className="size-4 shrink-0" />
          {clockSaid(desk.clock_stopped_at, now, zone)}
        </span>
      ) : (
        <span>{nextSaid(desk, now, zone)}</span>
      )}
      {desk.held_until ? <span>{heldSaid(desk.held, desk.held_until, now, zone)}</span> : null}
    </p>
  );
}

const order: readonly Run["stage"][] = ["sync", "process", "notify", "send"];

/** The run under way: which stage it is at. */
export function UnderWay({ run }: { run: Run }) {
  const at = order.indexOf(run.stage);
  return (
    <section
      role="status"
      aria-label={words.under}
      className="mb-4 flex flex-wrap items-center gap-x-6 gap-y-2 rounded-lg bg-waiting-soft px-4 py-3 text-waiting"
    >
      <p className="inline-flex items-center gap-2 font-medium">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        {words.under}
      </p>
      <ol className="flex flex-wrap gap-x-4 gap-y-1 text-small">
        {order.map((stage, place) => (
          <li
            key={stage}
            aria-current={place === at ? "step" : undefined}
            className={cn(place === at && "font-semibold underline underline-offset-4")}
          >
            {`${place + 1}. ${words.stages[stage]}`}
          </li>
        ))}
      </ol>
    </section>
  );
}
