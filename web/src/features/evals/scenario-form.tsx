import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { Unsaved } from "@/components/unsaved";
import { CheckRow } from "@/features/evals/check-row";
import {
  type Doc,
  lineAt,
  othersOf,
  type SaidCheck,
  type Wanted,
  withLineAt,
  withoutCheck,
  withoutLine,
  withoutRow,
  withRowBack,
  written,
} from "@/features/evals/document";
import { DraftLines } from "@/features/evals/draft-lines";
import { ExpectedRows } from "@/features/evals/expected-rows";
import { Mistakes } from "@/features/evals/mistakes";
import type { Mistake } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { rowSaid } from "@/features/evals/row-words";
import { SaidChecks } from "@/features/evals/said-checks";

const said = words.draft;

type Originals = readonly (readonly string[])[];

interface ScenarioFormProps {
  scenario: Doc;
  /** What the patient really wrote, by turn. */
  originals?: Originals | undefined;
  /** It is kept under another key no more. */
  named?: boolean;
  /** It comes from a conversation: whoever keeps it says that they read it. */
  personal: boolean;
  mistakes: readonly Mistake[];
  /** Why it was not kept, where no field is wrong. */
  failed: string | undefined;
  busy: boolean;
  save: string;
  /** What stands between the title and the lines. */
  replaced?: ReactNode;
  /** What is said of the rows that are expected. */
  suggested?: ReactNode;
  /** Beside the button that keeps it. */
  beside?: ReactNode;
  onSave: (scenario: Doc, sure: boolean) => void;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function textOf(document: Doc, name: string): string {
  const value = document[name];
  return typeof value === "string" ? value : "";
}

/** A scenario to be put right and kept: its title, what the patient says, what must be there at the end. */
export function ScenarioForm(props: ScenarioFormProps) {
  const { personal, mistakes, failed, busy, save, named = false } = props;
  const [{ document, originals }, setState] = useState({
    document: props.scenario,
    originals: props.originals,
  });
  const [first] = useState(() => JSON.stringify(props.scenario));
  const [sure, setSure] = useState(false);
  const [tried, setTried] = useState(false);
  const others = othersOf(document);
  const wrong = (field: string) =>
    mistakes.find((one) => one.field === field || one.field.startsWith(`${field}.`))?.problem;

  function change(next: (now: Doc) => Doc): void {
    setState((now) => ({ ...now, document: next(now.document) }));
  }

  function removeLine(at: number): void {
    const turn = lineAt(document, at);
    const original = originals?.[at];
    setState((now) => ({
      document: withoutLine(now.document, at),
      originals: now.originals?.toSpliced(at, 1),
    }));
    toast({
      says: said.removed,
      undo: () =>
        setState((now) => ({
          document: withLineAt(now.document, at, turn),
          originals: now.originals?.toSpliced(at, 0, original ?? []),
        })),
    });
  }

  function removeRow(row: Wanted): void {
    change((now) => withoutRow(now, row));
    toast({
      says: said.removedRow(rowSaid(row.noun, row.how)),
      undo: () => change((now) => withRowBack(now, row)),
    });
  }

  function removeCheck(check: SaidCheck): void {
    const [next, back] = withoutCheck(document, check);
    change(() => next);
    if (check.text !== "") toast({ says: said.removedCheck, undo: () => change(back) });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (sure || !personal) props.onSave(written(document), sure);
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-6 pt-2">
      <Unsaved when={JSON.stringify(document) !== first} />
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Field label={said.name} error={wrong("title")}>
          {(control) => (
            <Textarea
              {...control}
              value={textOf(document, "title")}
              onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
              onChange={(event) => change((now) => ({ ...now, title: oneLine(event.target.value) }))}
            />
          )}
        </Field>
        <Field label={said.code} error={wrong("id")} hint={named ? said.codeFixed : said.codeHint}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              readOnly={named}
              value={textOf(document, "id")}
              onChange={(event) => change((now) => ({ ...now, id: event.target.value }))}
              className={named ? "bg-sunken text-ink-soft" : undefined}
            />
          )}
        </Field>
      </div>
      {props.replaced}
      <Part id="falas" title={said.lines}>
        <DraftLines
          document={document}
          originals={originals}
          onChange={(next) => change(() => next)}
          onRemove={removeLine}
          onAdd={() =>
            setState((now) => {
              const at = Number.MAX_SAFE_INTEGER;
              return { document: withLineAt(now.document, at, ""), originals: now.originals?.concat([[]]) };
            })
          }
        />
      </Part>
      <Part id="esperado" title={said.expected} about={props.originals ? said.expectedAbout : undefined}>
        {props.suggested}
        <ExpectedRows document={document} onChange={(next) => change(() => next)} onRemove={removeRow} />
      </Part>
      <Part id="dito" title={words.said} about={words.saidAbout}>
        <SaidChecks document={document} onChange={(next) => change(() => next)} onRemove={removeCheck} />
        {others ? (
          <details className="pt-2">
            <summary className="w-fit text-small text-ink-soft touch:py-2.5">{words.others}</summary>
            <pre className="overflow-x-auto rounded-md bg-sunken p-3 text-small whitespace-pre-wrap">
              {JSON.stringify(others, null, 2)}
            </pre>
          </details>
        ) : null}
      </Part>
      <div className="grid gap-2 border-t border-line pt-4">
        <CheckRow
          label={said.critical}
          checked={document.critical === true}
          onChange={(critical) => change((now) => ({ ...now, critical }))}
        />
        {personal ? <CheckRow label={said.confirm} checked={sure} onChange={setSure} /> : null}
        {tried && personal && !sure ? (
          <p role="alert" className="text-small text-urgent">
            {said.unconfirmed}
          </p>
        ) : null}
        <Mistakes title={said.mistakes} list={mistakes} />
        {failed ? (
          <p role="alert" className="text-urgent">
            {failed}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          {props.beside}
          <Button type="submit" look="primary" disabled={busy}>
            {save}
          </Button>
        </div>
      </div>
    </form>
  );
}

interface PartProps {
  id: string;
  title: string;
  about?: string | undefined;
  children: ReactNode;
}

export function Part({ id, title, about, children }: PartProps) {
  return (
    <section aria-labelledby={id} className="min-w-0">
      <h2 id={id} className="text-title font-semibold">
        {title}
      </h2>
      {about ? <p className="text-small text-ink-soft">{about}</p> : null}
      <div className="pt-2">{children}</div>
    </section>
  );
}
