import { memo } from "react";
import { HoldLeft } from "@/features/agenda/hold-left";
import { lookOf } from "@/features/agenda/item-looks";
import type { Item } from "@/features/agenda/types";
import { words } from "@/features/agenda/words";
import { cn } from "@/lib/cn";
import { time } from "@/lib/formats";

interface ItemCardProps {
  item: Item;
  professional: string;
  zone: string;
  offset: number;
  top: number;
  height: number;
  lane: number;
  lanes: number;
  thin: number | null;
  onOpen: (item: Item) => void;
  /** Too narrow for the time beside the name; the hours at the side tell it. */
  tight: boolean;
}

/** Everything a card says, for who hears it. */
export function saidOf(item: Item, professional: string, zone: string): string {
  const start = time(item.starts_at, zone);
  const parts = [words.until(start, time(item.ends_at, zone)), item.person ?? words.someone];
  if (item.service) parts.push(item.service);
  parts.push(lookOf(item).word, words.with(professional));
  return parts.join(", ");
}

const STRIP = 14;
const TWO_LINES = 46;
const THREE_LINES = 68;

/** One visit or hold in the grid. */
export const ItemCard = memo(function ItemCard({
  item,
  professional,
  zone,
  offset,
  top,
  height,
  lane,
  lanes,
  thin,
  onOpen,
  tight,
}: ItemCardProps) {
  const look = lookOf(item);
  const Icon = look.icon;
  const cancelled = item.status === "cancelled";
  const place =
    thin === null
      ? { left: `calc(${(lane / lanes) * 100}% + 2px)`, width: `calc(${100 / lanes}% - 6px)` }
      : { right: 2 + thin * STRIP, width: STRIP - 2 };
  return (
    <li className="contents">
      <button
        type="button"
        data-item={item.id}
        aria-label={saidOf(item, professional, zone)}
        title={thin === null ? undefined : saidOf(item, professional, zone)}
        onClick={() => onOpen(item)}
        style={{ top: top + 1, height: height - 2, ...place }}
        className={cn(
          "absolute flex min-w-0 flex-col overflow-hidden rounded-sm px-1.5 text-left text-small hover:z-10 hover:brightness-97 focus-visible:z-10",
          look.card,
          height < TWO_LINES ? "justify-center" : "pt-px",
          thin !== null && "z-1 items-center px-0",
        )}
      >
        {thin !== null ? (
          <X icon={Icon} />
        ) : (
          <>
            <span className={cn("block max-w-full truncate leading-5", cancelled && "line-through")}>
              {tight ? null : <span className="tabular-nums">{`${time(item.starts_at, zone)} `}</span>}
              <span className="font-medium">{item.person ?? words.someone}</span>
              {height < TWO_LINES && item.service ? ` · ${item.service}` : null}
            </span>
            {height >= THREE_LINES && item.service ? (
              <span className="block max-w-full truncate leading-5 text-ink-soft">{item.service}</span>
            ) : null}
            {height >= TWO_LINES ? (
              <span className="flex max-w-full min-w-0 items-center gap-1 leading-5 text-ink-soft">
                <Icon aria-hidden className="size-3.5 shrink-0" />
                <span className="truncate">
                  {item.kind === "hold" && item.expires_at ? (
                    <HoldLeft until={item.expires_at} offset={offset} bare={tight} />
                  ) : (
                    look.word
                  )}
                  {height < THREE_LINES && item.service ? ` · ${item.service}` : null}
                </span>
              </span>
            ) : null}
          </>
        )}
      </button>
    </li>
  );
});

function X({ icon: Icon }: { icon: ReturnType<typeof lookOf>["icon"] }) {
  return <Icon aria-hidden className="size-3 shrink-0" />;
}
