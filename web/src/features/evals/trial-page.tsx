import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Ban, CircleCheckBig, CircleX, Unplug } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { ScrollArea } from "@/components/ui/scroll-area";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { JudgedList } from "@/features/evals/judged-list";
import { MarkBadge } from "@/features/evals/marks";
import { type Show, type Trial, type TrialTurn, trialQuery } from "@/features/evals/queries";
import { RowDiff } from "@/features/evals/row-diff";
import { Talk } from "@/features/evals/talk";
import { TrialSteps } from "@/features/evals/trial-steps";
import { words } from "@/features/evals/trial-words";
import { words as shared, trialSaid } from "@/features/evals/words";
import { useClinic } from "@/lib/clinic";

/** Letters; what is longer, as a pattern of words may be, is shown when asked for. */
const LONG = 240;

interface TrialPageProps {
  run: string;
  id: string;
  /** The list it was opened from. */
  show: Show;
  suite: string | undefined;
  /** Which turn's story is told, from 1. */
  turn: number;
  onTurn: (turn: number) => void;
  story: (turn: TrialTurn) => ReactNode;
}

/** A trial: why it came out so, the rows it left, what was said and why. */
export function TrialPageView(props: TrialPageProps) {
  const { slug } = useClinic();
  const { data, isError, error, refetch } = useQuery(trialQuery(slug, props.run, props.id));
  if (data) return <Shown key={data.id} trial={data} {...props} />;
  return (
    <Page title={shared.title}>
      <Back run={props.run} />
      {isError ? (
        <ErrorState error={error} title={words.failed} onRetry={() => void refetch()} />
      ) : (
        <Loading className="grid gap-3 pt-4">
          <Skeleton className="w-1/2" />
          <Skeleton className="h-24" />
          <Skeleton className="h-64" />
        </Loading>
      )}
    </Page>
  );
}

function Back({ run }: { run: string }) {
  return (
    <Button asChild look="link" size="small" className="px-0">
      <Link to="/provas/$rodada" params={{ rodada: run }} search={({ fala: _, ...rest }) => rest}>
        <ArrowLeft aria-hidden />
        {words.back}
      </Link>
    </Button>
  );
}

function Shown({ trial, run, show, suite, turn, onTurn, story }: TrialPageProps & { trial: Trial }) {
  const told = trial.turns[turn - 1];
  const beside = useRef<HTMLElement>(null);

  function choose(next: number): void {
    onTurn(next);
    // On a narrow screen the story is below the whole conversation.
    if (window.matchMedia?.("(width < 64rem)").matches) beside.current?.scrollIntoView({ block: "start" });
  }

  return (
    <Page
      title={trial.title}
      about={
        <span className="tabular-nums">
          {[trial.suite_title, trialSaid(trial), trial.critical ? shared.run.critical : ""]
            .filter(Boolean)
            .join(" · ")}
        </span>
      }
      actions={<MarkBadge mark={trial.mark} />}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <Back run={run} />
        <TrialSteps run={run} id={trial.id} show={show} suite={suite} />
      </div>
      <Why trial={trial} />
      <RowDiff rows={trial.rows} />
      <div className="grid gap-x-8 gap-y-4 py-4 lg:grid-cols-2">
        <section aria-labelledby="conversa-da-prova" className="min-w-0">
          <h2 id="conversa-da-prova" className="text-title font-semibold">
            {words.talk}
          </h2>
          <p className="pb-2 text-small text-ink-soft">{words.talkAbout}</p>
          <Talk turns={trial.turns} chosen={turn} onChoose={choose} />
        </section>
        <section
          ref={beside}
          aria-labelledby="historia-da-fala"
          className="min-w-0 lg:sticky lg:top-2 lg:self-start"
        >
          <h2 id="historia-da-fala" className="text-title font-semibold">
            {words.story}
          </h2>
          <p className="pb-2 text-small text-ink-soft">{told ? words.turn(turn) : words.storyAbout}</p>
          <ScrollArea
            label={told ? words.turn(turn) : words.storyAbout}
            className="rounded-lg border border-line bg-surface lg:max-h-[calc(100dvh-9rem)]"
          >
            {told?.steps.length ? <div key={turn}>{story(told)}</div> : <EmptyState title={words.noSteps} />}
          </ScrollArea>
        </section>
      </div>
      <JudgedList judged={trial.judged} />
      <Document trial={trial} />
    </Page>
  );
}

function Why({ trial }: { trial: Trial }) {
  if (trial.mark === "passed")
    return (
      <p className="flex items-center gap-2 pt-1 pb-3 text-good">
        <CircleCheckBig aria-hidden className="size-4 shrink-0" />
        {words.passed}
      </p>
    );
  return (
    <div className="grid gap-3 pt-1 pb-3">
      <Reasons
        icon={<Ban aria-hidden className="size-4 text-urgent" />}
        title={words.violations}
        lines={trial.violations}
      />
      <Reasons
        icon={<CircleX aria-hidden className="size-4 text-attention" />}
        title={words.failures}
        lines={trial.failures}
      />
      <Reasons
        icon={<Unplug aria-hidden className="size-4 text-ink-soft" />}
        title={words.error}
        lines={trial.error ? [trial.error] : []}
      />
    </div>
  );
}

function Reasons({ icon, title, lines }: { icon: ReactNode; title: string; lines: readonly string[] }) {
  if (!lines.length) return null;
  return (
    <section>
      <h2 className="flex items-center gap-2 font-medium">
        {icon}
        {title}
      </h2>
      <ul className="grid gap-0.5 pl-6 wrap-anywhere">
        {[...new Set(lines)].map((line) => (
          <li key={line}>
            {line.length > LONG ? (
              <details>
                <summary>{`${line.slice(0, LONG - 60)}…`}</summary>
                <span className="text-small text-ink-soft">{line}</span>
              </details>
            ) : (
              line
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Document({ trial }: { trial: Trial }) {
  return (
    <details className="border-t border-line py-3">
      <summary className="font-medium touch:min-h-11">{words.scenario}</summary>
      <p className="text-small text-ink-soft">{words.scenarioAbout}</p>
      <ScrollArea label={words.scenario} className="mt-2 max-h-96 overflow-auto rounded-md bg-sunken p-3">
        <pre className="text-small">{JSON.stringify(trial.document, null, 2)}</pre>
      </ScrollArea>
    </details>
  );
}
