import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheckBig, ListChecks } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { MoreRows, once, RowsLoading } from "@/components/ui/rows";
import { Select } from "@/components/ui/select";
import { MarkBadge } from "@/features/evals/marks";
import { type RunWhole, type Show, shows, type TrialBrief, trialsQuery } from "@/features/evals/queries";
import { trialSaid, words } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";

const EVERY = "todos";

interface TrialListProps {
  run: RunWhole;
  show: Show;
  suite: string | undefined;
  onShow: (show: Show, suite: string | undefined) => void;
}

/** The trials of a run: what must never happen first, then what did not pass. */
export function TrialList({ run, show, suite, onShow }: TrialListProps) {
  const { slug } = useClinic();
  const found = useInfiniteQuery(trialsQuery(slug, run.id, show, suite));
  const rows = once(found.data?.pages);
  return (
    <section aria-labelledby="provas-da-rodada" className="py-4">
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <h2 id="provas-da-rodada" className="min-w-0 grow text-title font-semibold">
          {words.run.list}
        </h2>
        <Select
          label={words.run.show}
          value={show}
          options={shows.map((value) => ({ value, label: words.run.shows[value] }))}
          onChange={(value) => onShow(value as Show, suite)}
          className="max-sm:grow"
        />
        {run.suites.length > 1 ? (
          <Select
            label={words.run.suiteChoice}
            value={suite ?? EVERY}
            options={[
              { value: EVERY, label: words.run.every },
              ...run.suites.map((one) => ({ value: one.suite, label: one.title })),
            ]}
            onChange={(value) => onShow(show, value === EVERY ? undefined : value)}
            className="max-sm:grow"
          />
        ) : null}
      </div>
      {found.isPending ? (
        <RowsLoading />
      ) : found.isError && !rows.length ? (
        <ErrorState error={found.error} title={words.run.trialsFailed} onRetry={() => void found.refetch()} />
      ) : rows.length ? (
        <ul aria-labelledby="provas-da-rodada">
          {rows.map((trial) => (
            <TrialRow key={trial.id} run={run.id} trial={trial} />
          ))}
        </ul>
      ) : (
        <Nothing run={run} show={show} />
      )}
      <MoreRows label={words.run.more} found={found} />
    </section>
  );
}

function Nothing({ run, show }: { run: RunWhole; show: Show }) {
  if (!run.done || (run.state === "running" && show === "wrong"))
    return <EmptyState icon={ListChecks} title={words.run.nothingYet} about={words.run.nothingYetAbout} />;
  return show === "wrong" ? (
    <EmptyState icon={CircleCheckBig} title={words.run.nothingWrong} about={words.run.nothingWrongAbout} />
  ) : (
    <EmptyState icon={ListChecks} title={words.run.nothing} about={words.run.nothingAbout} />
  );
}

function TrialRow({ run, trial }: { run: string; trial: TrialBrief }) {
  const why = trial.violations[0] ?? trial.failures[0] ?? trial.error;
  const about = [trial.suite_title, trialSaid(trial), trial.critical ? words.run.critical : ""];
  return (
    <li className="border-b border-line last:border-0">
      <Link
        to="/provas/$rodada/$vez"
        params={{ rodada: run, vez: trial.id }}
        search={({ clinica, mostrar, grupo }) => ({
          ...(clinica ? { clinica } : {}),
          ...(mostrar ? { mostrar } : {}),
          ...(grupo ? { grupo } : {}),
        })}
        className="group grid gap-x-3 gap-y-0.5 rounded-sm py-2.5 -outline-offset-2 sm:grid-cols-[11rem_minmax(0,1fr)]"
      >
        <span className="flex items-start pt-0.5">
          <MarkBadge mark={trial.mark} />
        </span>
        <span className="min-w-0">
          <span className="block font-medium group-hover:text-accent">{trial.title}</span>
          {why ? <span className="line-clamp-2 text-ink-soft wrap-anywhere">{why}</span> : null}
          <span className="block text-small text-ink-faint tabular-nums">
            {about.filter(Boolean).join(" · ")}
          </span>
        </span>
      </Link>
    </li>
  );
}
