import type { ReactNode } from "react";
import { words } from "@/components/ui/words";
import { cn } from "@/lib/cn";

/** A bar where something will be. Wrap the shape of a list in `Loading`, which says so once. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn("breathe block h-4 rounded-sm bg-hover", className)} />;
}

/** The shape of what comes, read out as "Carregando". */
export function Loading({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="status" className={className}>
      <span className="sr-only">{words.loading}</span>
      {children}
    </div>
  );
}
