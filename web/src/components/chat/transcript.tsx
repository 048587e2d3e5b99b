import { ArrowDown } from "lucide-react";
import type { ReactNode } from "react";
import { authorOf, Bubble } from "@/components/chat/bubble";
import { byDay } from "@/components/chat/days";
import type { ChatLine, Side, UnsentLine } from "@/components/chat/line";
import { isMarker, Marker } from "@/components/chat/marker";
import { Typing } from "@/components/chat/typing";
import { UnsentBubble } from "@/components/chat/unsent-bubble";
import { useStick } from "@/components/chat/use-stick";
import { words } from "@/components/chat/words";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { type Instant, nearDay } from "@/lib/formats";

export interface TranscriptProps {
  /** Whose conversation it is, read out. */
  label: string;
  lines: readonly ChatLine[];
  side: Side;
  zone: string;
  now: Instant;
  mediaUrl: (id: string) => string;
  unsent?: readonly UnsentLine[];
  onRetry?: (id: string) => void;
  onDiscard?: (id: string) => void;
  typing?: boolean;
  selectedTurn?: string | null | undefined;
  onSelectTurn?: ((turn: string) => void) | undefined;
  onReceipt?: ((receipt: string) => void) | undefined;
  /** What can be done with a message: one small button or menu. */
  actionsOf?: (line: ChatLine) => ReactNode;
  /** Asks for older messages; absent when there are none. */
  onEarlier?: (() => void) | undefined;
  earlierLoading?: boolean;
  /** Above the first message. */
  head?: ReactNode;
  /** Instead of messages, while there are none. */
  empty?: ReactNode;
  className?: string;
}

/** The messages of a conversation, newest at the bottom, read out as they come. */
export function Transcript(props: TranscriptProps) {
  const { label, lines, side, zone, now, mediaUrl, unsent = [], typing = false, onEarlier } = props;
  const last = unsent.at(-1)?.id ?? lines.at(-1)?.id;
  const stick = useStick(lines[0]?.id, `${last} ${typing}`, unsent.at(-1)?.id);
  const nothing = lines.length === 0 && unsent.length === 0;
  return (
    <div className={cn("relative min-h-0", props.className)}>
      <div
        ref={stick.box}
        onScroll={stick.onScroll}
        role="log"
        aria-label={label}
        aria-live="polite"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain px-3 -outline-offset-2 [overflow-anchor:none] [scrollbar-width:thin]"
      >
        <div ref={stick.inside} className="flex min-h-full flex-col pb-3">
          {onEarlier ? (
            <Button
              look="quiet"
              size="small"
              className="mx-auto mt-2"
              disabled={props.earlierLoading ?? false}
              onClick={onEarlier}
            >
              {props.earlierLoading ? words.earlierLoading : words.earlier}
            </Button>
          ) : null}
          {props.head}
          {nothing ? props.empty : null}
          {byDay(lines, zone).map((day) => (
            <div key={`${day.day} ${day.lines[0]?.id}`}>
              <p className="pt-3 text-center">
                <span className="rounded-full bg-hover px-2.5 py-0.5 text-small text-ink-soft">
                  {nearDay(day.at, now, zone)}
                </span>
              </p>
              {day.lines.map((line, index) => {
                const before = day.lines[index - 1];
                if (isMarker(line)) return <Marker key={line.id} line={line} zone={zone} />;
                return (
                  <Bubble
                    key={line.id}
                    line={line}
                    side={side}
                    zone={zone}
                    now={now}
                    first={
                      !before ||
                      isMarker(before) ||
                      before.author !== line.author ||
                      authorOf(before) !== authorOf(line)
                    }
                    selected={Boolean(line.turn && line.turn === props.selectedTurn)}
                    mediaUrl={mediaUrl}
                    onSelectTurn={props.onSelectTurn}
                    onReceipt={props.onReceipt}
                    actions={props.actionsOf?.(line)}
                  />
                );
              })}
            </div>
          ))}
          {unsent.map((line) => (
            <UnsentBubble
              key={line.id}
              line={line}
              side={side}
              zone={zone}
              onRetry={props.onRetry}
              onDiscard={props.onDiscard}
            />
          ))}
          {typing ? <Typing mine={side === "clinic"} /> : null}
        </div>
      </div>
      {stick.unseen ? (
        <Button
          size="small"
          onClick={stick.toEnd}
          className="enter absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-lift"
        >
          <ArrowDown aria-hidden />
          {words.newLines}
        </Button>
      ) : null}
    </div>
  );
}
