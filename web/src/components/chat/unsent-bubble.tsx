import { Paperclip, RotateCcw, Trash2 } from "lucide-react";
import { bubbleShape } from "@/components/chat/bubble";
import type { Side, UnsentLine } from "@/components/chat/line";
import { RichText } from "@/components/chat/rich-text";
import { Tick } from "@/components/chat/tick";
import { words } from "@/components/chat/words";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { time } from "@/lib/formats";

interface UnsentBubbleProps {
  line: UnsentLine;
  side: Side;
  zone: string;
  onRetry?: ((id: string) => void) | undefined;
  onDiscard?: ((id: string) => void) | undefined;
}

/** What was written here and is not stored there yet: kept in sight until it is, or until someone lets it go. */
export function UnsentBubble({ line, side, zone, onRetry, onDiscard }: UnsentBubbleProps) {
  const failed = line.state === "failed";
  return (
    <div data-unsent={line.id} className="mt-3 flex flex-col items-end gap-1">
      <div
        className={cn(
          bubbleShape(true, side === "clinic" ? "person" : "patient"),
          failed && "border border-urgent bg-surface",
        )}
      >
        {line.file ? (
          <p className="flex items-center gap-2">
            <Paperclip aria-hidden className="size-4 shrink-0" />
            {line.file}
          </p>
        ) : null}
        {line.text ? (
          <p className="max-h-60 overflow-hidden whitespace-pre-wrap">
            <RichText text={line.text} />
          </p>
        ) : null}
        <p className="flex min-h-5 items-center justify-end gap-2 text-small text-ink-soft">
          <time dateTime={line.at}>{time(line.at, zone)}</time>
          <Tick status={failed ? "unsent" : line.state} />
        </p>
      </div>
      {failed ? (
        <div
          role="alert"
          className="flex max-w-[min(85%,34rem)] flex-wrap items-center justify-end gap-1 text-small"
        >
          {line.why ? <p className="text-ink-soft">{line.why}</p> : null}
          {line.again !== false && onRetry ? (
            <Button size="small" look="quiet" onClick={() => onRetry(line.id)}>
              <RotateCcw aria-hidden />
              {words.retry}
            </Button>
          ) : null}
          {onDiscard ? (
            <Button size="small" look="quiet" onClick={() => onDiscard(line.id)}>
              <Trash2 aria-hidden />
              {words.discard}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
