import type { Run } from "@/features/evals/queries";
import { leftSaid, progressSaid, words } from "@/features/evals/words";

/** How far a run is: a bar with its numbers beside it. */
export function Progress({ run }: { run: Run }) {
  const part = run.due ? Math.min(100, (run.done / run.due) * 100) : 0;
  const said = [progressSaid(run.done, run.due), leftSaid(run.seconds_left)].filter(Boolean).join(" · ");
  return (
    <div className="flex min-w-0 items-center gap-3">
      <div
        role="progressbar"
        aria-label={words.run.progress}
        aria-valuemin={0}
        aria-valuemax={run.due}
        aria-valuenow={run.done}
        aria-valuetext={said}
        className="h-1.5 min-w-16 grow overflow-hidden rounded-full bg-hover"
      >
        <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${part}%` }} />
      </div>
      <span className="shrink-0 text-small text-ink-soft tabular-nums">{said}</span>
    </div>
  );
}
