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
  return <ErrorState heading error={error} title={words.pageBroke} onRetry={again} />;
}
