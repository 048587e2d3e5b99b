import { useQuery } from "@tanstack/react-query";
import { CalendarDays, CalendarOff } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Chips } from "@/features/agenda/chips";
import { useNarrow, useNow, useOffset, wholeMinute } from "@/features/agenda/clock";
import { DayGrid } from "@/features/agenda/day-grid";
import { DayList } from "@/features/agenda/day-list";
import { DayNav } from "@/features/agenda/day-nav";
import { type ConversationLink, ProofDialog } from "@/features/agenda/proof-dialog";
import { dayQuery } from "@/features/agenda/queries";
import { daysLater, over } from "@/features/agenda/times";
import type { Column, Day, Item } from "@/features/agenda/types";
import { words } from "@/features/agenda/words";
import { isoDay } from "@/lib/formats";

/** More columns than this do not fit beside a chat. */
const FIT_COMPACT = 3;

export interface DayAgendaProps {
  /** The clinic, or a rehearsal's sandbox. */
  slug: string;
  /** "2026-11-24"; today's, on the clock it is seen with, while absent. */
  day: string | null | undefined;
  onDay: (day: string) => void;
  /** The rehearsal's clock (ISO 8601) when it is set; it runs on by itself. */
  at?: string | null | undefined;
  /** Beside something else: narrow columns. */
  compact?: boolean;
  /** Only this professional; everyone while absent. Chosen here when nobody else keeps it. */
  professional?: string | undefined;
  onProfessional?: (professional: string | undefined) => void;
  conversationLink?: ConversationLink;
}

/** The agenda of a day by professional, alive. */
export function DayAgenda({ slug, day, onDay, at, compact = false, ...rest }: DayAgendaProps) {
  const clock = at ?? undefined;
  const query = useQuery(dayQuery(slug, day ?? undefined, clock && wholeMinute(clock)));
  const offset = useOffset(query.data?.now, query.dataUpdatedAt, clock);
  const shown = day ?? query.data?.day;
  const today = query.data ? isoDay(Date.now() + offset, query.data.zone) : undefined;
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col gap-2">
      {shown ? (
        <DayNav day={shown} today={today ?? shown} onDay={onDay} compact={compact} />
      ) : (
        <Skeleton className="my-1 h-7 w-64" />
      )}
      {query.data ? (
        <Body
          slug={slug}
          day={query.data}
          offset={offset}
          onDay={onDay}
          compact={compact}
          key={slug}
          {...rest}
        />
      ) : query.isError ? (
        <ErrorState error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
      ) : (
        <GridSkeleton columns={compact ? 2 : 4} />
      )}
    </div>
  );
}

type BodyProps = Omit<DayAgendaProps, "day" | "at"> & { day: Day; offset: number; compact: boolean };

function Body({ slug, day, offset, onDay, compact, conversationLink, ...choice }: BodyProps) {
  const narrow = useNarrow() && !compact;
  const now = useNow(offset, 5_000);
  const standing = useStanding(day, now);
  const fits = !compact || standing.length <= FIT_COMPACT;
  const { chosen, choose, fresh } = useChosen(day.day, standing, fits, choice);
  const columns = useMemo(
    () => (chosen ? standing.filter((column) => column.professional === chosen) : standing),
    [standing, chosen],
  );
  const [opened, setOpened] = useState<Item | null>(null);
  const [open, setOpen] = useState(false);
  const show = useCallback((item: Item): void => {
    setOpened(item);
    setOpen(true);
  }, []);

  if (!day.columns.length) return <Closed day={day} onDay={onDay} />;
  const items = columns.flatMap((column) => column.items);
  const View = narrow ? DayList : DayGrid;
  return (
    <>
      {standing.length > 1 && (!fits || !compact) ? (
        <Chips columns={standing} chosen={chosen} onChoose={choose} all={fits} />
      ) : null}
      {narrow && !items.length && !day.holiday ? null : <Tally day={day} items={items} />}
      {narrow && !items.length ? (
        <EmptyState icon={CalendarDays} title={words.nothing} about={words.nothingAbout} />
      ) : (
        <View
          day={day}
          columns={columns}
          now={now}
          offset={offset}
          onOpen={show}
          compact={compact}
          fresh={fresh}
        />
      )}
      {opened && opened.kind !== "block" ? (
        <ProofDialog
          slug={slug}
          zone={day.zone}
          kind={opened.kind}
          id={opened.id}
          open={open}
          onOpenChange={setOpen}
          conversationLink={conversationLink}
        />
      ) : null}
    </>
  );
}

/** The columns without the holds that have run out since they were read; the same object while nothing ran out. */
function useStanding(day: Day, now: number): readonly Column[] {
  const gone = day.columns
    .flatMap((column) => column.items.filter((item) => over(item, now)).map((item) => item.id))
    .join();
  return useMemo(() => {
    if (!gone) return day.columns;
    const ids = gone.split(",");
    return day.columns.map((column) => ({
      ...column,
      items: column.items.filter((item) => !ids.includes(item.id)),
    }));
  }, [day.columns, gone]);
}

/**
 * Whose agenda is shown. Where only one fits, it is the one chosen, else one where Carol has done something,
 * else the first with something that day; and when
 * something new appears in another's, that one.
 */
function useChosen(
  day: string,
  columns: readonly Column[],
  fits: boolean,
  choice: Pick<DayAgendaProps, "professional" | "onProfessional">,
) {
  const [own, setOwn] = useState<string>();
  const [newest, setFresh] = useState<string>();
  const wished = choice.onProfessional ? choice.professional : own;
  function choose(professional: string | undefined): void {
    setFresh(undefined);
    (choice.onProfessional ?? setOwn)(professional);
  }
  const known = useRef<{ day: string; ids: Set<string> } | null>(null);
  useEffect(() => {
    const all = columns.flatMap((column) =>
      column.items.map((item) => [item.id, column.professional] as const),
    );
    const fresh = known.current?.day === day ? all.find(([id]) => !known.current?.ids.has(id)) : undefined;
    known.current = { day, ids: new Set(all.map(([id]) => id)) };
    if (!fresh || fits) return;
    setFresh(fresh[0]);
    setOwn(fresh[1]);
  }, [columns, day, fits]);
  const there = columns.some((column) => column.professional === wished) ? wished : undefined;
  const holding = (wanted: (item: Item) => boolean) => columns.find((column) => column.items.some(wanted));
  const first =
    holding((item) => item.kind === "hold") ??
    holding((item) => item.booked_by === "carol") ??
    holding((item) => item.kind !== "block") ??
    columns[0];
  return { chosen: there ?? (fits ? undefined : first?.professional), choose, fresh: newest };
}

function Tally({ day, items }: { day: Day; items: readonly Item[] }) {
  const visits = items.filter((item) => item.kind === "visit" && item.status !== "cancelled").length;
  const holds = items.filter((item) => item.kind === "hold").length;
  return (
    <p className="flex flex-wrap gap-x-3 text-small text-ink-soft">
      {day.holiday ? <span className="font-medium text-attention">{words.holiday(day.holiday)}</span> : null}
      {visits || !holds ? <span>{visits ? words.visits(visits) : words.nothing}</span> : null}
      {holds ? <span>{words.holds(holds)}</span> : null}
    </p>
  );
}

function Closed({ day, onDay }: { day: Day; onDay: (day: string) => void }) {
  return (
    <EmptyState
      icon={CalendarOff}
      title={day.holiday ? words.holiday(day.holiday) : words.closed}
      about={words.closedAbout}
      action={<Button onClick={() => onDay(daysLater(day.day, 1))}>{words.nextDay}</Button>}
    />
  );
}

function GridSkeleton({ columns }: { columns: number }) {
  return (
    <Loading className="grid min-h-0 grow grid-flow-col gap-2 overflow-hidden rounded-md border border-line p-3">
      {Array.from({ length: columns }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes, all alike
        <div key={at} className="grid content-start gap-3">
          <Skeleton className="h-8" />
          <Skeleton className="mt-6 h-12" />
          <Skeleton className="mt-16 h-12" />
          <Skeleton className="h-12" />
        </div>
      ))}
    </Loading>
  );
}
