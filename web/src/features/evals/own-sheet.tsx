import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessageSquareText, Pencil } from "lucide-react";
import { bubbleShape } from "@/components/chat/bubble";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { checksOf, linesOf, othersOf } from "@/features/evals/document";
import { ExpectedRows } from "@/features/evals/expected-rows";
import { type OwnWhole, ownOneQuery } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { SaidChecks } from "@/features/evals/said-checks";
import { words as told } from "@/features/evals/trial-words";
import { useClinic } from "@/lib/clinic";

/** One of the clinic's own: what is said, and what must be there at the end. */
export function OwnSheet({ chosen, onClose }: { chosen: string | undefined; onClose: () => void }) {
  const { slug } = useClinic();
  const found = useQuery({ ...ownOneQuery(slug, chosen ?? ""), enabled: chosen !== undefined });
  return (
    <Sheet
      open={chosen !== undefined}
      onOpenChange={(open) => open || onClose()}
      title={found.data?.title ?? words.list}
      className="w-[min(40rem,100vw)]"
    >
      {found.data ? (
        <Shown one={found.data} />
      ) : found.isError ? (
        <ErrorState error={found.error} title={words.sheetFailed} onRetry={() => void found.refetch()} />
      ) : (
        <Loading className="grid gap-2">
          <Skeleton className="h-4 w-1/2" />
          <Skeleton className="h-24" />
          <Skeleton className="h-24" />
        </Loading>
      )}
    </Sheet>
  );
}

function Shown({ one }: { one: OwnWhole }) {
  const lines = linesOf(one.scenario);
  const others = othersOf(one.scenario);
  const patient = one.scenario.patient as { mode?: string } | undefined;
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Button asChild size="small">
          <Link
            to="/provas/da-clinica/$prova"
            params={{ prova: one.key }}
            search={({ clinica }) => (clinica ? { clinica } : {})}
          >
            <Pencil aria-hidden />
            {words.edit.open}
          </Link>
        </Button>
        {one.conversation ? (
          <Button asChild look="link" size="small" className="px-0">
            <Link
              to="/conversas/$conversa"
              params={{ conversa: one.conversation }}
              search={({ clinica }) => (clinica ? { clinica } : {})}
            >
              <MessageSquareText aria-hidden />
              {words.openConversation}
            </Link>
          </Button>
        ) : null}
      </div>
      <section className="grid gap-2">
        <h3 className="font-medium">{words.lines}</h3>
        {patient?.mode && patient.mode !== "script" ? (
          <p className="text-small text-ink-soft">{words.reacts}</p>
        ) : null}
        <ol className="grid gap-2 rounded-lg bg-sunken p-3">
          {numbered(lines).map(({ line, at }) => (
            <li key={at} className="grid justify-items-end gap-0.5">
              {numbered(line.say).map(({ line: text, at: place }) => (
                <p key={place} className={bubbleShape(true, "patient")}>
                  {text}
                </p>
              ))}
              {line.agrees ? <span className="text-small text-ink-soft">{told.agrees}</span> : null}
            </li>
          ))}
        </ol>
      </section>
      <section className="grid gap-2">
        <h3 className="font-medium">{words.expected}</h3>
        <ExpectedRows document={one.scenario} />
      </section>
      {checksOf(one.scenario).length ? (
        <section className="grid gap-2">
          <h3 className="font-medium">{words.said}</h3>
          <SaidChecks document={one.scenario} />
        </section>
      ) : null}
      {others ? <Raw title={words.others} value={others} /> : null}
      <Raw title={words.document} value={one.scenario} />
    </div>
  );
}

function Raw({ title, value }: { title: string; value: unknown }) {
  return (
    <details>
      <summary className="w-fit text-small text-ink-soft touch:py-2.5">{title}</summary>
      <pre className="rounded-md bg-sunken p-3 text-small wrap-anywhere whitespace-pre-wrap">
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}

function numbered<One>(lines: readonly One[]): { line: One; at: number }[] {
  return lines.map((line, at) => ({ line, at }));
}
