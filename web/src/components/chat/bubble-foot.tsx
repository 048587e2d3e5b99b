import { ReceiptText, Shuffle } from "lucide-react";
import { useState } from "react";
import { ClaimsList, ClaimsMark } from "@/components/chat/claims";
import type { ChatLine } from "@/components/chat/line";
import { otherWireSaid, whySaid } from "@/components/chat/send-words";
import { Tick } from "@/components/chat/tick";
import { words } from "@/components/chat/words";
import { dayAndTime, type Instant, time } from "@/lib/formats";

interface BubbleFootProps {
  line: ChatLine;
  /** How far it got, as the one who holds this screen reads it. */
  status: string | null;
  zone: string;
  now: Instant;
  selected: boolean;
  onSelectTurn?: ((turn: string) => void) | undefined;
  onReceipt?: ((receipt: string) => void) | undefined;
}

/** Under the words: what stands behind them, when they were said, how far they got and why no further. */
export function BubbleFoot(props: BubbleFootProps) {
  const { line, status, zone, now, onReceipt } = props;
  const [open, setOpen] = useState(false);
  const claims = onReceipt ? (line.commitments ?? []) : [];
  const why = whySaid(line, now, zone);
  return (
    <>
      {open && claims.length ? <ClaimsList claims={claims} /> : null}
      <div className="flex min-h-5 flex-wrap items-center justify-end gap-x-3 text-small text-ink-soft">
        {onReceipt
          ? line.receipts.map((receipt, index) => (
              <button
                key={receipt}
                type="button"
                onClick={() => onReceipt(receipt)}
                className="inline-flex min-h-6 items-center gap-1 rounded-sm whitespace-nowrap text-accent hover:underline touch:min-h-11"
              >
                <ReceiptText aria-hidden className="size-3.5" />
                {line.receipts.length > 1 ? `${words.receipt} ${index + 1}` : words.receipt}
              </button>
            ))
          : null}
        {claims.length ? <ClaimsMark claims={claims} open={open} onToggle={() => setOpen(!open)} /> : null}
        <span className="ml-auto inline-flex items-center gap-2">
          <When {...props} />
          {status ? <Tick status={status} spelled={why !== null} /> : null}
        </span>
      </div>
      {why ? <p className="pb-1 text-right text-small text-ink-soft">{why}</p> : null}
      {line.wire ? (
        <p className="flex items-start gap-1.5 pb-1 text-small text-ink-soft">
          <Shuffle aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          {otherWireSaid(line.wire, !["queued", "sending"].includes(line.status ?? ""))}
        </p>
      ) : null}
    </>
  );
}

/** When it was said; where a turn is behind it, the way to its story. */
function When({ line, zone, selected, onSelectTurn }: BubbleFootProps) {
  const turn = onSelectTurn ? line.turn : null;
  return (
    <time dateTime={line.at} title={dayAndTime(line.at, zone)}>
      {turn ? (
        <button
          type="button"
          aria-pressed={selected}
          onClick={() => onSelectTurn?.(turn)}
          className="relative min-h-6 rounded-sm hover:text-ink hover:underline touch:after:absolute touch:after:-inset-3"
        >
          {time(line.at, zone)}
          <span className="sr-only">{`. ${words.story}`}</span>
        </button>
      ) : (
        time(line.at, zone)
      )}
    </time>
  );
}
