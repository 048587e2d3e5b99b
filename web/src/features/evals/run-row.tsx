import { Link } from "@tanstack/react-router";
import { Square, StepForward } from "lucide-react";
import { Button } from "@/components/ui/button";
import { GateBadge, StateBadge } from "@/features/evals/marks";
import { noiseSaid } from "@/features/evals/noise-words";
import { Progress } from "@/features/evals/progress";
import type { Run } from "@/features/evals/queries";
import type { RunActs } from "@/features/evals/use-run-acts";
import { countsSaid, modelSaid, playedSaid, words } from "@/features/evals/words";
import { relative } from "@/lib/formats";

interface RunRowProps {
  run: Run;
  titles: ReadonlyMap<string, string>;
  now: number;
  zone: string;
  acts: RunActs;
  chosen: boolean;
  /** Absent while there is nothing to compare it with. */
  onChoose: ((on: boolean) => void) | undefined;
}

/** A run: what it played, with which model, how it stands and how it came out. */
export function RunRow({ run, titles, now, zone, acts, chosen, onChoose }: RunRowProps) {
  const when = relative(run.asked_at, now, zone);
  const model = modelSaid(run);
  const counts = countsSaid(run);
  const noise = noiseSaid(run.asked.noise);
  const goes = run.state === "running" || run.state === "queued";
  return (
    <li className="flex items-start gap-3 border-b border-line py-2.5 last:border-0">
      {onChoose ? (
        <label className="grid size-9 shrink-0 cursor-pointer place-items-center touch:size-11">
          <span className="sr-only">{words.choose(when)}</span>
          <input
            type="checkbox"
            checked={chosen}
            disabled={!run.done}
            onChange={(event) => onChoose(event.target.checked)}
            className="size-4.5 accent-accent"
          />
        </label>
      ) : null}
      <div className="grid min-w-0 grow gap-1">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <Link
            to="/provas/$rodada"
            params={{ rodada: run.id }}
            search={({ clinica }) => (clinica ? { clinica } : {})}
            className="min-w-0 font-medium hover:text-accent touch:py-2.5"
          >
            {playedSaid(run.asked, titles)}
            {noise ? <span className="font-normal text-ink-soft">{` ${noise}`}</span> : null}
          </Link>
          <span className="flex flex-wrap gap-1.5">
            <StateBadge run={run} />
            <GateBadge run={run} />
          </span>
        </div>
        <p className="text-small text-ink-soft tabular-nums">
          <time dateTime={run.asked_at}>{when}</time>
          {`, ${run.asked_by}`}
          {model ? ` · ${model}` : ""}
        </p>
        {counts ? <p className="text-small tabular-nums">{counts}</p> : null}
        {goes && run.due ? <Progress run={run} /> : null}
        {run.state === "broken" ? (
          <p className="text-small text-urgent">{`${words.errors[run.error ?? ""] ?? words.brokeUnknown} ${words.keptSoFar}`}</p>
        ) : null}
      </div>
      {goes ? (
        <Button
          look="quiet"
          size="small"
          className="touch:min-w-11"
          disabled={acts.busy || run.stopping}
          onClick={() => acts.stop(run.id)}
        >
          <Square aria-hidden />
          <span className="max-sm:sr-only">{words.stop}</span>
        </Button>
      ) : run.state === "broken" || run.state === "stopped" ? (
        <Button
          look="quiet"
          size="small"
          className="touch:min-w-11"
          disabled={acts.busy}
          onClick={() => acts.resume(run.id)}
        >
          <StepForward aria-hidden />
          <span className="max-sm:sr-only">{words.resume}</span>
        </Button>
      ) : null}
    </li>
  );
}
