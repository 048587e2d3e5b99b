import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { words } from "@/app/words";
import { ErrorState } from "@/components/ui/error-state";
import { connection } from "@/lib/connection";

/** A page that threw, or whose code could not be fetched. The frame around it stays; a found server is a new try. */
export function PageBroke({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = useCallback(() => {
    reset();
    void router.invalidate();
  }, [reset, router]);
  useEffect(() => connection.subscribe(() => connection.lost || again()), [again]);
  return (
    <ErrorState
      heading
      error={ours(error) ? new Error(error.message) : error}
      title={words.pageBroke}
      onRetry={again}
    />
  );
}

/** A slip of our own code, which browsers tell by the same kind of error as a server that is away. */
function ours(error: unknown): error is TypeError {
  return error instanceof TypeError && !/fetch|import|load/i.test(error.message);
}
