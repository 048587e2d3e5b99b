import { RichText } from "@/components/chat/rich-text";
import { Badge, type Meaning } from "@/components/ui/badge";
import { momentSaid } from "@/features/reports/desk-words";
import type { Whole } from "@/features/reports/queries";
import { stepSaid, steps } from "@/features/reports/step-words";
import { authorSaid, basisSaid, patternSaid, problemsSaid, words } from "@/features/reports/words";

interface PartProps {
  one: Whole;
  now: number;
  zone: string;
}

const severities: Readonly<Record<string, Meaning>> = { attention: "attention", urgent: "urgent" };

/** What stands out in the report. */
export function Found({ one }: { one: Whole }) {
  if (one.patterns.length === 0) return null;
  return (
    <section aria-label={words.patterns}>
      <h2 className="pb-1 text-title font-semibold">{words.patterns}</h2>
      <ul>
        {one.patterns.map((pattern) => (
          <li
            key={`${pattern.key} ${pattern.span.start}`}
            className="flex items-start gap-x-3 border-b border-line py-2 last:border-0"
          >
            <div className="min-w-0 grow">
              <p className="first-letter:uppercase">{patternSaid(pattern)}</p>
              {basisSaid(pattern) ? <p className="text-small text-ink-soft">{basisSaid(pattern)}</p> : null}
            </div>
            <Badge means={severities[pattern.severity] ?? "nothing"}>
              {words.severity[pattern.severity]}
            </Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How it came where it is. */
export function Steps({ one, now, zone }: PartProps) {
  return (
    <section aria-label={words.steps}>
      <h2 className="pb-1 text-title font-semibold">{words.steps}</h2>
      <ol>
        {one.steps.map((step) => (
          <li
            key={`${step.at} ${step.became}`}
            className="grid gap-0.5 border-b border-line py-2 last:border-0"
          >
            <span className="flex flex-wrap gap-x-3">
              <span className="min-w-0 grow">{stepSaid(step)}</span>
              <time dateTime={step.at} className="text-small text-ink-soft">
                {momentSaid(step.at, now, zone)}
              </time>
            </span>
            {step.hand === "person" && step.why && !steps.whys[step.why] ? (
              <span className="text-small wrap-anywhere text-ink-soft">{step.why}</span>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What was written before what stands. */
export function Versions({ one, now, zone }: PartProps) {
  const before = one.drafts.filter(({ stands }) => !stands).toReversed();
  if (before.length === 0) return null;
  return (
    <section aria-label={words.versions} className="pt-8">
      <h2 className="pb-1 text-title font-semibold">{words.versions}</h2>
      {before.map((draft) => (
        <details key={draft.id} className="border-b border-line py-1 last:border-0">
          <summary className="min-h-9 py-1.5 touch:min-h-11">
            {authorSaid(draft)}
            <span className="text-small text-ink-soft tabular-nums">
              {[
                "",
                draft.at ? momentSaid(draft.at, now, zone) : "",
                draft.problems.length ? problemsSaid(draft.problems.length) : "",
              ]
                .filter((part, at) => part || at === 0)
                .join(" · ")}
            </span>
          </summary>
          <p className="max-w-[75ch] py-2 whitespace-pre-line wrap-anywhere">
            <RichText text={draft.text} />
          </p>
        </details>
      ))}
    </section>
  );
}
