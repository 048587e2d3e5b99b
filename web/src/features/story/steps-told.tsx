import { Path } from "@/features/story/graph";
import { StoryLine } from "@/features/story/story-line";
import { tellTurn } from "@/features/story/tell";
import type { Step, Turn } from "@/features/story/types";
import { words } from "@/features/story/words";

interface StepsToldProps {
  steps: readonly Step[];
  outcome: string;
  /** How many messages were answered together, and how many went out. */
  said: number;
  replied: number;
}

/** The story of a turn that is no row of this clinic any more: a scenario's, played in a copy. */
export function StepsTold({ steps, outcome, said, replied }: StepsToldProps) {
  const turn: Turn = {
    id: "",
    conversation: "",
    status: "adopted",
    outcome,
    model: null,
    started_at: "",
    seconds: null,
    tokens_in: 0,
    tokens_out: 0,
    cost_brl: "0",
    limits: {},
    steps: [...steps],
    answered: Array.from({ length: said }, (_, at) => String(at)),
    replies: Array.from({ length: replied }, (_, at) => String(at)),
  };
  const lines = tellTurn(turn);
  return (
    <section aria-label={words.title} className="min-w-0">
      <Path turn={turn} />
      <ol aria-label={words.steps} className="py-2">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was played does not change
          <StoryLine key={at} line={line} fresh={false} />
        ))}
      </ol>
    </section>
  );
}
