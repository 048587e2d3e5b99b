import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FileText, ListRestart, RotateCcw, Square, StepForward } from "lucide-react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Figures } from "@/features/evals/figures";
import { GateBadge, StateBadge } from "@/features/evals/marks";
import { noiseSaid } from "@/features/evals/noise-words";
import { Progress } from "@/features/evals/progress";
import { type RunWhole, reportUrl, runQuery, type Show, suitesQuery } from "@/features/evals/queries";
import { SuiteTable } from "@/features/evals/suite-table";
import { TrialList } from "@/features/evals/trial-list";
import { useBegin } from "@/features/evals/use-begin";
import { useRunActs } from "@/features/evals/use-run-acts";
import { countsSaid, modelSaid, playedSaid, words } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";
import { dayAndTime } from "@/lib/formats";
import { useNow } from "@/lib/use-now";

interface RunPageProps {
  id: string;
  show: Show;
  suite: string | undefined;
  onShow: (show: Show, suite: string | undefined) => void;
  /** Opens another run. */
  onRun: (id: string) => void;
}

/** A run: whether it passed and why not, by suite, and each trial. */
export function RunPageView(props: RunPageProps) {
  const { slug } = useClinic();
  const { data, isError, error, refetch } = useQuery(runQuery(slug, props.id));
  if (data) return <Shown run={data} {...props} />;
  return (
    <Page title={words.run.title}>
      <Back />
      {isError ? (
        <ErrorState error={error} title={words.run.failed} onRetry={() => void refetch()} />
      ) : (
        <Loading className="grid gap-3 pt-4">
          <Skeleton className="w-1/2" />
          <Skeleton className="h-3 w-2/3" />
          <Skeleton className="mt-4 h-40" />
        </Loading>
      )}
    </Page>
  );
}

function Back() {
  return (
    <Button asChild look="link" size="small" className="px-0">
      <Link to="/provas" search={({ clinica }) => (clinica ? { clinica } : {})}>
        <ArrowLeft aria-hidden />
        {words.run.back}
      </Link>
    </Button>
  );
}

function Shown({ run, show, suite, onShow, onRun }: RunPageProps & { run: RunWhole }) {
  const { slug, timezone: zone } = useClinic();
  const now = useNow();
  const suites = useQuery(suitesQuery(slug));
  const acts = useRunActs(slug);
  const begin = useBegin(slug, onRun);
  const goes = run.state === "running" || run.state === "queued";
  const over = !goes;
  const wrong = run.failed + run.violated + run.broken;
  const titles = new Map(suites.data?.map((one) => [one.name, one.title]));
  const played = [playedSaid(run.asked, titles), noiseSaid(run.asked.noise)].filter(Boolean).join(", ");

  function again(): void {
    const { suites: names, scenarios, noise, trials, reais, minutes } = run.asked;
    const kinds = noise as NonNullable<Parameters<typeof begin.play>[0]["noise"]>;
    begin.play({ suites: names, scenarios, noise: kinds, trials, reais, minutes });
  }

  return (
    <Page
      title={words.run.title}
      about={<span className="line-clamp-2">{played}</span>}
      actions={
        <div className="flex flex-wrap gap-2 max-sm:w-full max-sm:*:grow">
          {run.report ? (
            <Button asChild>
              <a href={reportUrl(slug, run.id)} target="_blank" rel="noreferrer">
                <FileText aria-hidden />
                {words.run.report}
                <span className="sr-only">{words.run.reportAbout}</span>
              </a>
            </Button>
          ) : null}
          {goes ? (
            <Button disabled={acts.busy || run.stopping} onClick={() => acts.stop(run.id)}>
              <Square aria-hidden />
              {words.stop}
            </Button>
          ) : null}
          {run.state === "broken" || run.state === "stopped" ? (
            <Button look="primary" disabled={acts.busy} onClick={() => acts.resume(run.id)}>
              <StepForward aria-hidden />
              {words.resume}
            </Button>
          ) : null}
          {over && wrong ? (
            <Button
              look={run.state === "ended" ? "primary" : "plain"}
              disabled={begin.busy}
              onClick={() => begin.repeat(run.id, "wrong")}
            >
              <ListRestart aria-hidden />
              {words.run.repeat}
            </Button>
          ) : null}
          {run.state === "ended" ? (
            <Button look={wrong ? "plain" : "primary"} disabled={begin.busy} onClick={again}>
              <RotateCcw aria-hidden />
              {words.run.again}
            </Button>
          ) : null}
        </div>
      }
    >
      <Back />
      <section aria-label={words.run.title} className="grid gap-2 border-b border-line pt-1 pb-4">
        <div className="flex flex-wrap items-center gap-2">
          <StateBadge run={run} />
          <GateBadge run={run} />
          <span className="text-small text-ink-soft tabular-nums">
            {[dayAndTime(run.asked_at, zone, now), run.asked_by, modelSaid(run)].filter(Boolean).join(" · ")}
          </span>
        </div>
        {run.asked.repeats ? (
          <p className="flex flex-wrap items-center gap-x-2 text-small text-ink-soft">
            {words.run.repeatOf}
            <Link
              to="/provas/$rodada"
              params={{ rodada: run.asked.repeats }}
              search={({ clinica }) => (clinica ? { clinica } : {})}
              className="text-accent underline underline-offset-4 touch:py-2.5"
            >
              {words.run.repeatOpen}
            </Link>
          </p>
        ) : null}
        <p role="status" className="tabular-nums">
          {countsSaid(run) || words.run.nothingYet}
        </p>
        {goes && run.due ? (
          <div className="max-w-xl">
            <Progress run={run} />
          </div>
        ) : null}
        {run.state === "broken" ? (
          <p className="text-urgent">{`${words.errors[run.error ?? ""] ?? words.brokeUnknown} ${words.keptSoFar}`}</p>
        ) : null}
        {run.open === false && run.reasons.length ? (
          <div>
            <h2 className="font-medium">{words.gate.reasons}</h2>
            <ul className="list-disc pl-5 text-ink-soft wrap-anywhere marker:text-attention">
              {run.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </div>
        ) : null}
        {run.open ? <p className="text-ink-soft">{words.gate.openAbout}</p> : null}
        {run.figures ? <Figures figures={run.figures} offline={run.offline} /> : null}
      </section>
      <SuiteTable suites={run.suites} chosen={suite} onChoose={onShow} />
      <TrialList
        run={run}
        show={show}
        suite={run.suites.some((one) => one.suite === suite) ? suite : undefined}
        onShow={onShow}
      />
      <SignDialog {...acts.signing} />
      <SignDialog {...begin.signing} />
    </Page>
  );
}
