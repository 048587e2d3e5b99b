import { useInfiniteQuery } from "@tanstack/react-query";
import { words } from "@/app/words";
import { queueQuery } from "@/features/queue/queries";
import { cn } from "@/lib/cn";

/** How many cases nobody took: the one number that must not be missed. */
export function Waiting({ clinic }: { clinic: string }) {
  const { data } = useInfiniteQuery(queueQuery(clinic, "waiting"));
  const counts = data?.pages[0]?.counts;
  if (!counts?.waiting) return null;
  return (
    <span
      className={cn(
        "ml-auto min-w-5 rounded-full px-1.5 text-center text-small leading-5 font-medium text-surface tabular-nums max-lg:absolute max-lg:z-10 max-lg:top-1 max-lg:left-1/2 max-lg:ml-2",
        counts.urgent || counts.late ? "bg-urgent" : "bg-waiting",
      )}
    >
      <span aria-hidden>{counts.waiting > 99 ? "99+" : counts.waiting}</span>
      <span className="sr-only">{words.waiting(counts.waiting)}</span>
    </span>
  );
}
