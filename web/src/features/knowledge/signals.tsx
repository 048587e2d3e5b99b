import type { Finding, Passage } from "@/features/knowledge/queries";
import { score, sum, words } from "@/features/knowledge/words";

interface SignalsProps {
  passage: Passage;
  finding: Pick<Finding, "threshold" | "weight">;
  /** What the longest bar of the list stands for. */
  scale: number;
}

/** By what a passage was found: meaning and words, adding up, beside the least that counts. */
export function Signals({ passage, finding, scale }: SignalsProps) {
  const lexical = finding.weight * passage.lexical;
  const width = (value: number): string => `${(Math.max(0, Math.min(value, scale)) / scale) * 100}%`;
  const says = sum(passage.dense, lexical, passage.score);
  return (
    <div>
      <div aria-hidden className="relative my-2 h-2.5 rounded-sm bg-hover">
        <div className="flex h-full overflow-hidden rounded-sm">
          <div className="bg-accent" style={{ width: width(passage.dense) }} />
          <div
            className="bg-waiting bg-[repeating-linear-gradient(45deg,transparent_0_3px,var(--surface)_3px_5px)]"
            style={{ width: width(lexical) }}
          />
        </div>
        <div className="absolute -top-1 -bottom-1 w-0.5 bg-ink" style={{ left: width(finding.threshold) }} />
      </div>
      <p className="flex flex-wrap justify-between gap-x-3 text-small text-ink-soft tabular-nums">
        <span>{says}</span>
        <span>{`${words.ask.least} ${score(finding.threshold)}`}</span>
      </p>
    </div>
  );
}

/** What the two bars are, once above the list. */
export function SignalsLegend() {
  return (
    <p aria-hidden className="flex flex-wrap gap-x-4 text-small text-ink-soft">
      <span className="flex items-center gap-1.5">
        <span className="size-2.5 rounded-sm bg-accent" />
        {words.ask.meaning}
      </span>
      <span className="flex items-center gap-1.5">
        <span className="size-2.5 rounded-sm bg-waiting bg-[repeating-linear-gradient(45deg,transparent_0_3px,var(--surface)_3px_5px)]" />
        {words.ask.words}
      </span>
      <span className="flex items-center gap-1.5">
        <span className="h-3.5 w-0.5 bg-ink" />
        {words.ask.least}
      </span>
    </p>
  );
}
