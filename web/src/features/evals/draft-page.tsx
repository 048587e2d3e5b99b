import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FlaskConical } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { DraftForm } from "@/features/evals/draft-form";
import { DraftSpan } from "@/features/evals/draft-span";
import { draftQuery, type Span } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { useClinic } from "@/lib/clinic";

interface DraftPageProps {
  conversation: string | undefined;
  span: Span;
  onSpan: (span: Span) => void;
  onSaved: (key: string) => void;
}

/** A conversation on its way to be a scenario. */
export function DraftPageView({ conversation, span, onSpan, onSaved }: DraftPageProps) {
  const { slug } = useClinic();
  const draft = useQuery({
    ...draftQuery(slug, conversation ?? "", span),
    enabled: conversation !== undefined,
  });
  return (
    <Page
      title={words.draft.title}
      about={<span className="max-sm:hidden">{words.draft.about}</span>}
      className="max-w-6xl"
    >
      {conversation ? (
        <Button asChild look="link" size="small" className="px-0">
          <Link
            to="/conversas/$conversa"
            params={{ conversa: conversation }}
            search={({ clinica }) => (clinica ? { clinica } : {})}
          >
            <ArrowLeft aria-hidden />
            {words.draft.back}
          </Link>
        </Button>
      ) : null}
      {draft.data ? (
        <>
          <DraftSpan heard={draft.data.heard} onSpan={onSpan} />
          <DraftForm key={`${span.first} ${span.last}`} draft={draft.data} onSaved={onSaved} />
        </>
      ) : draft.isError ? (
        <ErrorState error={draft.error} title={words.draft.failed} onRetry={() => void draft.refetch()} />
      ) : conversation ? (
        <Loading className="grid gap-3 pt-4">
          <Skeleton className="h-9 w-1/2" />
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </Loading>
      ) : (
        <EmptyState icon={FlaskConical} title={words.draft.none} about={words.draft.noneAbout} />
      )}
    </Page>
  );
}
