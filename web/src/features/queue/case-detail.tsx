import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Check, MessageSquareReply, UserRoundCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { ScrollArea } from "@/components/ui/scroll-area";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Due, whoSaid } from "@/features/queue/case-row";
import { caseQuery, type Intervention } from "@/features/queue/queries";
import type { CaseActs } from "@/features/queue/use-case-acts";
import { doneBy, noticeSaid, slipsSaid, withName, words } from "@/features/queue/words";
import { caseSaid } from "@/lib/case-words";
import { useClinic } from "@/lib/clinic";
import { nearDay, phone, time } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

interface CaseDetailProps {
  id: string;
  acts: CaseActs;
}

/** All that a person must know before they answer, and what they may do. */
export function CaseDetail({ id, acts }: CaseDetailProps) {
  const { slug } = useClinic();
  const { data, isError, error, refetch } = useQuery(caseQuery(slug, id));
  if (data) return <Shown one={data} acts={acts} />;
  if (isError) return <ErrorState error={error} title={words.caseFailed} onRetry={() => void refetch()} />;
  return (
    <Loading>
      <div className="grid gap-3 p-6">
        <Skeleton className="h-6 w-1/2" />
        <Skeleton className="w-3/4" />
        <Skeleton className="h-24 w-full" />
      </div>
    </Loading>
  );
}

function Shown({ one, acts }: { one: Intervention; acts: CaseActs }) {
  const { timezone: zone } = useClinic();
  const now = useNow();
  const { contact } = one.conversation;
  return (
    <section aria-label={words.number(one.number)} className="flex h-full min-h-0 min-w-0 grow flex-col">
      <header className="grid grid-cols-[minmax(0,1fr)] gap-2 border-b border-line px-2 py-2 sm:px-4">
        <div className="flex items-center gap-2">
          <Button asChild look="quiet" size="icon" className="lg:hidden">
            <Link to="/fila" search={({ caso: _, ...rest }) => rest} aria-label={words.back}>
              <ArrowLeft aria-hidden />
            </Link>
          </Button>
          <div className="min-w-0 grow">
            <h2 className="truncate text-title font-semibold">{whoSaid(one)}</h2>
            <p className="truncate text-small text-ink-soft tabular-nums">
              {[caseSaid(one.kind), words.number(one.number), contact.name && phone(contact.address)]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </div>
          <Due one={one} now={now} zone={zone} className="max-sm:hidden" />
        </div>
        <Due one={one} now={now} zone={zone} className="ml-2 justify-self-start sm:hidden" />
        <Actions one={one} acts={acts} />
      </header>
      <ScrollArea label={words.wants} className="grow">
        <Facts one={one} now={now} zone={zone} />
      </ScrollArea>
    </section>
  );
}

function Actions({ one, acts }: { one: Intervention; acts: CaseActs }) {
  const mine = acts.isMine(one);
  return (
    <div className="flex flex-wrap gap-2 max-sm:*:grow max-sm:*:first:basis-full">
      {one.status === "open" ? (
        <Button
          look="primary"
          aria-keyshortcuts="a"
          disabled={acts.busy}
          onClick={() => acts.ask({ what: "take", on: one })}
        >
          <UserRoundCheck aria-hidden />
          {words.take}
        </Button>
      ) : null}
      {one.status === "taken" && !mine ? (
        <Button disabled={acts.busy} onClick={() => acts.ask({ what: "over", on: one })}>
          <UserRoundCheck aria-hidden />
          {words.takeOver}
        </Button>
      ) : null}
      <Button asChild look={mine ? "primary" : "plain"}>
        <Link
          to="/conversas/$conversa"
          params={{ conversa: one.conversation.id }}
          search={({ clinica }) => (clinica ? { clinica } : {})}
        >
          <MessageSquareReply aria-hidden />
          {mine ? words.answer : words.open}
        </Link>
      </Button>
      {one.status === "resolved" ? null : (
        <Button disabled={acts.busy} onClick={() => acts.ask({ what: "resolve", on: one })}>
          <Check aria-hidden />
          {words.resolve}
        </Button>
      )}
    </div>
  );
}

function Facts({ one, now, zone }: { one: Intervention; now: number; zone: string }) {
  const { brief } = one;
  const at = (instant: string) => `${nearDay(instant, now, zone)}, ${time(instant, zone)}`;
  return (
    <dl className="grid max-w-2xl gap-4 px-4 py-4 sm:px-6">
      <Fact name={words.wants}>{brief.wants}</Fact>
      {one.status === "taken" ? (
        <Fact name={words.owner}>
          {[one.owner_name ?? withName(null), one.taken_at && at(one.taken_at)].filter(Boolean).join(", ")}
        </Fact>
      ) : null}
      {brief.noted && brief.noted !== brief.wants ? (
        <Fact name={words.noted}>
          <span className="whitespace-pre-line">{brief.noted}</span>
        </Fact>
      ) : null}
      {brief.whom.length ? <Fact name={words.whom}>{brief.whom.join(", ")}</Fact> : null}
      {brief.done.length ? (
        <Fact name={words.done}>
          <Lines lines={brief.done} />
        </Fact>
      ) : null}
      {brief.last_words.length ? (
        <Fact name={words.lastWords}>
          <Lines lines={brief.last_words} quoted />
        </Fact>
      ) : null}
      <Fact name={words.opened}>{at(one.opened_at)}</Fact>
      <Fact name={words.promised}>
        {[at(one.first_due_at), one.slips > 0 ? slipsSaid(one.slips) : ""].filter(Boolean).join("; ")}
      </Fact>
      {one.answered_at ? <Fact name={words.answered}>{at(one.answered_at)}</Fact> : null}
      {one.resolved_at ? (
        <Fact name={words.resolution}>
          {one.resolution ? <p className="whitespace-pre-line">{one.resolution}</p> : null}
          <p className="text-ink-soft">{doneBy(one.resolved_by, at(one.resolved_at))}</p>
        </Fact>
      ) : null}
      <Fact name={words.told}>
        {one.notified.length ? (
          <Lines
            lines={one.notified.map((each) => `${each.member}: ${noticeSaid(each.status)}, ${at(each.at)}`)}
          />
        ) : (
          <span className="text-ink-soft">{words.nobodyTold}</span>
        )}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-0.5">
      <dt className="text-small text-ink-soft">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

function Lines({ lines, quoted = false }: { lines: readonly string[]; quoted?: boolean }) {
  return (
    <ul className="grid gap-1">
      {numbered(lines).map(({ key, line }) => (
        <li
          key={key}
          className={quoted ? "border-l-2 border-line-strong pl-3 whitespace-pre-line" : undefined}
        >
          {line}
        </li>
      ))}
    </ul>
  );
}

/** The same words may be said twice, and lines never move: their place tells them apart. */
function numbered(lines: readonly string[]): { key: number; line: string }[] {
  return lines.map((line, key) => ({ key, line }));
}
