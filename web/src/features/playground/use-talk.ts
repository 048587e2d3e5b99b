import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type Conversation,
  type Receipt,
  type Rehearsal,
  talksQuery,
  transcriptQuery,
} from "@/features/playground/queries";
import { clinicKey } from "@/lib/clinic";

/** While Carol thinks the stream tells; should it miss something, the transcript is read again all the same. */
const ASK_AGAIN = 4_000;

export interface Talk {
  /** Null while nothing was said. */
  id: string | null;
  /** Its newest page: who speaks, what is open. */
  newest: Conversation | undefined;
  messages: Conversation["messages"];
  receipts: Receipt[];
  newestTurn: string | null;
  pending: boolean;
  error: unknown;
  retry: () => void;
  onEarlier: (() => void) | undefined;
  earlierLoading: boolean;
}

function newestOf(turns: Conversation["turns"]): string | null {
  return (
    turns.reduce<Conversation["turns"][number] | null>(
      (last, turn) => (last && last.started_at > turn.started_at ? last : turn),
      null,
    )?.id ?? null
  );
}

function digits(person: string): string {
  return /^\+?\d{8,15}$/.test(person) ? person.replace("+", "") : person.trim().toLowerCase();
}

/** The conversation of a person in a rehearsal, as far back as it was asked for. */
export function useTalk(rehearsal: Rehearsal, person: string | null): Talk {
  const talks = useQuery(talksQuery(rehearsal));
  const id = person ? (talks.data.find((talk) => digits(talk.person) === digits(person))?.id ?? null) : null;
  const found = useInfiniteQuery({
    ...(id
      ? transcriptQuery(rehearsal.slug, id)
      : { ...transcriptQuery(rehearsal.slug, ""), queryKey: clinicKey(rehearsal.slug, "nothing said") }),
    enabled: id !== null,
    refetchInterval: (query) => {
      const first = query.state.data?.pages[0];
      return first && (first.busy || first.waiting > 0) ? ASK_AGAIN : false;
    },
  });
  const pages = found.data?.pages;
  const messages = useMemo(() => pages?.toReversed().flatMap((page) => page.messages) ?? [], [pages]);
  const receipts = useMemo(() => pages?.flatMap((page) => page.receipts) ?? [], [pages]);
  return {
    id,
    newest: pages?.[0],
    messages,
    receipts,
    newestTurn: newestOf(pages?.[0]?.turns ?? []),
    pending: id !== null && found.isPending,
    error: found.isError && !found.data ? found.error : null,
    retry: () => void found.refetch(),
    onEarlier: found.hasNextPage ? () => void found.fetchNextPage() : undefined,
    earlierLoading: found.isFetchingNextPage,
  };
}
