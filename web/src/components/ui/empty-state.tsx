import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface EmptyStateProps {
  icon?: LucideIcon;
  /** What this place is for. */
  title: string;
  /** The first step. */
  about?: ReactNode;
  action?: ReactNode;
  /** When nothing else on the page is its heading. */
  heading?: boolean;
  className?: string;
}

/** A place with nothing in it yet. */
export function EmptyState({
  icon: Icon,
  title,
  about,
  action,
  heading = false,
  className,
}: EmptyStateProps) {
  const Title = heading ? "h1" : "p";
  return (
    <div className={cn("mx-auto grid max-w-md justify-items-center gap-2 px-4 py-12 text-center", className)}>
      {Icon ? <Icon aria-hidden strokeWidth={1.5} className="size-8 text-ink-faint" /> : null}
      <Title className="text-title font-semibold">{title}</Title>
      {about ? <div className="text-ink-soft">{about}</div> : null}
      {action ? <div className="pt-2">{action}</div> : null}
    </div>
  );
}
