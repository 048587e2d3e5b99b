import { ArrowRight } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Draft } from "@/features/evals/own-queries";
import { timesSaid, whatSaid, words } from "@/features/evals/own-words";

/** What was somebody's and is invented now, side by side. */
export function Replaced({ list }: { list: Draft["replaced"] }) {
  if (!list.length) return <p className="text-ink-soft">{words.draft.nothingReplaced}</p>;
  return (
    <ul aria-label={words.draft.replaced}>
      {list.map((one) => (
        <li
          key={`${one.what} ${one.was}`}
          className="grid items-baseline gap-x-3 border-b border-line py-1.5 last:border-0 sm:grid-cols-[8rem_minmax(0,1fr)_minmax(0,1fr)]"
        >
          <span className="flex flex-wrap items-center gap-x-2 text-small text-ink-soft">
            {whatSaid(one.what)}
            {one.times > 1 ? <span className="tabular-nums">{timesSaid(one.times)}</span> : null}
          </span>
          <span className="min-w-0 text-ink-soft wrap-anywhere">
            <span className="sr-only">{`${words.draft.was}: `}</span>
            <del className="decoration-ink-faint">{one.was}</del>
          </span>
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2 wrap-anywhere">
            <ArrowRight aria-hidden className="size-3.5 self-center text-ink-faint" />
            <span className="sr-only">{`${words.draft.now}: `}</span>
            {one.now}
            {one.known ? null : <Badge means="attention">{words.draft.guessed}</Badge>}
          </span>
        </li>
      ))}
    </ul>
  );
}
