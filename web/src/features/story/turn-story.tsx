import { useQuery } from "@tanstack/react-query";
import { ListTree } from "lucide-react";
import { useEffect, useRef } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Path } from "@/features/story/graph";
import { turnQuery } from "@/features/story/queries";
import { StoryLine } from "@/features/story/story-line";
import { Summary } from "@/features/story/summary";
import { tellTurn } from "@/features/story/tell";
import type { Turn } from "@/features/story/types";
import { words } from "@/features/story/words";
import { useClinic } from "@/lib/clinic";

export interface TurnStoryProps {
  /** The clinic, or a rehearsal's sandbox. */
  slug: string;
  conversationId: string;
  /** Absent while there is no turn to tell. */
  turnId: string | null | undefined;
  /** Opens what stands behind a receipt. */
  onReceipt?: ((receiptId: string) => void) | undefined;
  /** Whether the turn may still be growing. */
  live?: boolean;
}

/** What Carol did in one turn and why, top to bottom, with the technical truth one click deeper. */
export function TurnStory({ turnId, ...rest }: TurnStoryProps) {
  if (!turnId) return <EmptyState icon={ListTree} title={words.none} about={words.noneAbout} />;
  return <Told key={turnId} turnId={turnId} {...rest} />;
}

function Told({ slug, conversationId, turnId, onReceipt, live = true }: TurnStoryProps & { turnId: string }) {
  const turn = useQuery(turnQuery(slug, conversationId, turnId, live));
  if (turn.data) return <Story turn={turn.data} onReceipt={onReceipt} />;
  if (turn.isError)
    return <ErrorState error={turn.error} title={words.failed} onRetry={() => void turn.refetch()} />;
  return <StorySkeleton />;
}

function Story({ turn, onReceipt }: { turn: Turn; onReceipt: TurnStoryProps["onReceipt"] }) {
  const zone = useClinic().timezone;
  const running = turn.status === "running";
  const seen = useRef(running ? 0 : Number.POSITIVE_INFINITY);
  const lines = tellTurn(turn);
  const known = seen.current;
  useEffect(() => {
    seen.current = Math.max(seen.current, lines.length);
  }, [lines.length]);
  return (
    <section aria-label={words.title} className="min-w-0">
      <Summary turn={turn} zone={zone} />
      <Path turn={turn} />
      <ol aria-label={words.steps} className="py-2">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
          <StoryLine key={at} line={line} fresh={at >= known} onReceipt={onReceipt} />
        ))}
      </ol>
      <p role="status" className="px-4 pb-3 pl-11 text-ink-soft">
        {running ? <span className="breathe inline-block">{words.thinking}</span> : null}
      </p>
    </section>
  );
}

function StorySkeleton() {
  return (
    <Loading className="grid gap-3 p-4">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="w-3/4" />
      <Skeleton className="mt-4 w-2/3" />
      <Skeleton className="w-1/2" />
      <Skeleton className="w-3/5" />
      <Skeleton className="w-2/5" />
      <Skeleton className="w-1/2" />
    </Loading>
  );
}
