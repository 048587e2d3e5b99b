import {
  Check,
  CircleAlert,
  Clock,
  LoaderCircle,
  type LucideIcon,
  OctagonAlert,
  PencilLine,
  Send,
  TriangleAlert,
} from "lucide-react";
import { Badge, type Meaning } from "@/components/ui/badge";
import type { Brief, State } from "@/features/reports/queries";
import { fallbackSaid, words } from "@/features/reports/words";
import { deadlineSaid } from "@/lib/deadline";

const looks: Readonly<Record<State, [LucideIcon, Meaning]>> = {
  pending: [Clock, "waiting"],
  processing: [LoaderCircle, "waiting"],
  approved: [Send, "waiting"],
  failed: [CircleAlert, "attention"],
  review: [PencilLine, "attention"],
  fallback: [Send, "waiting"],
  sent: [Check, "good"],
  send_failed: [CircleAlert, "urgent"],
};

/** Where a report stands. */
export function StateBadge({ state }: { state: State }) {
  const [Icon, means] = looks[state];
  return (
    <Badge means={means}>
      <Icon aria-hidden />
      {words.states[state]}
    </Badge>
  );
}

/** How long until the fallback text goes; nothing unless somebody may still decide. */
export function Due({ one, now, zone }: { one: Brief; now: number; zone: string }) {
  if (one.state !== "review") return null;
  if (!one.review_due_at)
    return (
      <Badge means="urgent">
        <TriangleAlert aria-hidden />
        {words.noDeadline}
      </Badge>
    );
  const soon = new Date(one.review_due_at).getTime() - now < 30 * 60_000;
  const Icon = soon ? TriangleAlert : Clock;
  return (
    <Badge means={soon ? "urgent" : "nothing"} title={deadlineSaid(one.review_due_at, now, zone)}>
      <Icon aria-hidden />
      {fallbackSaid(one.review_due_at, now)}
    </Badge>
  );
}

/** What stands out in it, where that is more than to know. */
export function Gravity({ one }: { one: Brief }) {
  if (one.severity !== "urgent" && one.severity !== "attention") return null;
  const urgent = one.severity === "urgent";
  return (
    <Badge means={urgent ? "urgent" : "attention"}>
      {urgent ? <OctagonAlert aria-hidden /> : <TriangleAlert aria-hidden />}
      {words.severity[one.severity]}
    </Badge>
  );
}
