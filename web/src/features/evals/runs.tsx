import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ClipboardCheck, GitCompareArrows, Play } from "lucide-react";
import { type ReactNode, useState } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { MoreRows, once, RowsLoading } from "@/components/ui/rows";
import { BeginDialog } from "@/features/evals/begin-dialog";
import { type Run, runsQuery, suitesQuery } from "@/features/evals/queries";
import { RunRow } from "@/features/evals/run-row";
import { useBegin } from "@/features/evals/use-begin";
import { useRunActs } from "@/features/evals/use-run-acts";
import { words } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

interface RunsProps {
  /** Between runs and the clinic's own. */
  tabs: ReactNode;
  /** Puts two runs side by side, the earlier first. */
  onCompare: (before: string, after: string) => void;
}

/** What was played and how it went; from here more is played, and two runs are compared. */
export function Runs({ tabs, onCompare }: RunsProps) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const found = useInfiniteQuery(runsQuery(slug));
  const suites = useQuery(suitesQuery(slug));
  const begin = useBegin(slug);
  const acts = useRunActs(slug);
  const [chosen, setChosen] = useState<string[]>([]);
  const rows = once(found.data?.pages);
  const titles = new Map(suites.data?.map((one) => [one.name, one.title]));

  function choose(id: string, on: boolean): void {
    setChosen(on ? [...chosen.slice(-1), id] : chosen.filter((one) => one !== id));
  }

  function compare(): void {
    const [one, other] = rows.filter((run) => chosen.includes(run.id)).toSorted(byAge);
    if (one && other) onCompare(one.id, other.id);
  }

  const start = (
    <Button look="primary" disabled={begin.busy} onClick={begin.ask}>
      <Play aria-hidden />
      {words.begin}
    </Button>
  );
  return (
    <Page title={words.title} about={<span className="max-sm:hidden">{words.about}</span>} actions={start}>
      {tabs}
      {chosen.length ? (
        <div role="status" className="flex flex-wrap items-center gap-2 border-b border-line py-2">
          <span className="min-w-0 grow text-small text-ink-soft">{words.chosen(chosen.length)}</span>
          <Button look="quiet" size="small" onClick={() => setChosen([])}>
            {words.clear}
          </Button>
          <Button size="small" disabled={chosen.length < 2} onClick={compare}>
            <GitCompareArrows aria-hidden />
            {words.compare}
          </Button>
        </div>
      ) : null}
      {found.isPending ? (
        <RowsLoading />
      ) : found.isError && rows.length === 0 ? (
        <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon={ClipboardCheck} title={words.empty.title} about={words.empty.about} />
      ) : (
        <>
          <ul aria-label={words.runs} className="@container">
            {rows.map((run) => (
              <RunRow
                key={run.id}
                run={run}
                titles={titles}
                now={now}
                zone={zone}
                acts={acts}
                chosen={chosen.includes(run.id)}
                onChoose={rows.length > 1 ? (on) => choose(run.id, on) : undefined}
              />
            ))}
          </ul>
          <MoreRows label={words.more} found={found} />
        </>
      )}
      <BeginDialog {...begin.dialog} />
      <SignDialog {...begin.signing} />
      <SignDialog {...acts.signing} />
    </Page>
  );
}

function byAge(one: Run, other: Run): number {
  return Date.parse(one.asked_at) - Date.parse(other.asked_at);
}
