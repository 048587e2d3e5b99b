import { Badge, type Meaning } from "@/components/ui/badge";
import type { Turn } from "@/features/story/types";
import { words } from "@/features/story/words";
import { dayAndTime, elapsed, money } from "@/lib/formats";

const meanings: Readonly<Record<string, Meaning>> = {
  running: "waiting",
  superseded: "nothing",
  failed: "urgent",
  spoke: "good",
  silent: "nothing",
  handed_over: "attention",
  emergency: "urgent",
  held: "attention",
};

/** What a turn cost; "" when nothing was asked of any model. */
export function costWords(turn: Turn): string {
  const thoughts = turn.steps.filter((step) => step.step === "think" && step.model);
  if (!thoughts.length) return Number(turn.cost_brl) ? money(turn.cost_brl, true) : "";
  const known = money(turn.cost_brl, true);
  if (thoughts.every((step) => step.cost_brl != null)) return known;
  return Number(turn.cost_brl) ? words.summary.atLeast(known) : words.summary.noPrice;
}

function modelWords(model: string | null): string {
  if (!model) return words.summary.noModel;
  return model === "offline" ? words.summary.demonstration : model;
}

/** How a turn went, in one line. */
export function Summary({ turn, zone }: { turn: Turn; zone: string }) {
  const state = turn.status === "adopted" ? (turn.outcome ?? "done") : turn.status;
  const outcome = words.outcome[state as keyof typeof words.outcome] ?? words.outcome.done;
  const cost = costWords(turn);
  const estimated = turn.steps.some((step) => step.tokens_estimated);
  const facts: [string, string][] = [[words.summary.model, modelWords(turn.model)]];
  if (turn.seconds != null) facts.push([words.summary.time, elapsed(turn.seconds * 1000)]);
  if (cost) facts.push([words.summary.cost, cost]);
  if (turn.tokens_in || turn.tokens_out) {
    const sizes = words.summary.sizes(turn.tokens_in, turn.tokens_out);
    facts.push([words.summary.size, estimated ? `${sizes} (${words.summary.estimated})` : sizes]);
  }
  return (
    <header className="grid gap-1 border-b border-line px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <Badge means={meanings[state] ?? "nothing"}>{outcome}</Badge>
        <time dateTime={turn.started_at} className="text-small text-ink-faint">
          {dayAndTime(turn.started_at, zone)}
        </time>
      </div>
      <dl aria-label={words.summary.label} className="flex flex-wrap gap-x-4 gap-y-0.5 text-small">
        {facts.map(([name, value]) => (
          <div
            key={name}
            className="flex gap-1.5"
            title={name === words.summary.size ? words.summary.sizesAbout : undefined}
          >
            <dt className="text-ink-faint">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}
