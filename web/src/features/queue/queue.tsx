import { useInfiniteQuery } from "@tanstack/react-query";
import { Inbox, UserRoundCheck } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { MoreRows, once, RowsLoading } from "@/components/ui/rows";
import { ScrollArea } from "@/components/ui/scroll-area";
import { Segmented } from "@/components/ui/segmented";
import { CaseDetail } from "@/features/queue/case-detail";
import { CaseRow } from "@/features/queue/case-row";
import { type Intervention, type QueuePage, queueQuery, type View, views } from "@/features/queue/queries";
import { ResolveDialog } from "@/features/queue/resolve-dialog";
import { type CaseActs, useCaseActs } from "@/features/queue/use-case-acts";
import { keptSaid, lateSaid, words } from "@/features/queue/words";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";
import { useNow } from "@/lib/use-now";

interface QueueProps {
  view: View;
  onView: (view: View) => void;
  /** The case that is open; on a phone it takes the place of the list. */
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

/** What waits for a person, and the case that is open beside it. */
export function Queue({ view, onView, chosen, onChoose }: QueueProps) {
  const { slug } = useClinic();
  const found = useInfiniteQuery(queueQuery(slug, view));
  const acts = useCaseActs(slug);
  const first = found.data?.pages[0];
  const rows = once(found.data?.pages);
  useKeys(rows, chosen, onChoose, acts);

  /** The first late one; when none is in this list, the list it is in. */
  function showLate(): void {
    const late = rows.find((one) => one.late);
    if (late) onChoose(late.id);
    else onView(view === "waiting" ? "taken" : "waiting");
  }

  return (
    <div className="flex h-full min-h-0">
      <title>{`${words.title} · Carol`}</title>
      <div
        className={cn(
          "flex min-h-0 w-full shrink-0 flex-col lg:w-96 lg:border-r lg:border-line",
          chosen && "max-lg:sr-only",
        )}
      >
        <h1 className="px-4 pt-3 pb-1 text-page font-semibold tracking-tight">{words.title}</h1>
        <div className={cn("contents", chosen && "max-lg:hidden")}>
          <Summary page={first} onLate={showLate} />
          <div className="border-b border-line px-4 pb-3">
            <Segmented
              label={words.view}
              value={view}
              options={views.map((value) => ({ value, label: labelOf(value, first) }))}
              onChange={onView}
              className="w-full *:grow *:px-2"
            />
          </div>
          <ScrollArea label={words.list} className="grow">
            <Rows view={view} rows={rows} found={found} />
          </ScrollArea>
        </div>
      </div>
      {chosen ? (
        <CaseDetail key={chosen} id={chosen} acts={acts} />
      ) : (
        <div className="grid min-w-0 grow place-items-center max-lg:hidden">
          <EmptyState icon={UserRoundCheck} title={words.choose} about={words.chooseAbout} />
        </div>
      )}
      <SignDialog {...acts.signing} />
      <ResolveDialog {...acts.resolving} />
    </div>
  );
}

function labelOf(view: View, page: QueuePage | undefined): string {
  const amount = view === "waiting" ? page?.counts.waiting : view === "taken" ? page?.counts.taken : 0;
  return amount ? `${words.views[view]} · ${amount}` : words.views[view];
}

/** Promises kept lately, and how many are late now. */
function Summary({ page, onLate }: { page: QueuePage | undefined; onLate: () => void }) {
  if (!page) return <div className="h-7" />;
  const { rate, days } = page.kept;
  return (
    <div className="grid gap-1 px-4 pb-2 text-small text-ink-soft">
      {rate === null ? null : <p>{keptSaid(rate, days)}</p>}
      {page.counts.late ? (
        <p>
          <Button look="link" size="small" className="h-6 px-0 font-medium text-urgent" onClick={onLate}>
            {lateSaid(page.counts.late)}
          </Button>
        </p>
      ) : null}
    </div>
  );
}

interface RowsProps {
  view: View;
  rows: readonly Intervention[];
  found: {
    isPending: boolean;
    isError: boolean;
    error: unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    refetch: () => unknown;
    fetchNextPage: () => unknown;
  };
}

function Rows({ view, rows, found }: RowsProps) {
  const { timezone } = useClinic();
  const now = useNow();
  if (found.isPending) return <RowsLoading bars={["w-4/5", "w-1/3"]} className="px-4" />;
  if (found.isError && rows.length === 0)
    return <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />;
  if (rows.length === 0)
    return <EmptyState icon={Inbox} title={words.none[view]} about={words.none[`${view}About`]} />;
  return (
    <>
      <ul aria-label={words.list}>
        {rows.map((one) => (
          <CaseRow key={one.id} one={one} now={now} zone={timezone} />
        ))}
      </ul>
      <MoreRows label={words.more} found={found} />
    </>
  );
}

const typing = "input, textarea, select, [contenteditable], [role=dialog] *";

/** j and k pass from case to case, a takes the open one; nothing while one types. */
function useKeys(
  rows: readonly Intervention[],
  chosen: string | undefined,
  onChoose: (id: string) => void,
  acts: CaseActs,
): void {
  const press = useRef<(event: globalThis.KeyboardEvent) => void>(() => undefined);
  press.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest?.(typing)) return;
    const at = rows.findIndex((one) => one.id === chosen);
    const next = { j: at + 1, k: Math.max(0, at - 1) }[event.key as KeyboardEvent["key"]];
    const one = next === undefined ? undefined : rows[next];
    if (one) onChoose(one.id);
    const open = rows[at];
    if (event.key === "a" && open?.status === "open") acts.ask({ what: "take", on: open });
  };
  useEffect(() => {
    const hear = (event: globalThis.KeyboardEvent) => press.current(event);
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}
