import { useEffect, useRef } from "react";
import type { Column } from "@/features/agenda/types";
import { words } from "@/features/agenda/words";
import { cn } from "@/lib/cn";

interface ChipsProps {
  columns: readonly Column[];
  chosen: string | undefined;
  onChoose: (professional: string | undefined) => void;
  /** Whether all of them may be shown together. */
  all: boolean;
}

/** Whose agenda: one professional, or everyone where there is room. */
export function Chips({ columns, chosen, onChoose, all }: ChipsProps) {
  const row = useRef<HTMLFieldSetElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another one is chosen, by hand or by what Carol did
  useEffect(() => {
    const chip = row.current?.querySelector<HTMLElement>("[aria-pressed=true]");
    if (row.current && chip)
      row.current.scrollLeft = chip.offsetLeft - (row.current.clientWidth - chip.offsetWidth) / 2;
  }, [chosen]);
  const look =
    "inline-flex h-8 shrink-0 items-center gap-1.5 rounded-full border px-3 text-small whitespace-nowrap touch:min-h-11";
  const colours = (on: boolean) =>
    on
      ? "border-accent bg-accent-soft font-medium text-accent-strong"
      : "border-line-strong text-ink-soft hover:bg-hover";
  return (
    <fieldset
      ref={row}
      aria-label={words.professionals}
      className="relative flex min-w-0 shrink-0 gap-1.5 overflow-x-auto p-0.5 [scrollbar-width:thin]"
    >
      {all ? (
        <button
          type="button"
          aria-pressed={!chosen}
          onClick={() => onChoose(undefined)}
          className={cn(look, colours(!chosen))}
        >
          {words.everyone}
        </button>
      ) : null}
      {columns.map((column) => (
        <button
          key={column.professional}
          type="button"
          aria-pressed={column.professional === chosen}
          onClick={() => onChoose(column.professional)}
          className={cn(look, colours(column.professional === chosen))}
        >
          {column.name}
          <Count column={column} />
        </button>
      ))}
    </fieldset>
  );
}

function Count({ column }: { column: Column }) {
  const amount = column.items.filter((item) => item.kind !== "block" && item.status !== "cancelled").length;
  if (!amount) return null;
  return (
    <>
      <span aria-hidden className="text-ink-faint tabular-nums">
        {amount}
      </span>
      <span className="sr-only">{words.visits(amount)}</span>
    </>
  );
}
