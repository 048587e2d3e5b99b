import { useQuery } from "@tanstack/react-query";
import { Check, ChevronRight, CircleX, LoaderCircle, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { Badge, type Meaning } from "@/components/ui/badge";
import { ErrorState } from "@/components/ui/error-state";
import { RowsLoading } from "@/components/ui/rows";
import { askedBySaid, momentSaid, runTitle, tookSaid, words } from "@/features/reports/desk-words";
import { type Run, runsQuery } from "@/features/reports/queries";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";
import { elapsed, number } from "@/lib/formats";

const looks: Readonly<Record<Run["status"], [LucideIcon, Meaning]>> = {
  running: [LoaderCircle, "waiting"],
  completed: [Check, "good"],
  failed: [CircleX, "urgent"],
};
const heads = ["when", "status", "took", "got", "approved", "failed", "sent"] as const;
const wide = "max-md:hidden";

/** The last runs; each opens to what its stages did. */
export function Runs({ now }: { now: number }) {
  const { slug, timezone: zone } = useClinic();
  const found = useQuery(runsQuery(slug));
  const [open, setOpen] = useState<string>();
  return (
    <section aria-label={words.runs} className="min-w-0">
      <h2 className="pb-1 text-title font-semibold">{words.runs}</h2>
      {found.data?.length ? (
        <table className="w-full">
          <caption className="sr-only">{words.runs}</caption>
          <thead className="text-small text-ink-soft">
            <tr className="border-b border-line">
              {heads.map((name, place) => (
                <th
                  key={name}
                  scope="col"
                  className={cn(
                    "py-1.5 pr-3 font-medium",
                    place > 1 ? "text-right" : "text-left",
                    place > 2 && wide,
                  )}
                >
                  {words.columns[name]}
                </th>
              ))}
              <th scope="col">
                <span className="sr-only">{words.columns.open}</span>
              </th>
            </tr>
          </thead>
          {found.data.map((run) => (
            <RunRows
              key={run.id}
              run={run}
              now={now}
              zone={zone}
              open={open === run.id}
              onOpen={() => setOpen(open === run.id ? undefined : run.id)}
            />
          ))}
        </table>
      ) : found.isPending ? (
        <RowsLoading />
      ) : found.isError ? (
        <ErrorState error={found.error} title={words.runsFailed} onRetry={() => void found.refetch()} />
      ) : (
        <p className="py-3 text-ink-soft">{words.noRuns}</p>
      )}
    </section>
  );
}

interface RunRowsProps {
  run: Run;
  now: number;
  zone: string;
  open: boolean;
  onOpen: () => void;
}

function RunRows({ run, now, zone, open, onOpen }: RunRowsProps) {
  const [Icon, means] = looks[run.status];
  const counts = [run.sync_count, run.process_approved, run.process_failed, run.send_success];
  return (
    <tbody className="border-b border-line">
      <tr className="h-11">
        <th scope="row" className="py-1.5 pr-3 text-left font-normal">
          {momentSaid(run.started_at, now, zone)}
          <span className="block text-small text-ink-soft">{askedBySaid(run)}</span>
        </th>
        <td className="pr-3">
          <Badge means={means}>
            <Icon aria-hidden className={cn(run.status === "running" && "animate-spin")} />
            {words.status[run.status]}
          </Badge>
        </td>
        <td className="pr-3 text-right">{tookSaid(run.duration_ms)}</td>
        {heads.slice(3).map((name, place) => (
          <td key={name} className={cn("pr-3 text-right", wide)}>
            {number(counts[place] ?? 0)}
          </td>
        ))}
        <td className="w-9 text-right">
          <button
            type="button"
            aria-expanded={open}
            aria-label={`${words.columns.open}: ${runTitle(run, zone)}`}
            onClick={onOpen}
            className="inline-grid size-9 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink touch:size-11"
          >
            <ChevronRight aria-hidden className={cn("size-4 transition-transform", open && "rotate-90")} />
          </button>
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={8} className="pb-4">
            <Stages run={run} />
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}

const stages = ["sync", "process", "notify", "send"] as const;

/** What each stage did, how long it took, and why it did not do all. */
function Stages({ run }: { run: Run }) {
  const took = { sync: run.sync_ms, process: run.process_ms, notify: run.notify_ms, send: run.send_ms };
  const skipped = { sync: run.skip_sync, process: false, notify: false, send: run.skip_send };
  const did = {
    sync: [
      `${words.columns.got}: ${number(run.sync_count)}`,
      run.sync_broken ? words.broken(run.sync_broken) : "",
    ],
    process: [
      `${words.columns.approved}: ${number(run.process_approved)}`,
      `${words.columns.failed}: ${number(run.process_failed)}`,
    ],
    notify: [words.notified(run.notify_count)],
    send: [
      `${words.columns.sent}: ${number(run.send_success)}`,
      run.send_failed ? `${words.notSent}: ${number(run.send_failed)}` : "",
    ],
  };
  return (
    <ol className="grid gap-3 rounded-md bg-sunken p-3 text-small sm:grid-cols-2 lg:grid-cols-4">
      {stages.map((stage) => {
        const error = run.errors[stage];
        const ms = took[stage];
        return (
          <li key={stage} className="grid content-start gap-0.5">
            <p className="font-medium">{words.stages[stage]}</p>
            <p className="text-ink-soft tabular-nums">
              {skipped[stage] ? words.skipped : ms === null ? words.notYet : elapsed(ms)}
            </p>
            {skipped[stage] ? null : <p className="tabular-nums">{did[stage].filter(Boolean).join(" · ")}</p>}
            {error ? (
              <p className="text-urgent first-letter:uppercase">{words.errors[error] ?? words.broke}</p>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
