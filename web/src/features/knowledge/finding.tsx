import { CircleCheck, CircleHelp } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { markAsked, tellingPart } from "@/features/knowledge/marks";
import type { Finding, Passage } from "@/features/knowledge/queries";
import { Signals, SignalsLegend } from "@/features/knowledge/signals";
import { placeOf, verdictOf, whyOf } from "@/features/knowledge/why";
import { words } from "@/features/knowledge/words";
import { cn } from "@/lib/cn";

const LONG = 220;

type OnOpen = (document: string, passage: string) => void;

/** What a search found, in one sentence, and then every passage it considered. */
export function FindingView({ finding, onOpen }: { finding: Finding; onOpen: OnOpen }) {
  const found = finding.considered.some((one) => one.used);
  const scale = Math.max(finding.threshold * 1.5, ...finding.considered.map((one) => one.score));
  const Icon = found ? CircleCheck : CircleHelp;
  return (
    <div className="grid gap-3">
      <p className="flex gap-2 font-medium">
        <Icon aria-hidden className={cn("mt-0.5 size-5 shrink-0", found ? "text-good" : "text-attention")} />
        <span className="min-w-0">{verdictOf(finding)}</span>
      </p>
      {finding.understood !== finding.question ? (
        <p className="text-small break-words text-ink-soft">{words.ask.understood(finding.understood)}</p>
      ) : null}
      {finding.considered.length ? (
        <>
          <SignalsLegend />
          <ol aria-label={words.ask.considered}>
            {finding.considered.map((one) => (
              <Considered key={one.id} passage={one} finding={finding} scale={scale} onOpen={onOpen} />
            ))}
          </ol>
        </>
      ) : null}
    </div>
  );
}

interface ConsideredProps {
  passage: Passage;
  finding: Finding;
  scale: number;
  onOpen: OnOpen;
}

function Considered({ passage, finding, scale, onOpen }: ConsideredProps) {
  const [whole, setWhole] = useState(false);
  const why = whyOf(passage, finding);
  return (
    <li className="border-t border-line py-3">
      <div className="flex items-start gap-2">
        <button
          type="button"
          title={words.ask.open}
          className="relative min-w-0 rounded-sm text-left font-medium text-accent underline underline-offset-4 hover:text-accent-strong touch:after:absolute touch:after:-inset-2.5"
          onClick={() => onOpen(passage.document, passage.text)}
        >
          {placeOf(passage)}
        </button>
        <span className="grow" />
        <Badge means={passage.used ? "good" : "nothing"}>
          {passage.used ? words.ask.used : words.ask.unused}
        </Badge>
      </div>
      <p className={cn("pt-1 break-words whitespace-pre-line", whole || "line-clamp-4")}>
        {markAsked(
          whole ? passage.text : tellingPart(passage.text, finding.understood),
          finding.understood,
        ).map((stretch, at) =>
          stretch.asked ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: stretches of one text never change places
            <mark key={at} className="rounded-sm bg-accent-soft font-medium text-ink">
              {stretch.text}
            </mark>
          ) : (
            stretch.text
          ),
        )}
      </p>
      {passage.text.length > LONG ? (
        <Button look="quiet" size="small" className="-ml-2.5" onClick={() => setWhole(!whole)}>
          {whole ? words.ask.less : words.ask.more}
        </Button>
      ) : null}
      <Signals passage={passage} finding={finding} scale={scale} />
      {why ? <p className="text-small text-ink-soft">{why}</p> : null}
    </li>
  );
}
