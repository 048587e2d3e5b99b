import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Ban, CircleCheckBig, type LucideIcon, TrendingDown, TrendingUp } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { commonSaid, gainSaid, movedSaid, words } from "@/features/evals/compare-words";
import { GateBadge, StateBadge } from "@/features/evals/marks";
import { type Comparison, compareQuery, type Moved, type Run, suitesQuery } from "@/features/evals/queries";
import { countsSaid, modelSaid, playedSaid } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";
import { dayAndTime } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

/** Two runs side by side: what got worse first. */
export function ComparisonView({ before, after }: { before: string; after: string }) {
  const { slug } = useClinic();
  const known = before !== "" && after !== "";
  const found = useQuery({ ...compareQuery(slug, before, after), enabled: known });
  return (
    <Page title={words.title}>
      <Button asChild look="link" size="small" className="px-0">
        <Link to="/provas" search={({ clinica }) => (clinica ? { clinica } : {})}>
          <ArrowLeft aria-hidden />
          {words.back}
        </Link>
      </Button>
      {found.data ? (
        <Shown found={found.data} />
      ) : !known ? (
        <EmptyState title={words.failed} about={words.failedAbout} />
      ) : found.isError ? (
        <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />
      ) : (
        <Loading className="grid gap-3 pt-4">
          <Skeleton className="h-16" />
          <Skeleton className="w-1/2" />
          <Skeleton className="h-32" />
        </Loading>
      )}
    </Page>
  );
}

function Shown({ found }: { found: Comparison }) {
  const demo = found.before.offline || found.after.offline;
  const still = !(found.violations.length || found.worse.length || found.better.length);
  return (
    <>
      <div className="grid gap-x-8 border-b border-line sm:grid-cols-2">
        <Side name={words.before} run={found.before} />
        <Side name={words.after} run={found.after} />
      </div>
      <div className="grid gap-1 border-b border-line py-3">
        <p className={cn("font-medium", found.regressed && "text-urgent")}>
          {found.common ? (found.regressed ? words.regressed : words.fine) : words.nothingCommon}
        </p>
        {found.common ? (
          <p className="text-ink-soft tabular-nums">
            {`${commonSaid(found.common)} ${found.gain ? gainSaid(found.gain) : ""}`}
          </p>
        ) : null}
        {demo ? <p className="text-small text-ink-soft">{words.demo}</p> : null}
      </div>
      {found.common && still ? (
        <EmptyState icon={CircleCheckBig} title={words.same} about={words.sameAbout} />
      ) : null}
      <Names
        icon={Ban}
        look="text-urgent"
        title={words.violations}
        names={found.violations}
        found={found}
        run={found.after.id}
      />
      <Names
        icon={Ban}
        look="text-urgent"
        title={words.unseen}
        names={found.unseen}
        found={found}
        run={found.after.id}
      />
      <MovedList
        icon={TrendingDown}
        look="text-attention"
        title={words.worse}
        list={found.worse}
        run={found.after.id}
      />
      <MovedList
        icon={TrendingUp}
        look="text-good"
        title={words.better}
        list={found.better}
        run={found.after.id}
      />
      <Names title={words.changed} names={found.changed} found={found} run={found.after.id} />
      <Names title={words.onlyBefore} names={found.only_before} found={found} run={found.before.id} folded />
      <Names title={words.onlyAfter} names={found.only_after} found={found} run={found.after.id} folded />
    </>
  );
}

function Side({ name, run }: { name: string; run: Run }) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const suites = useQuery(suitesQuery(slug));
  const titles = new Map(suites.data?.map((one) => [one.name, one.title]));
  return (
    <section aria-label={name} className="grid gap-0.5 py-3">
      <p className="text-small font-medium text-ink-soft">{name}</p>
      <p className="flex flex-wrap items-center gap-2">
        <Link
          to="/provas/$rodada"
          params={{ rodada: run.id }}
          search={({ clinica }) => (clinica ? { clinica } : {})}
          className="font-medium hover:text-accent"
        >
          {playedSaid(run.asked, titles)}
        </Link>
        <StateBadge run={run} />
        <GateBadge run={run} />
      </p>
      <p className="text-small text-ink-soft tabular-nums">
        {[dayAndTime(run.asked_at, zone, now), run.asked_by, modelSaid(run)].filter(Boolean).join(" · ")}
      </p>
      <p className="text-small tabular-nums">{countsSaid(run)}</p>
    </section>
  );
}

interface PartProps {
  icon?: LucideIcon;
  look?: string;
  title: string;
  amount: number;
  children: ReactNode;
}

function Part({ icon: Icon, look, title, amount, children }: PartProps) {
  return (
    <section className="border-b border-line py-3 last:border-0">
      <h2 className="flex items-center gap-2 pb-1 font-medium">
        {Icon ? <Icon aria-hidden className={cn("size-4 shrink-0", look)} /> : null}
        {`${title} (${amount})`}
      </h2>
      {children}
    </section>
  );
}

interface ListProps {
  icon?: LucideIcon;
  look?: string;
  title: string;
}

function MovedList({ list, run, ...part }: ListProps & { list: readonly Moved[]; run: string }) {
  if (!list.length) return null;
  return (
    <Part {...part} amount={list.length}>
      <ul className="grid gap-1">
        {list.map((one) => (
          <li key={one.scenario} className="flex flex-wrap items-baseline gap-x-3">
            <Played run={run} suite={one.suite} title={one.title} />
            <span className="text-small text-ink-soft tabular-nums">{movedSaid(one)}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** To the trials of its suite in that run. */
function Played({ run, suite, title }: { run: string; suite: string; title: string }) {
  return (
    <Link
      to="/provas/$rodada"
      params={{ rodada: run }}
      search={({ clinica }) => ({ ...(clinica ? { clinica } : {}), mostrar: "tudo", grupo: suite })}
      className="rounded-sm hover:text-accent touch:py-2.5"
    >
      {title}
    </Link>
  );
}

interface NamesProps extends ListProps {
  names: readonly string[];
  found: Comparison;
  /** The run that played them. */
  run: string;
  /** Many, and nobody waits for them: shown when asked for. */
  folded?: boolean;
}

function Names({ names, found, run, folded = false, ...part }: NamesProps) {
  if (!names.length) return null;
  const list = (
    <ul className="grid gap-0.5">
      {names.map((name) => {
        const known = found.named[name];
        return (
          <li key={name} className="wrap-anywhere">
            {known ? <Played run={run} suite={known.suite} title={known.title} /> : name}
          </li>
        );
      })}
    </ul>
  );
  if (!folded)
    return (
      <Part {...part} amount={names.length}>
        {list}
      </Part>
    );
  return (
    <details className="border-b border-line py-3 last:border-0">
      <summary className="w-fit font-medium touch:py-2.5">{`${part.title} (${names.length})`}</summary>
      <div className="pt-1">{list}</div>
    </details>
  );
}
