import { Link } from "@tanstack/react-router";
import { MessageCircleX } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { words } from "@/features/conversations/words";
import { Problem } from "@/lib/problem";

/** A conversation that could not be opened; without an error, or with a 404, it is not of this clinic. */
export function Unopened({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  const gone = !error || (error instanceof Problem && [404, 422].includes(error.status));
  return (
    <div className="grid h-full min-w-0 grow place-items-center">
      {gone ? (
        <EmptyState
          icon={MessageCircleX}
          title={words.gone}
          action={
            <Button asChild>
              <Link to="/conversas" search={({ turno: _, ...rest }) => rest}>
                {words.back}
              </Link>
            </Button>
          }
        />
      ) : (
        <ErrorState error={error} title={words.openFailed} onRetry={onRetry} />
      )}
    </div>
  );
}

/** The shape of a transcript while it comes. */
export function TranscriptSkeleton() {
  return (
    <Loading className="flex h-full min-w-0 grow flex-col gap-3">
      <div className="grid gap-2 border-b border-line p-4">
        <Skeleton className="h-5 w-48" />
        <Skeleton className="h-3 w-32" />
      </div>
      <div className="flex grow flex-col justify-end gap-3 p-4">
        <Skeleton className="h-12 w-3/5 rounded-lg" />
        <Skeleton className="h-20 w-2/3 self-end rounded-lg" />
        <Skeleton className="h-12 w-2/5 rounded-lg" />
        <Skeleton className="h-24 w-3/5 self-end rounded-lg" />
      </div>
      <div className="border-t border-line p-4">
        <Skeleton className="h-9" />
      </div>
    </Loading>
  );
}
