import { Link } from "@tanstack/react-router";
import { CaseBadge } from "@/features/conversations/case-badge";
import { nameOf } from "@/features/conversations/contact";
import { OwnerMark } from "@/features/conversations/owner-mark";
import type { Brief } from "@/features/conversations/queries";
import { kindSaid, waitingSaid, words } from "@/features/conversations/words";
import { isoDay, nearDay, time } from "@/lib/formats";

interface ConversationRowProps {
  brief: Brief;
  now: number;
  zone: string;
}

function whenSaid(at: string, now: number, zone: string): string {
  return isoDay(at, zone) === isoDay(now, zone) ? time(at, zone) : nearDay(at, now, zone);
}

function lastSaid({ last, owner_name }: Brief): string {
  if (!last) return words.noMessage;
  if (last.kind === "given_back" || last.kind === "came_back") return words.cameBack;
  const author = { patient: "", person: owner_name || words.team, ...words.authors }[last.author];
  return [author, last.text || kindSaid(last.kind)].filter(Boolean).join(": ");
}

/** A conversation in the list: who, the last word, who answers, what is owed. */
export function ConversationRow({ brief, now, zone }: ConversationRowProps) {
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_4rem] [content-visibility:auto] last:border-0">
      <Link
        to="/conversas/$conversa"
        params={{ conversa: brief.id }}
        search={({ turno: _, ...rest }) => rest}
        activeOptions={{ includeSearch: false }}
        className="grid min-h-16 grid-cols-[minmax(0,1fr)] content-center gap-y-0.5 px-4 py-1.5 -outline-offset-2 hover:bg-hover"
        activeProps={{ className: "bg-accent-soft hover:bg-accent-soft" }}
        data-row=""
      >
        <span className="flex items-center gap-2">
          <span className="min-w-0 grow truncate font-medium">{nameOf(brief)}</span>
          <OwnerMark brief={brief} className="max-w-28 shrink-0" />
          {brief.last ? (
            <time dateTime={brief.last.at} className="shrink-0 text-small text-ink-faint">
              {whenSaid(brief.last.at, now, zone)}
            </time>
          ) : null}
        </span>
        <span className="flex items-center gap-2">
          <span className="min-w-0 grow truncate text-small leading-6 text-ink-soft">{lastSaid(brief)}</span>
          {brief.waiting > 0 ? (
            <span
              title={waitingSaid(brief.waiting)}
              className="min-w-5 shrink-0 rounded-full bg-waiting px-1.5 text-center text-small leading-5 font-medium text-surface tabular-nums"
            >
              <span aria-hidden>{brief.waiting > 99 ? "99+" : brief.waiting}</span>
              <span className="sr-only">{waitingSaid(brief.waiting)}</span>
            </span>
          ) : null}
        </span>
        {brief.case ? (
          <span className="flex min-w-0 pb-0.5">
            <CaseBadge one={brief.case} now={now} zone={zone} />
          </span>
        ) : null}
      </Link>
    </li>
  );
}
