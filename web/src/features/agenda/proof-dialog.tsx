import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { RichText } from "@/components/chat/rich-text";
import { CopyButton } from "@/components/copy-button";
import { Badge } from "@/components/ui/badge";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { lookOf } from "@/features/agenda/item-looks";
import { proofQuery } from "@/features/agenda/queries";
import type { Item, Proof } from "@/features/agenda/types";
import { actWords, originWords, proof as said } from "@/features/agenda/words";
import { dayAndTime, money, time } from "@/lib/formats";

/** Draws the way to a conversation; only the page knows the address. */
export type ConversationLink = (conversation: string, label: string) => ReactNode;

export interface ProofDialogProps {
  slug: string;
  zone: string;
  kind: "visit" | "hold";
  id: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  conversationLink?: ConversationLink | undefined;
}

/** Why a visit or hold stands in the agenda: what was registered, and the words that promised it. */
export function ProofDialog({
  slug,
  zone,
  kind,
  id,
  open,
  onOpenChange,
  conversationLink,
}: ProofDialogProps) {
  const proof = useQuery({ ...proofQuery(slug, kind, id), enabled: open });
  const item = proof.data?.item;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={item?.person ?? said[kind]}
      about={item ? [said[kind], item.service].filter(Boolean).join(" · ") : undefined}
    >
      {proof.data ? (
        <Whole proof={proof.data} zone={zone} conversationLink={conversationLink} />
      ) : proof.isError ? (
        <ErrorState error={proof.error} title={said.failed} onRetry={() => void proof.refetch()} />
      ) : (
        <Loading className="grid gap-3 py-2">
          <Skeleton className="w-2/3" />
          <Skeleton className="w-1/2" />
          <Skeleton className="w-1/3" />
          <Skeleton className="mt-4 h-16" />
        </Loading>
      )}
    </Dialog>
  );
}

function payment(item: Item): string {
  if (item.convenio) return item.convenio;
  return item.price_cents == null ? said.noPrice : `${money(item.price_cents / 100)}, ${said.private}`;
}

function Facts({ proof, zone }: { proof: Proof; zone: string }) {
  const { item } = proof;
  const look = lookOf(item);
  const Icon = look.icon;
  const when = `${dayAndTime(item.starts_at, zone)} – ${time(item.ends_at, zone)}`;
  const facts: [string, ReactNode][] = [
    [
      said.status,
      <Badge key="status" means={look.means}>
        <Icon aria-hidden />
        {look.word}
      </Badge>,
    ],
    [said.when, when],
    [said.professional, proof.professional],
  ];
  const place = [item.unit, item.room].filter(Boolean).join(" · ");
  if (place) facts.push([said.place, place]);
  if (item.kind === "visit") facts.push([said.payment, payment(item)]);
  if (item.expires_at) facts.push([said.until, time(item.expires_at, zone)]);
  if (item.booked_by) facts.push([said.origin, originWords[item.booked_by] ?? said.otherOrigin]);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 pt-2">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-small text-ink-faint">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function before(receipt: Proof["receipts"][number]): string {
  const summary: unknown = receipt.result.summary;
  const label =
    typeof summary === "object" && summary !== null && "from_label" in summary && summary.from_label;
  return typeof label === "string" && label ? said.before(label) : "";
}

interface WholeProps {
  proof: Proof;
  zone: string;
  conversationLink: ConversationLink | undefined;
}

function Whole({ proof, zone, conversationLink }: WholeProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Facts proof={proof} zone={zone} />
      <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <h3 className="font-semibold">{said.receipts}</h3>
        {proof.receipts.length ? null : <p className="text-ink-soft">{said.noReceipts}</p>}
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
          {proof.receipts.map((receipt) => (
            <li key={receipt.id} className="border-l-2 border-accent pl-3">
              <p>
                {actWords[receipt.tool] ?? said.otherAct}
                <span className="text-small text-ink-soft">{` · ${dayAndTime(receipt.at, zone)}`}</span>
              </p>
              {before(receipt) ? <p className="text-small text-ink-soft">{before(receipt)}</p> : null}
              <Id label={said.receipt} id={receipt.id} />
            </li>
          ))}
        </ol>
      </section>
      <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <h3 className="font-semibold">{said.promises}</h3>
        {proof.promises.length ? null : <p className="text-ink-soft">{said.noPromises}</p>}
        {proof.promises.map((promise) => (
          <figure
            key={promise.message}
            className="grid grid-cols-[minmax(0,1fr)] gap-1 rounded-md bg-sunken p-3"
          >
            <blockquote className="break-words whitespace-pre-wrap">
              <RichText text={promise.text} />
            </blockquote>
            <figcaption className="flex flex-wrap items-center justify-between gap-2 text-small text-ink-soft">
              <time dateTime={promise.at}>{dayAndTime(promise.at, zone)}</time>
              {conversationLink?.(promise.conversation, said.conversation)}
            </figcaption>
          </figure>
        ))}
        {!proof.promises.length && proof.item.conversation
          ? conversationLink?.(proof.item.conversation, said.conversation)
          : null}
      </section>
      <Id label={said.id} id={proof.item.id} />
    </div>
  );
}

function Id({ label, id }: { label: string; id: string }) {
  return (
    <div className="flex items-center gap-2 text-small text-ink-faint">
      <p className="min-w-0 grow truncate" title={id}>
        {label} <code>{id}</code>
      </p>
      <CopyButton text={id} label={said.copy} done={said.copied} about={label} />
    </div>
  );
}
