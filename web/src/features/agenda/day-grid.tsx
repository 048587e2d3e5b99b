import { useEffect, useMemo, useRef } from "react";
import { useGlide } from "@/features/agenda/glide";
import { ItemCard } from "@/features/agenda/item-card";
import { hoursOf, minuteOn, minutesOf, placed, type Span, spanOf } from "@/features/agenda/times";
import type { Column, Day, Item } from "@/features/agenda/types";
import { words } from "@/features/agenda/words";
import { cn } from "@/lib/cn";
import { isoDay, time } from "@/lib/formats";

/** Height of an hour: half an hour holds two lines, and a finger finds it. */
const HOUR = 96;
/** Height of the names, which stay above. */
const HEAD = 56;

/** Widths, in rem: of the hours, and the least a column may have. */
const AXIS = 3.25;
const NARROW = 5.75;
const WIDE = 10.5;

function pixels(minutes: number): number {
  return (minutes / 60) * HOUR;
}

export interface DayViewProps {
  day: Day;
  columns: readonly Column[];
  /** The clock the agenda is seen with: the instant, and how far it lies from this computer's. */
  now: number;
  offset: number;
  onOpen: (item: Item, column: Column) => void;
  compact: boolean;
  /** What has just come, in a column that was out of sight. */
  fresh?: string | undefined;
}

/** Time down, professionals across. */
export function DayGrid({ day, columns, now, offset, onOpen, compact, fresh }: DayViewProps) {
  const frame = useRef<HTMLElement>(null);
  const hours = useMemo(() => hoursOf(day, columns), [day, columns]);
  const scene = `${day.day} ${hours.from} ${columns.map((column) => column.professional).join()}`;
  useGlide(frame, scene, columns, fresh);

  const minute = isoDay(now, day.zone) === day.day ? minuteOn(day.day, now, day.zone) : null;
  const shownNow = minute !== null && minute >= hours.from && minute <= hours.to ? minute : null;
  useFirstScroll(frame, scene, { day, columns, hours, shownNow, compact, fresh });

  const marks = Array.from({ length: (hours.to - hours.from) / 60 }, (_, at) => hours.from + at * 60);
  return (
    <section
      ref={frame}
      aria-label={words.grid}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="relative min-h-0 scroll-pt-16 scroll-pl-15 overflow-auto overscroll-contain rounded-md border border-line bg-surface -outline-offset-2 [scrollbar-width:thin]"
    >
      <div
        className="grid"
        style={{
          gridTemplateColumns: `${AXIS}rem repeat(${columns.length}, minmax(0, 1fr))`,
          minWidth: `${AXIS + columns.length * (compact ? NARROW : WIDE)}rem`,
        }}
      >
        <div className="sticky top-0 left-0 z-30 border-b border-line bg-surface" />
        {columns.map((column) => (
          <ColumnHead key={column.professional} column={column} compact={compact} />
        ))}
        <div
          aria-hidden
          className="sticky left-0 z-20 border-r border-line bg-surface"
          style={{ height: pixels(hours.to - hours.from) }}
        >
          {marks.map((mark) => (
            <span
              key={mark}
              style={{ top: pixels(mark - hours.from) }}
              className={cn(
                "absolute right-2 text-small text-ink-faint tabular-nums",
                mark === hours.from ? "translate-y-0" : "-translate-y-1/2",
                shownNow !== null && Math.abs(mark - shownNow) < 14 && "invisible",
              )}
            >
              {clock(mark)}
            </span>
          ))}
          {shownNow === null ? null : (
            <span
              style={{ top: pixels(shownNow - hours.from) }}
              className="absolute right-0 -translate-y-1/2 rounded-sm bg-accent px-1 text-small font-medium text-on-accent tabular-nums"
            >
              {time(now, day.zone)}
            </span>
          )}
        </div>
        {columns.map((column) => (
          <ColumnBody
            key={column.professional}
            column={column}
            day={day}
            hours={hours}
            shownNow={shownNow}
            offset={offset}
            onOpen={onOpen}
            tight={compact && columns.length > 1}
          />
        ))}
      </div>
    </section>
  );
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:00`;
}

interface Sight extends Pick<DayViewProps, "day" | "columns" | "compact" | "fresh"> {
  hours: Span;
  shownNow: number | null;
}

/** When a day or other columns open, the eye lands on what has just come, on what Carol holds beside a chat, on now, or on the first thing. */
function useFirstScroll(frame: React.RefObject<HTMLElement | null>, scene: string, sight: Sight): void {
  const { day, columns, compact, hours, shownNow, fresh } = sight;
  const first = (wanted: (item: Item) => boolean): number | null => {
    const items = columns.flatMap((column) => column.items.filter(wanted));
    return items.length ? Math.min(...items.map((item) => spanOf(item, day.day, day.zone).from)) : null;
  };
  const come = first((item) => item.id === fresh);
  const held = compact ? first((item) => item.kind === "hold") : null;
  const target = come ?? held ?? shownNow ?? first((item) => item.kind !== "block") ?? hours.from;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a scene, not whenever something moves
  useEffect(() => {
    if (!frame.current) return;
    const below = pixels(target - hours.from);
    // The top of the working day stays in sight while what matters fits under it.
    const fits = below + HOUR <= frame.current.clientHeight - HEAD;
    frame.current.scrollTop = fits ? 0 : Math.max(0, below - HOUR);
  }, [scene]);
}

function ColumnHead({ column, compact }: { column: Column; compact: boolean }) {
  const units = [...new Set(column.windows.map((window) => window.unit))].join(", ");
  return (
    <div className="sticky top-0 z-20 min-w-0 border-b border-l border-line bg-surface px-2 py-1.5 first-of-type:border-l-0">
      <p title={column.name} className="truncate text-small font-semibold">
        {column.name}
      </p>
      <p className="truncate text-small text-ink-faint">
        {column.windows.length === 0
          ? words.off
          : compact
            ? column.specialty
            : `${column.specialty} · ${units}`}
      </p>
    </div>
  );
}

interface ColumnBodyProps {
  column: Column;
  day: Day;
  hours: Span;
  shownNow: number | null;
  offset: number;
  onOpen: (item: Item, column: Column) => void;
  tight: boolean;
}

const hatch = "bg-sunken bg-[repeating-linear-gradient(135deg,var(--line)_0_1px,transparent_1px_7px)]";

function ColumnBody({ column, day, hours, shownNow, offset, onOpen, tight }: ColumnBodyProps) {
  const cards = useMemo(() => placed(column.items, day.day, day.zone), [column.items, day.day, day.zone]);
  const open = useMemo(() => (item: Item) => onOpen(item, column), [onOpen, column]);
  const at = (span: Span) => {
    const from = Math.max(span.from, hours.from);
    return { top: pixels(from - hours.from), height: pixels(Math.min(span.to, hours.to) - from) };
  };
  return (
    <ul aria-label={column.name} className="relative border-l border-line bg-sunken">
      {column.windows.map((window) => (
        <li
          key={window.opens}
          aria-hidden
          className="absolute inset-x-0 bg-surface bg-[linear-gradient(to_bottom,var(--line)_0_1px,transparent_1px)]"
          style={{
            ...at({ from: minutesOf(window.opens), to: minutesOf(window.closes) }),
            backgroundSize: `100% ${HOUR}px`,
            backgroundPositionY: -pixels(minutesOf(window.opens) % 60),
          }}
        />
      ))}
      {column.items
        .filter((item) => item.kind === "block")
        .map((item) => (
          <li
            key={item.id}
            data-item={item.id}
            style={at(spanOf(item, day.day, day.zone))}
            className={cn("absolute inset-x-0 overflow-hidden border-y border-line px-1.5 py-0.5", hatch)}
          >
            <span className="rounded-sm bg-sunken px-1 text-small text-ink-soft">
              {item.reason ? words.blocked(item.reason) : words.block}
            </span>
          </li>
        ))}
      {cards.map(({ item, from, to, lane, lanes, thin }) => (
        <ItemCard
          key={item.id}
          item={item}
          professional={column.name}
          zone={day.zone}
          offset={offset}
          {...at({ from, to })}
          lane={lane}
          lanes={lanes}
          thin={thin}
          onOpen={open}
          tight={tight}
        />
      ))}
      {shownNow === null ? null : (
        <li
          aria-hidden
          className="pointer-events-none absolute inset-x-0 z-5 h-0.5 -translate-y-px bg-accent"
          style={{ top: pixels(shownNow - hours.from) }}
        />
      )}
    </ul>
  );
}
