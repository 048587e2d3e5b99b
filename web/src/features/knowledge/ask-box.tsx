import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { FindingView } from "@/features/knowledge/finding";
import { findingQuery } from "@/features/knowledge/queries";
import { verdictOf } from "@/features/knowledge/why";
import { notAllRead, words } from "@/features/knowledge/words";
import { useClinic } from "@/lib/clinic";
import { readDraft, useDraft } from "@/lib/draft";

const LONGEST = 2_000;

interface AskBoxProps {
  /** What was asked, if anything. */
  question: string | undefined;
  onAsk: (question: string) => void;
  onOpen: (document: string, passage: string) => void;
  /** Documents that are not read yet. */
  unread: number;
}

/** Asks what a patient would ask, and shows what is found and why. */
export function AskBox({ question, onAsk, onOpen, unread }: AskBoxProps) {
  const { slug } = useClinic();
  const [draft, setDraft] = useDraft(`knowledge.ask.${slug}`);
  // An address that was shared or reloaded says what was asked.
  useEffect(() => {
    if (question && !readDraft(`knowledge.ask.${slug}`)) setDraft(question);
  }, [question, slug, setDraft]);
  const box = useRef<HTMLTextAreaElement>(null);
  const finding = useQuery({ ...findingQuery(slug, question ?? ""), enabled: Boolean(question) });

  function ask(text: string): void {
    const said = text.trim();
    if (!said) box.current?.focus();
    else if (said === question) void finding.refetch();
    else onAsk(said);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    ask(draft);
  }

  function press(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask(draft);
  }

  function suggest(example: string): void {
    setDraft(example);
    ask(example);
  }

  return (
    <section aria-labelledby="perguntar" className="grid content-start gap-3">
      <h2 id="perguntar" className="text-title font-semibold">
        {words.ask.title}
      </h2>
      <form onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2">
        <Field label={words.ask.label} className="contents [&>label]:col-span-2">
          {(control) => (
            <Textarea
              {...control}
              ref={box}
              rows={1}
              value={draft}
              maxLength={LONGEST}
              placeholder={words.ask.placeholder}
              onChange={(event) => setDraft(event.target.value)}
              onKeyDown={press}
              className="max-h-40"
            />
          )}
        </Field>
        <Button type="submit">{words.ask.go}</Button>
      </form>
      {unread > 0 ? <p className="text-small text-ink-soft">{notAllRead(unread)}</p> : null}
      <p role="status" className="sr-only">
        {finding.data ? verdictOf(finding.data) : null}
      </p>
      {question ? (
        <section aria-label={words.ask.asked} aria-busy={finding.isFetching}>
          {finding.data ? (
            <FindingView finding={finding.data} onOpen={onOpen} />
          ) : finding.isError ? (
            <ErrorState
              className="py-6"
              error={finding.error}
              title={words.ask.failed}
              onRetry={() => void finding.refetch()}
            />
          ) : (
            <FindingSkeleton />
          )}
        </section>
      ) : (
        <div className="flex items-center gap-2 max-sm:-mx-4 max-sm:overflow-x-auto max-sm:px-4 sm:flex-wrap">
          <span className="text-small text-ink-faint max-sm:sr-only">{words.ask.suggestions}</span>
          {words.ask.examples.map((example) => (
            <Button key={example} size="small" onClick={() => suggest(example)}>
              {example}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}

function FindingSkeleton() {
  return (
    <Loading className="grid gap-3">
      <Skeleton className="h-5 w-3/4" />
      <Skeleton className="h-24" />
      <Skeleton className="h-24" />
    </Loading>
  );
}
