import { ScrollText } from "lucide-react";
import { type ReactNode, useState } from "react";
import { CopyButton } from "@/components/copy-button";
import { Button } from "@/components/ui/button";
import { attemptWords, nodeWords, problemWords } from "@/features/story/code-words";
import { GivenSheet } from "@/features/story/given-sheet";
import { JsonBlock } from "@/features/story/json-block";
import { Passages } from "@/features/story/passages";
import type { Step } from "@/features/story/types";
import { detail, words } from "@/features/story/words";
import { elapsed, money } from "@/lib/formats";

/** The technical truth of one step: what went in, what came back, what it took. */
export function StepDetail({
  step,
  onReceipt,
}: {
  step: Step;
  onReceipt?: ((id: string) => void) | undefined;
}) {
  const { given, ...rest } = step;
  return (
    <div className="grid min-w-0 gap-3">
      <Facts step={step} />
      {step.said ? <Quote label={detail.said} text={step.said} /> : null}
      {step.attempts.length ? <Attempts step={step} /> : null}
      {step.problems.length ? <Problems step={step} /> : null}
      {step.understood ? <JsonBlock label={detail.understood} value={step.understood} /> : null}
      {step.passages.length ? <Passages step={step} /> : null}
      {step.arguments ? <JsonBlock label={detail.arguments} value={step.arguments} whole /> : null}
      {step.result ? <JsonBlock label={detail.result} value={step.result} whole /> : null}
      {step.receipt ? <Receipt id={step.receipt} onReceipt={onReceipt} /> : null}
      {given.length ? <GivenButton step={step} /> : null}
      <details>
        <summary className="text-small text-ink-soft touch:min-h-11">{detail.raw}</summary>
        <JsonBlock label={detail.raw} value={rest} />
      </details>
    </div>
  );
}

function Facts({ step }: { step: Step }) {
  const thinks = step.step === "think";
  const measured = thinks && (step.tokens_in != null || step.tokens_out != null);
  const estimated = step.tokens_estimated ? ` ${detail.estimated}` : "";
  const facts: [string, ReactNode][] = [];
  if (step.ms != null) facts.push([detail.took, elapsed(step.ms)]);
  const part = nodeWords[step.node ?? ""];
  if (part) facts.push([detail.node, part]);
  if (step.model) facts.push([detail.model, step.model]);
  if (measured)
    facts.push([detail.size, detail.sizes(step.tokens_in ?? null, step.tokens_out ?? null) + estimated]);
  if (thinks && step.model)
    facts.push([detail.cost, step.cost_brl != null ? money(step.cost_brl, true) : detail.noPrice]);
  if (step.asked.length) facts.push([detail.asked, step.asked.join(", ")]);
  if (step.decision) facts.push([detail.decision, step.decision]);
  if (step.flag) facts.push([detail.flag, step.flag]);
  if (step.case != null) facts.push([detail.case, step.case]);
  if (!facts.length && !step.repaired) return null;
  return (
    <div className="grid gap-1 text-small">
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-faint">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {step.repaired ? <p className="text-ink-soft">{detail.repaired}</p> : null}
    </div>
  );
}

function Quote({ label, text }: { label: string; text: string }) {
  return (
    <div className="grid gap-1">
      <p className="text-small font-medium text-ink-soft">{label}</p>
      <blockquote className="border-l-2 border-line-strong pl-3 text-small break-words whitespace-pre-wrap">
        {text}
      </blockquote>
    </div>
  );
}

function Attempts({ step }: { step: Step }) {
  return (
    <div className="grid gap-1">
      <p className="text-small font-medium text-ink-soft">{detail.attempts}</p>
      <ol className="grid gap-1 text-small">
        {step.attempts.map((attempt, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts never change order
          <li key={at} className="flex flex-wrap gap-x-2">
            <span className="font-medium break-all">{attempt.model}</span>
            <span>{attemptWords[attempt.outcome] ?? attempt.outcome}</span>
            {attempt.detail ? <span className="break-all text-ink-faint">{attempt.detail}</span> : null}
            <span className="text-ink-faint tabular-nums">{elapsed(attempt.ms)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Problems({ step }: { step: Step }) {
  return (
    <div className="grid gap-1">
      <p className="text-small font-medium text-ink-soft">{detail.problems}</p>
      <ul className="grid gap-1 text-small">
        {step.problems.map((problem) => (
          <li key={`${problem.kind} ${problem.excerpt}`}>
            <span>{problemWords[problem.kind] ?? problem.kind}</span>
            {problem.excerpt ? <q className="ml-1 break-words text-attention">{problem.excerpt}</q> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Receipt({ id, onReceipt }: { id: string; onReceipt?: ((id: string) => void) | undefined }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <p className="min-w-0 grow text-small">
        <span className="text-ink-faint">{detail.receipt}</span> <code className="break-all">{id}</code>
      </p>
      <CopyButton text={id} label={words.copy} done={words.copied} about={detail.receipt} />
      {onReceipt ? (
        <Button size="small" onClick={() => onReceipt(id)}>
          {detail.openReceipt}
        </Button>
      ) : null}
    </div>
  );
}

function GivenButton({ step }: { step: Step }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button size="small" onClick={() => setOpen(true)}>
        <ScrollText aria-hidden />
        {detail.given}
      </Button>
      <GivenSheet open={open} onOpenChange={setOpen} given={step.given} />
    </div>
  );
}
