import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Family } from "@/features/reports/family";
import { Due, StateBadge } from "@/features/reports/marks";
import { reportQuery, type State } from "@/features/reports/queries";
import { Found, Steps, Versions } from "@/features/reports/report-parts";
import { SideBySide } from "@/features/reports/side-by-side";
import { useReportActs } from "@/features/reports/use-report-acts";
import { reasonSaid, shiftSaid, words } from "@/features/reports/words";
import { useClinic } from "@/lib/clinic";
import { useNow } from "@/lib/use-now";

interface ReportProps {
  id: string;
  /** Leads to the conversation with somebody of the family. */
  conversationLink: (id: string, label: string) => ReactNode;
}

/** A report beside the message it became, and all that a person may do with it. */
export function ReportView({ id, conversationLink }: ReportProps) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const found = useQuery(reportQuery(slug, id));
  const acts = useReportActs(slug);
  const one = found.data;
  const back = (
    <Button asChild look="quiet">
      <Link to="/relatorios/revisao" search={({ clinica }) => (clinica ? { clinica } : {})}>
        <ArrowLeft aria-hidden />
        {words.toQueue}
      </Link>
    </Button>
  );
  if (!one)
    return (
      <Page title={words.title} actions={back}>
        {found.isError ? (
          <ErrorState error={found.error} title={words.oneFailed} onRetry={() => void found.refetch()} />
        ) : (
          <TextsLoading />
        )}
      </Page>
    );
  return (
    <Page
      title={one.person_name}
      about={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StateBadge state={one.state} />
          <Due one={one} now={now} zone={zone} />
          <span className="tabular-nums">{[shiftSaid(one), one.caregiver].filter(Boolean).join(" · ")}</span>
        </span>
      }
      actions={back}
    >
      {asksWhy.has(one.state) ? <p className="pb-3 font-medium">{reasonSaid(one)}</p> : null}
      <SideBySide key={one.id} one={one} acts={acts} />
      <div className="grid gap-8 pt-8 lg:grid-cols-2">
        <Family one={one} now={now} zone={zone} acts={acts} conversationLink={conversationLink} />
        <div className="grid content-start gap-8">
          <Found one={one} />
          <Steps one={one} now={now} zone={zone} />
        </div>
      </div>
      <Versions one={one} now={now} zone={zone} />
      <SignDialog {...acts.signing} />
    </Page>
  );
}

const asksWhy: ReadonlySet<State> = new Set(["review", "failed", "send_failed"]);

function TextsLoading() {
  return (
    <Loading className="grid gap-6 lg:grid-cols-2">
      {["w-40", "w-48"].map((title) => (
        <div key={title} className="grid gap-3">
          <Skeleton className={title} />
          <Skeleton className="h-40 w-full" />
        </div>
      ))}
    </Loading>
  );
}
