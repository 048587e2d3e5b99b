import { CircleSlash, Send as SendIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Tick } from "@/components/chat/tick";
import { Button } from "@/components/ui/button";
import { momentSaid } from "@/features/reports/desk-words";
import { family, waitSaid } from "@/features/reports/family-words";
import type { Reader, Sent, Whole } from "@/features/reports/queries";
import type { ReportActs } from "@/features/reports/use-report-acts";
import { words } from "@/features/reports/words";

interface FamilyProps {
  one: Whole;
  now: number;
  zone: string;
  acts: ReportActs;
  conversationLink: (id: string, label: string) => ReactNode;
}

/** What went to whom and how far it got; who else would receive it, and who may not, and why. */
export function Family({ one, now, zone, acts, conversationLink }: FamilyProps) {
  const sent = new Set(one.sends.map(({ contact_id }) => contact_id));
  const others = one.recipients.filter(({ contact_id }) => !sent.has(contact_id));
  const none = noReader(one);
  return (
    <section aria-label={words.sends} className="min-w-0">
      <h2 className="pb-1 text-title font-semibold">{words.sends}</h2>
      {one.sends.length === 0 && none ? <p className="text-attention">{none}</p> : null}
      <ul>
        {one.sends.map((send) => (
          <SendRow key={send.contact_id} send={send} now={now} zone={zone}>
            {conversationLink(send.conversation, words.talk)}
          </SendRow>
        ))}
        {others.map((reader) => (
          <ReaderRow key={reader.contact_id} reader={reader} late={over.has(one.state)} />
        ))}
      </ul>
      {one.state === "send_failed" && one.approved_how ? (
        <Button
          className="mt-3"
          disabled={acts.busy || none !== undefined}
          onClick={() => acts.ask(one, { what: "retry" })}
        >
          <SendIcon aria-hidden />
          {words.retry}
        </Button>
      ) : null}
    </section>
  );
}

const over: ReadonlySet<Whole["state"]> = new Set(["sent", "send_failed"]);

/** That nothing can go to anybody now; undefined: it can. */
export function noReader(one: Whole): string | undefined {
  if (one.recipients.length === 0) return family.nobodyListed;
  return one.recipients.every(({ barred }) => barred) ? family.nobody : undefined;
}

interface SendRowProps {
  send: Sent;
  now: number;
  zone: string;
  children: ReactNode;
}

function SendRow({ send, now, zone, children }: SendRowProps) {
  const why = waitSaid(send, now, zone);
  const at = send.sent_at ?? send.at;
  return (
    <li className="flex flex-wrap items-center gap-x-3 border-b border-line py-2">
      <span className="min-w-0 grow font-medium">{send.name}</span>
      <span className="inline-flex items-center gap-x-2 text-small text-ink-soft tabular-nums">
        <Tick status={send.status} spelled />
        <time dateTime={at}>{momentSaid(at, now, zone)}</time>
      </span>
      {children}
      {why ? <p className="w-full text-small text-ink-soft first-letter:uppercase">{why}</p> : null}
    </li>
  );
}

function ReaderRow({ reader, late }: { reader: Reader; late: boolean }) {
  const why = reader.barred ? (family.barred[reader.barred] ?? family.barredNow) : "";
  return (
    <li className="flex flex-wrap gap-x-3 border-b border-line py-2">
      <span className="min-w-0 grow font-medium">{reader.name}</span>
      {why ? (
        <span className="inline-flex items-center gap-1.5 text-small text-attention">
          <CircleSlash aria-hidden className="size-3.5 shrink-0" />
          {why}
        </span>
      ) : (
        <span className="text-small text-ink-soft tabular-nums">
          {late ? family.later : family.ends(reader.phone_ends)}
        </span>
      )}
    </li>
  );
}
