import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { words } from "@/app/words";
import { ErrorState } from "@/components/ui/error-state";

/** A page that threw, or whose code could not be fetched. The frame around it stays. */
export function PageBroke({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorState
      error={error}
      title={words.pageBroke}
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
