import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FileCheck, Moon } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { MoreRows, once, RowsLoading } from "@/components/ui/rows";
import { Segmented } from "@/components/ui/segmented";
import { family, hourSaid } from "@/features/reports/family-words";
import { Due, Gravity, StateBadge } from "@/features/reports/marks";
import { type Brief, reportsQuery, type State, statesOf, type View, views } from "@/features/reports/queries";
import { reasonSaid, shiftSaid, words } from "@/features/reports/words";
import { useClinic } from "@/lib/clinic";
import { relative } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

interface ReviewProps {
  view: View;
  onView: (view: View) => void;
}

/** Reports that wait for a person, and the others by how far they came. */
export function Review({ view, onView }: ReviewProps) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const found = useInfiniteQuery(reportsQuery(slug, view));
  const rows = once(found.data?.pages);
  const counts = found.data?.pages[0]?.counts;
  const quiet = found.data?.pages[0]?.quiet_until;
  const back = (
    <Button asChild look="quiet">
      <Link to="/relatorios" search={({ clinica }) => (clinica ? { clinica } : {})}>
        <ArrowLeft aria-hidden />
        {words.back}
      </Link>
    </Button>
  );
  return (
    <Page title={words.title} actions={back}>
      <div className="border-b border-line pb-3">
        <Segmented
          label={words.view}
          value={view}
          options={views.map((value) => ({ value, label: labelOf(value, counts) }))}
          onChange={onView}
          className="max-sm:grid max-sm:w-full max-sm:grid-cols-2"
        />
      </div>
      {view === "way" && quiet && rows.length ? (
        <p className="flex items-center gap-2 pt-3 text-small text-ink-soft">
          <Moon aria-hidden className="size-4 shrink-0" />
          {family.quiet(hourSaid(quiet, now, zone))}
        </p>
      ) : null}
      {found.isPending ? (
        <RowsLoading bars={["w-4/5", "w-1/3"]} />
      ) : found.isError && rows.length === 0 ? (
        <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon={FileCheck} title={words.none[view]} about={words.none[`${view}About`]} />
      ) : (
        <>
          <ul aria-label={words.list}>
            {rows.map((one) => (
              <Row key={one.id} one={one} now={now} zone={zone} />
            ))}
          </ul>
          <MoreRows label={words.more} found={found} />
        </>
      )}
    </Page>
  );
}

function labelOf(view: View, counts: Partial<Record<State, number>> | undefined): string {
  const amount = view === "sent" ? 0 : statesOf[view].reduce((sum, state) => sum + (counts?.[state] ?? 0), 0);
  return amount ? `${words.views[view]} · ${amount}` : words.views[view];
}

const asksWhy: ReadonlySet<State> = new Set(["review", "failed", "send_failed"]);
/** What the list itself says of all that it shows. */
const ownState: ReadonlySet<State> = new Set(["review", "sent", "send_failed"]);

function Row({ one, now, zone }: { one: Brief; now: number; zone: string }) {
  const why = asksWhy.has(one.state) ? reasonSaid(one) : "";
  return (
    <li className="border-b border-line last:border-0">
      <Link
        to="/relatorios/$relatorio"
        params={{ relatorio: one.id }}
        search={({ clinica }) => (clinica ? { clinica } : {})}
        className="-mx-2 grid grid-cols-[minmax(0,1fr)] gap-1 rounded-md px-2 py-3 -outline-offset-2 hover:bg-hover"
      >
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 font-medium">{one.person_name}</span>
          <span className="flex flex-wrap gap-1.5">
            {ownState.has(one.state) ? null : <StateBadge state={one.state} />}
            <Due one={one} now={now} zone={zone} />
            <Gravity one={one} />
          </span>
        </span>
        {why ? <span>{why}</span> : null}
        <span className="text-small text-ink-soft tabular-nums">
          {[shiftSaid(one), one.caregiver, relative(one.closed_at, now, zone)].filter(Boolean).join(" · ")}
        </span>
      </Link>
    </li>
  );
}
