import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { MessagesSquare, SearchX } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { ConversationRow } from "@/features/conversations/conversation-row";
import { conversationsQuery, type Filter } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";
import { useNow } from "@/lib/use-now";

interface ConversationListProps {
  filter: Filter;
  search: string;
  onClear: () => void;
}

/** The conversations, the newest word first; more come as one scrolls, and the arrows pass from one to another. */
export function ConversationList({ filter, search, onClear }: ConversationListProps) {
  const { slug, timezone } = useClinic();
  const now = useNow();
  const found = useInfiniteQuery({
    ...conversationsQuery(slug, filter, search),
    placeholderData: keepPreviousData,
  });
  const rows = [
    ...new Map(found.data?.pages.flatMap((page) => page.items).map((one) => [one.id, one])).values(),
  ];
  const end = useEnd(() => {
    if (found.hasNextPage && !found.isFetching) void found.fetchNextPage();
  });

  if (found.isPending) return <ListSkeleton />;
  if (found.isError && rows.length === 0)
    return <ErrorState error={found.error} title={words.failed} onRetry={() => void found.refetch()} />;
  if (rows.length === 0) return <Nothing filter={filter} search={search} onClear={onClear} />;
  return (
    <>
      <ul
        aria-label={words.list}
        aria-busy={found.isPlaceholderData}
        onKeyDown={step}
        className={cn("transition-opacity", found.isPlaceholderData && "opacity-55")}
      >
        {rows.map((brief) => (
          <ConversationRow key={brief.id} brief={brief} now={now} zone={timezone} />
        ))}
      </ul>
      <div ref={end} className="flex justify-center p-2">
        {found.hasNextPage ? (
          <Button
            look="quiet"
            size="small"
            disabled={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {words.more}
          </Button>
        ) : null}
      </div>
    </>
  );
}

/** Up and down pass from row to row; Home and End go to the ends. */
function step(event: KeyboardEvent<HTMLUListElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(to, rows.length - 1))]?.focus();
}

/** Calls back when its element comes near the screen. */
function useEnd(reached: () => void) {
  const end = useRef<HTMLDivElement>(null);
  const call = useRef(reached);
  call.current = reached;
  useEffect(() => {
    const place = end.current;
    if (!place || typeof IntersectionObserver === "undefined") return;
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && call.current(), {
      rootMargin: "400px",
    });
    watch.observe(place);
    return () => watch.disconnect();
  });
  return end;
}

function Nothing({ filter, search, onClear }: ConversationListProps) {
  if (search)
    return (
      <EmptyState
        icon={SearchX}
        title={words.none.found}
        about={words.none.foundAbout}
        action={<Button onClick={onClear}>{words.clear}</Button>}
      />
    );
  const [title, about] = {
    all: [words.none.title, words.none.about],
    team: [words.none.team, words.none.teamAbout],
    case: [words.none.case, words.none.caseAbout],
  }[filter];
  return <EmptyState icon={MessagesSquare} title={title ?? ""} about={about} />;
}

function ListSkeleton() {
  return (
    <Loading>
      {["w-1/2", "w-2/5", "w-3/5", "w-1/3", "w-1/2", "w-2/5", "w-3/5"].map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else to be told apart by
        <div key={at} className="grid h-16.25 content-center gap-2 border-b border-line px-4">
          <Skeleton className={width} />
          <Skeleton className="h-3 w-4/5" />
        </div>
      ))}
    </Loading>
  );
}
