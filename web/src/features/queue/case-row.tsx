import { Link } from "@tanstack/react-router";
import { Clock, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Intervention } from "@/features/queue/queries";
import { withName, words } from "@/features/queue/words";
import { caseSaid } from "@/lib/case-words";
import { cn } from "@/lib/cn";
import { deadlineSaid, distanceSaid, pressing } from "@/lib/deadline";
import { nearDay, phone, relative, time } from "@/lib/formats";

interface CaseRowProps {
  one: Intervention;
  now: number;
  zone: string;
}

/** Who waits, for what, until when: a line one can act on at a glance. */
export function CaseRow({ one, now, zone }: CaseRowProps) {
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_5.5rem] [content-visibility:auto] last:border-0">
      <Link
        to="/fila"
        search={(before) => ({ ...before, caso: one.id })}
        activeOptions={{ includeSearch: true }}
        className="grid grid-cols-[minmax(0,1fr)] gap-y-1 px-4 py-2.5 -outline-offset-2 hover:bg-hover"
        activeProps={{ className: "bg-accent-soft hover:bg-accent-soft" }}
        data-row=""
      >
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 grow truncate font-medium">{whoSaid(one)}</span>
          <span className="shrink-0 text-small text-ink-soft tabular-nums">{whenSaid(one, now, zone)}</span>
        </span>
        <span className="line-clamp-2 text-ink-soft">{one.brief.wants}</span>
        <span className="flex min-w-0 items-center gap-2 text-small text-ink-soft">
          <span className="min-w-0 grow truncate">
            <span className={one.urgent ? "font-medium text-urgent" : undefined}>{caseSaid(one.kind)}</span>
            {one.status === "taken" ? ` · ${withName(one.owner_name)}` : null}
          </span>
          <Due one={one} now={now} zone={zone} />
        </span>
      </Link>
    </li>
  );
}

/** The contact's name, else the address. */
export function whoSaid(one: Intervention): string {
  const { contact } = one.conversation;
  return contact.name || phone(contact.address);
}

/** How long ago it was opened; once resolved, when that was. */
function whenSaid(one: Intervention, now: number, zone: string): string {
  if (one.status === "resolved" && one.resolved_at)
    return `${nearDay(one.resolved_at, now, zone)}, ${time(one.resolved_at, zone)}`;
  return relative(one.opened_at, now, zone);
}

/** The deadline: how far, in colour and in words. */
export function Due({ one, now, zone, className }: CaseRowProps & { className?: string }) {
  if (one.status === "resolved" || one.answered_at) return null;
  const means = pressing(one, now);
  const Icon = means === "urgent" ? TriangleAlert : Clock;
  const near = Math.abs(new Date(one.due_at).getTime() - now) < 12 * 3_600_000;
  return (
    <Badge means={means} className={cn("shrink-0", className)} title={deadlineSaid(one.due_at, now, zone)}>
      <Icon aria-hidden />
      {one.urgent ? <span className="sr-only">{words.urgent}</span> : null}
      {near ? distanceSaid(one.due_at, now) : deadlineSaid(one.due_at, now, zone)}
    </Badge>
  );
}
