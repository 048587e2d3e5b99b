import { Clock, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Case } from "@/features/conversations/queries";
import { caseSaid } from "@/lib/case-words";
import { deadlineSaid, pressing } from "@/lib/deadline";
import type { Instant } from "@/lib/formats";

/** What a person owes, and until when. */
export function CaseBadge({ one, now, zone }: { one: Case; now: Instant; zone: string }) {
  const means = pressing(one, now);
  const Icon = means === "urgent" ? TriangleAlert : Clock;
  return (
    <Badge means={means} className="min-w-0">
      <Icon aria-hidden />
      <span className="truncate">{caseSaid(one.kind)}</span>
      <span className="shrink-0">{`· ${deadlineSaid(one.due_at, now, zone)}`}</span>
    </Badge>
  );
}
