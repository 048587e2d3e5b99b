import type { RunWhole } from "@/features/evals/queries";
import { answerSaid, belowSaid, costSaid, shareSaid, words } from "@/features/evals/words";

type Given = NonNullable<RunWhole["figures"]>;

/** What a run measured; of the demonstration model only what is true of any model. */
export function Figures({ figures, offline }: { figures: Given; offline: boolean }) {
  const { share = null, low = null, high = null, p50 = null, p95 = null } = figures;
  const said: [string, string][] = [];
  if (share !== null && !offline) said.push([words.run.share, shareSaid(share, low, high)]);
  if (figures.violations_below != null && !offline)
    said.push([words.run.below, belowSaid(figures.violations_below)]);
  const answer = answerSaid(p50, p95);
  if (answer) said.push([words.run.answer, answer]);
  if (!offline) said.push([words.run.cost, costSaid(figures.cost_brl ?? 0)]);
  if (!offline && figures.cost_brl_each != null)
    said.push([words.run.costEach, costSaid(figures.cost_brl_each)]);
  if (!said.length) return null;
  return (
    <dl aria-label={words.run.numbers} className="flex flex-wrap gap-x-6 gap-y-1 text-small">
      {said.map(([name, value]) => (
        <div key={name} className="flex flex-wrap gap-x-1.5">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
