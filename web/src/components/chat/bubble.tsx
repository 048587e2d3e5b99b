import { TriangleAlert } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { BubbleFoot } from "@/components/chat/bubble-foot";
import { type ChatLine, isMine, type Side } from "@/components/chat/line";
import { Media } from "@/components/chat/media";
import { Offered } from "@/components/chat/offered";
import { RichText } from "@/components/chat/rich-text";
import { words } from "@/components/chat/words";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import type { Instant } from "@/lib/formats";

export interface BubbleProps {
  line: ChatLine;
  side: Side;
  zone: string;
  now: Instant;
  /** The first of a run by the same author says who it is. */
  first: boolean;
  selected: boolean;
  mediaUrl: (id: string) => string;
  onSelectTurn?: ((turn: string) => void) | undefined;
  onReceipt?: ((receipt: string) => void) | undefined;
  /** What can be done with it, shown beside it. */
  actions?: ReactNode;
}

/** Who wrote it, as it is said above the first bubble of a run. */
export function authorOf(line: Pick<ChatLine, "author" | "by">): string {
  return line.author === "person" ? (line.by ?? "") : words.author[line.author];
}

/** "emergency:chest_pain" as staff read it. */
function flagWords(flag: string): string {
  const word = words.flags[flag.split(":").at(-1) ?? ""];
  return word ? `${words.flag}: ${word}` : words.flag;
}

function statusOf(line: ChatLine, side: Side): string | null {
  if (line.author !== "patient") return line.status;
  if (side === "clinic") return null;
  return line.turn ? "answered" : "received";
}

/** A shape of bubble for the side it is on; `tone` repeats who wrote it, never says it alone. */
export function bubbleShape(mine: boolean, author: ChatLine["author"]): string {
  return cn(
    "relative min-w-0 max-w-[min(85%,34rem)] rounded-lg px-3 pt-1.5 pb-1 wrap-anywhere",
    mine ? "rounded-br-sm bg-accent-soft" : "rounded-bl-sm border border-line bg-surface",
    author === "automatic" && "border border-dashed border-line-strong bg-sunken",
    author === "person" && (mine ? "bg-waiting-soft" : "border-waiting"),
  );
}

function inside(event: MouseEvent): boolean {
  const target = event.target as HTMLElement;
  return Boolean(target.closest("a, button, input")) || !window.getSelection()?.isCollapsed;
}

export function Bubble(props: BubbleProps) {
  const { line, side, zone, now, first, selected, mediaUrl, onSelectTurn, onReceipt, actions } = props;
  const mine = isMine(line.author, side);
  const turn = onSelectTurn ? line.turn : null;
  const name = authorOf(line);
  return (
    <div
      data-author={line.author}
      data-line={line.id}
      className={cn("group flex items-end gap-1", mine ? "flex-row-reverse" : "", first ? "mt-3" : "mt-0.5")}
    >
      {/* A click anywhere is for the mouse; the keyboard has the button of the time. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        onClick={(event) => turn && !inside(event) && onSelectTurn?.(turn)}
        className={cn(
          bubbleShape(mine, line.author),
          turn && "cursor-pointer",
          selected && "outline-2 outline-offset-1 outline-accent",
        )}
      >
        <p
          className={cn(
            "text-small font-medium text-ink-soft",
            !(first && name && (!mine || side === "clinic")) && "sr-only",
          )}
        >
          {name}
        </p>
        {line.red_flag ? (
          <Badge means="urgent" className="mt-1 max-w-full whitespace-normal">
            <TriangleAlert aria-hidden />
            {flagWords(line.red_flag)}
          </Badge>
        ) : null}
        {line.media ? <Media media={line.media} src={mediaUrl(line.media.id)} /> : null}
        {line.text ? (
          <p className="whitespace-pre-wrap">
            <RichText text={line.text} />
          </p>
        ) : line.media ? null : (
          <p className="text-ink-soft italic">{words.media.unknownKind}</p>
        )}
        {line.menu && side === "clinic" ? <Offered menu={line.menu} /> : null}
        <BubbleFoot
          line={line}
          status={statusOf(line, side)}
          zone={zone}
          now={now}
          selected={selected}
          onSelectTurn={onSelectTurn}
          onReceipt={onReceipt}
        />
      </div>
      {actions ? (
        <div className="shrink-0 opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 has-data-[state=open]:opacity-100 touch:opacity-100">
          {actions}
        </div>
      ) : null}
    </div>
  );
}
