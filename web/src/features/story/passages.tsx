import { FileText } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Passage, Step } from "@/features/story/types";
import { detail } from "@/features/story/words";
import { cn } from "@/lib/cn";
import { number } from "@/lib/formats";

/** What a search of the documents considered: how good each was, from where, and whether it was used. */
export function Passages({ step }: { step: Step }) {
  return (
    <div className="grid gap-2">
      <p className="text-small font-medium text-ink-soft">
        {detail.passages}
        {step.threshold != null ? ` · ${detail.threshold(step.threshold)}` : null}
      </p>
      <ul className="grid gap-2">
        {step.passages.map((passage) => (
          <Found key={passage.id} passage={passage} threshold={step.threshold ?? null} />
        ))}
      </ul>
    </div>
  );
}

function Found({ passage, threshold }: { passage: Passage; threshold: number | null }) {
  const below = threshold != null && passage.score < threshold;
  return (
    <li className="grid gap-1 rounded-md border border-line bg-surface p-2">
      <div className="flex items-start gap-2">
        <FileText aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="min-w-0 grow">
          <p className="text-small font-medium break-words">
            {passage.heading ? `${passage.title} › ${passage.heading}` : passage.title}
          </p>
          <p className="text-small break-all text-ink-faint">{passage.source}</p>
        </div>
        <Badge means={passage.used ? "good" : "nothing"}>
          {passage.used ? detail.used : below ? detail.below : detail.unused}
        </Badge>
      </div>
      <div className="flex items-center gap-2 text-small">
        <span className="sr-only">{detail.score}</span>
        <Bar score={passage.score} threshold={threshold} used={passage.used} />
        <span className="tabular-nums">{number(passage.score, 2)}</span>
      </div>
      <p className="text-small text-ink-soft tabular-nums">
        {detail.signals(passage.dense, passage.lexical)}
      </p>
      <details>
        <summary className="line-clamp-2 text-small text-ink-soft touch:min-h-11">{passage.text}</summary>
        <p className="pt-1 text-small whitespace-pre-wrap">{passage.text}</p>
      </details>
    </li>
  );
}

function percent(value: number): string {
  return `${Math.min(100, Math.max(0, value * 100))}%`;
}

function Bar({ score, threshold, used }: { score: number; threshold: number | null; used: boolean }) {
  return (
    <span aria-hidden className="relative block h-2 grow rounded-full bg-hover">
      <span
        className={cn("absolute inset-y-0 left-0 rounded-full", used ? "bg-good" : "bg-line-strong")}
        style={{ width: percent(score) }}
      />
      {threshold != null ? (
        <span
          className="absolute -inset-y-1 w-0.5 -translate-x-px bg-ink"
          style={{ left: percent(threshold) }}
        />
      ) : null}
    </span>
  );
}
