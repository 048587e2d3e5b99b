import { CircleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { words } from "@/components/ui/words";
import { cn } from "@/lib/cn";
import { explain } from "@/lib/problem";

interface ErrorStateProps {
  error: unknown;
  /** What could not be shown or done; the reason follows by itself. */
  title?: string;
  onRetry?: () => void;
  /** When nothing else on the page is its heading. */
  heading?: boolean;
  className?: string;
}

/** What happened, what was kept, and a way to try again. */
export function ErrorState({
  error,
  title = words.somethingBroke,
  onRetry,
  heading = false,
  className,
}: ErrorStateProps) {
  const Title = heading ? "h1" : "p";
  return (
    <div
      role="alert"
      className={cn("mx-auto grid max-w-md justify-items-center gap-2 px-4 py-12 text-center", className)}
    >
      <CircleAlert aria-hidden strokeWidth={1.5} className="size-8 text-urgent" />
      <Title className="text-title font-semibold">{title}</Title>
      <p className="text-ink-soft">{explain(error)}</p>
      {onRetry ? (
        <Button className="mt-2" onClick={onRetry}>
          {words.tryAgain}
        </Button>
      ) : null}
    </div>
  );
}
