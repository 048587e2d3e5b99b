import { useEffect, useRef } from "react";
import { Badge } from "@/components/ui/badge";
import type { DayViewProps } from "@/features/agenda/day-grid";
import { useGlide } from "@/features/agenda/glide";
import { HoldLeft } from "@/features/agenda/hold-left";
import { saidOf } from "@/features/agenda/item-card";
import { lookOf } from "@/features/agenda/item-looks";
import type { Column, Item } from "@/features/agenda/types";
import { words } from "@/features/agenda/words";
import { cn } from "@/lib/cn";
import { isoDay, time } from "@/lib/formats";

/** The day by time, for a screen too narrow for columns. */
export function DayList({ day, columns, now, offset, onOpen }: DayViewProps) {
  const frame = useRef<HTMLElement>(null);
  const rows = columns
    .flatMap((column) => column.items.map((item) => ({ item, column })))
    .sort((a, b) => a.item.starts_at.localeCompare(b.item.starts_at) || a.item.id.localeCompare(b.item.id));
  useGlide(frame, `${day.day} ${columns.map((column) => column.professional).join()}`, columns);
  const isToday = isoDay(now, day.zone) === day.day;
  const next = isToday ? rows.findIndex(({ item }) => Date.parse(item.starts_at) > now) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a day, not whenever something moves
  useEffect(() => {
    const mark = frame.current?.querySelector<HTMLElement>("[data-now]");
    if (frame.current && mark) frame.current.scrollTop = Math.max(0, mark.offsetTop - 72);
  }, [day.day]);
  return (
    <section
      ref={frame}
      aria-label={words.list}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="relative min-h-0 grow overflow-y-auto overscroll-contain -outline-offset-2 [scrollbar-width:thin]"
    >
      <ol className="divide-y divide-line border-y border-line">
        {rows.map(({ item, column }, at) => (
          <li key={`${item.id} ${column.professional}`} data-item={item.id}>
            {at === next ? <NowMark clock={time(now, day.zone)} /> : null}
            <Row item={item} column={column} zone={day.zone} offset={offset} onOpen={onOpen} />
          </li>
        ))}
        {isToday && next < 0 ? (
          <li>
            <NowMark clock={time(now, day.zone)} />
          </li>
        ) : null}
      </ol>
    </section>
  );
}

function NowMark({ clock }: { clock: string }) {
  return (
    <p data-now className="flex items-center gap-2 text-small font-medium text-accent tabular-nums">
      <span className="whitespace-nowrap">{`${words.now} ${clock}`}</span>
      <span aria-hidden className="h-0.5 grow bg-accent" />
    </p>
  );
}

interface RowProps {
  item: Item;
  column: Column;
  zone: string;
  offset: number;
  onOpen: DayViewProps["onOpen"];
}

function Row({ item, column, zone, offset, onOpen }: RowProps) {
  const clock = (
    <span className="w-12 shrink-0 text-small tabular-nums">
      <span className="block font-medium">{time(item.starts_at, zone)}</span>
      <span className="block text-ink-faint">{time(item.ends_at, zone)}</span>
    </span>
  );
  if (item.kind === "block")
    return (
      <div className="flex gap-3 px-1 py-2">
        {clock}
        <p className="min-w-0 grow text-small text-ink-soft">
          <span className="block">{item.reason ? words.blocked(item.reason) : words.block}</span>
          <span className="block truncate text-ink-faint">{column.name}</span>
        </p>
      </div>
    );
  const look = lookOf(item);
  const Icon = look.icon;
  return (
    <button
      type="button"
      aria-label={saidOf(item, column.name, zone)}
      onClick={() => onOpen(item, column)}
      className="flex w-full gap-3 px-1 py-2 text-left -outline-offset-2 hover:bg-hover"
    >
      {clock}
      <span className="min-w-0 grow">
        <span className="flex items-center gap-2">
          <span
            className={cn("min-w-0 grow truncate font-medium", item.status === "cancelled" && "line-through")}
          >
            {item.person ?? words.someone}
          </span>
          <Badge means={look.means}>
            <Icon aria-hidden />
            {item.kind === "hold" && item.expires_at ? (
              <HoldLeft until={item.expires_at} offset={offset} />
            ) : (
              look.word
            )}
          </Badge>
        </span>
        <span className="block truncate text-small text-ink-soft">
          {[item.service, column.name].filter(Boolean).join(" · ")}
        </span>
      </span>
    </button>
  );
}
