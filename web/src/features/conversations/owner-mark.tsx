import { ConciergeBell, UserRound } from "lucide-react";
import type { Brief } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { cn } from "@/lib/cn";

/** Who answers: Carol, or a person by name. */
export function OwnerMark({
  brief,
  className,
}: {
  brief: Pick<Brief, "owner" | "owner_name">;
  className?: string;
}) {
  const hers = brief.owner === "carol";
  const Icon = hers ? ConciergeBell : UserRound;
  return (
    <span
      className={cn(
        "inline-flex min-w-0 items-center gap-1 text-small",
        hers ? "text-ink-faint" : "font-medium text-waiting",
        className,
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{hers ? words.carol : brief.owner_name || words.team}</span>
    </span>
  );
}
