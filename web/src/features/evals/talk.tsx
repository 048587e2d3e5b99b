import { ListTree, Mic, ThumbsUp } from "lucide-react";
import { bubbleShape } from "@/components/chat/bubble";
import { RichText } from "@/components/chat/rich-text";
import { Button } from "@/components/ui/button";
import type { TrialTurn } from "@/features/evals/queries";
import { turnCost, words } from "@/features/evals/trial-words";
import { cn } from "@/lib/cn";

interface TalkProps {
  turns: readonly TrialTurn[];
  /** The turn whose story is told, from 1. */
  chosen: number;
  onChoose: (turn: number) => void;
}

/** What was said, as the invented patient's phone shows it, and under each answer what Carol did for it. */
export function Talk({ turns, chosen, onChoose }: TalkProps) {
  if (!turns.length) return <p className="text-ink-soft">{words.nothingSaid}</p>;
  return (
    <ol className="grid gap-4 rounded-lg border border-line bg-sunken p-3">
      {numbered(turns).map(({ turn, at }) => (
        <li
          key={at}
          className={cn(
            "grid gap-1 rounded-md",
            at === chosen && "outline-2 outline-offset-4 outline-accent",
          )}
        >
          {texts(turn.said).map(({ text, key }) => (
            <Said key={key} text={text} mine name={words.patient} spoken={turn.spoken ?? false} />
          ))}
          {turn.agrees ? (
            <p className="flex items-center justify-end gap-1.5 text-small text-ink-soft">
              <ThumbsUp aria-hidden className="size-3.5" />
              {words.agrees}
            </p>
          ) : null}
          {texts(turn.replies).map(({ text, key }) => (
            <Said key={key} text={text} mine={false} name={words.carol} spoken={false} />
          ))}
          {turn.replies.length ? null : <p className="text-small text-ink-soft italic">{words.silent}</p>}
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5 pt-0.5 text-small text-ink-soft">
            <Button
              look="quiet"
              size="small"
              aria-pressed={at === chosen}
              aria-label={words.open(at)}
              title={words.open(at)}
              onClick={() => onChoose(at)}
              className="px-1.5 aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
            >
              <ListTree aria-hidden />
              {words.turn(at)}
            </Button>
            <span className="ml-auto tabular-nums">{turnCost(turn)}</span>
            {turn.calls.length ? (
              <ul aria-label={words.did} className="flex w-full min-w-0 flex-wrap gap-x-1.5 px-1.5">
                {turn.calls.map((call, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: what was played does not change
                  <li key={place} className={cn(call.ok || "text-attention")}>
                    {place < turn.calls.length - 1 ? `${call.told};` : call.told}
                  </li>
                ))}
              </ul>
            ) : null}
          </div>
        </li>
      ))}
    </ol>
  );
}

interface SaidProps {
  text: string;
  mine: boolean;
  name: string;
  spoken: boolean;
}

function Said({ text, mine, name, spoken }: SaidProps) {
  return (
    <div className={cn("flex", mine && "flex-row-reverse")}>
      <div className={cn(bubbleShape(mine, mine ? "patient" : "carol"), "pb-1.5")}>
        <p className="sr-only">{name}</p>
        {spoken ? (
          <p className="flex items-center gap-1 text-small text-ink-soft">
            <Mic aria-hidden className="size-3.5" />
            {words.spoken}
          </p>
        ) : null}
        <p className="whitespace-pre-wrap">
          <RichText text={text} />
        </p>
      </div>
    </div>
  );
}

function numbered(turns: readonly TrialTurn[]): { turn: TrialTurn; at: number }[] {
  return turns.map((turn, place) => ({ turn, at: place + 1 }));
}

function texts(lines: readonly string[]): { text: string; key: number }[] {
  return lines.map((text, key) => ({ text, key }));
}
