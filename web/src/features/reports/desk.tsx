import { useQuery } from "@tanstack/react-query";
import { BellRing, FileText, ListChecks, ListTodo, Play } from "lucide-react";
import type { ReactNode } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Alerts } from "@/features/reports/alerts";
import { words } from "@/features/reports/desk-words";
import { Figures } from "@/features/reports/figures";
import { History } from "@/features/reports/history";
import { deskQuery, todayQuery, type View } from "@/features/reports/queries";
import { Runs } from "@/features/reports/runs";
import { System, UnderWay } from "@/features/reports/system";
import { useDeskActs } from "@/features/reports/use-desk-acts";
import { useClinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

interface DeskProps {
  /** A link to one of the lists of reports. */
  linkTo: (view: View, children: ReactNode, className?: string) => ReactNode;
}

/** How the reports to families go: what runs, how it went, what asks for somebody. */
export function Desk({ linkTo }: DeskProps) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const desk = useQuery(deskQuery(slug));
  const today = useQuery(todayQuery(slug));
  const acts = useDeskActs(slug);
  const about = desk.data?.connected ? <System desk={desk.data} now={now} zone={zone} /> : undefined;
  const start = desk.data?.connected ? (
    <Button look="primary" disabled={acts.beginning || desk.data.running !== null} onClick={acts.begin}>
      <Play aria-hidden />
      {words.run}
    </Button>
  ) : undefined;
  return (
    <Page title={words.title} about={about} actions={start}>
      {desk.data ? (
        desk.data.connected ? (
          <>
            {desk.data.running ? <UnderWay run={desk.data.running} /> : null}
            <div className="grid gap-8">
              {today.data ? (
                <Figures found={today.data} linkTo={linkTo} />
              ) : today.isError ? (
                <ErrorState error={today.error} title={words.failed} onRetry={() => void today.refetch()} />
              ) : (
                <FiguresLoading />
              )}
              <div className="grid gap-8 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
                <div className="grid content-start gap-8 lg:order-last">
                  {today.data ? (
                    <Alerts alerts={today.data.alerts} acts={acts} now={now} zone={zone} />
                  ) : null}
                  <Quick acts={acts} linkTo={linkTo} />
                </div>
                <History />
              </div>
              <Runs now={now} />
            </div>
          </>
        ) : (
          <EmptyState
            icon={FileText}
            title={words.empty.title}
            about={
              <>
                <p>{words.empty.about}</p>
                <p className="pt-3">
                  {words.empty.step.map((part, place) =>
                    place % 2 ? (
                      <code key={part} className="rounded-xs bg-sunken px-1 text-small">
                        {part}
                      </code>
                    ) : (
                      part
                    ),
                  )}
                </p>
              </>
            }
          />
        )
      ) : desk.isError ? (
        <ErrorState error={desk.error} title={words.failed} onRetry={() => void desk.refetch()} />
      ) : (
        <FiguresLoading />
      )}
      <SignDialog {...acts.signing} />
    </Page>
  );
}

function Quick({ acts, linkTo }: DeskProps & { acts: ReturnType<typeof useDeskActs> }) {
  return (
    <section aria-label={words.quick} className="grid gap-2">
      <h2 className="text-title font-semibold">{words.quick}</h2>
      <div className="flex flex-wrap gap-2">
        <Button asChild>
          {linkTo(
            "review",
            <>
              <ListChecks aria-hidden />
              {words.toReview}
            </>,
          )}
        </Button>
        <Button asChild>
          {linkTo(
            "way",
            <>
              <ListTodo aria-hidden />
              {words.pending}
            </>,
          )}
        </Button>
        <Button disabled={acts.checking} onClick={acts.check}>
          <BellRing aria-hidden />
          {words.check}
        </Button>
      </div>
    </section>
  );
}

function FiguresLoading() {
  return (
    <Loading className="grid grid-cols-2 gap-4 lg:grid-cols-4">
      {["a", "b", "c", "d"].map((one) => (
        <div key={one} className="grid gap-2 p-4">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-7 w-16" />
          <Skeleton className="h-3 w-32" />
        </div>
      ))}
    </Loading>
  );
}
