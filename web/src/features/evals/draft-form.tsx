import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { CheckRow } from "@/features/evals/check-row";
import type { Doc } from "@/features/evals/document";
import { othersOf, withoutLine } from "@/features/evals/document";
import { DraftLines } from "@/features/evals/draft-lines";
import { ExpectedRows } from "@/features/evals/expected-rows";
import { Mistakes } from "@/features/evals/mistakes";
import { type Draft, mistakesOf, putOwn } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { Replaced } from "@/features/evals/replaced";
import { useSigned } from "@/features/evals/use-signed";
import { clinicKey, useClinic } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";

const said = words.draft;

function textOf(document: Doc, name: string): string {
  const value = document[name];
  return typeof value === "string" ? value : "";
}

/** What the server still finds of somebody's, when that is why it was not kept. */
function stillOf(error: unknown): string[] {
  const found = error instanceof Problem ? (error.told.found ?? error.told.still) : undefined;
  return Array.isArray(found) ? found.map(String) : [];
}

/** The draft beside the conversation it came from: checked, put right, confirmed, kept. */
export function DraftForm({ draft, onSaved }: { draft: Draft; onSaved: (key: string) => void }) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const signed = useSigned();
  const [document, setDocument] = useState<Doc>(draft.scenario);
  const [turns, setTurns] = useState(draft.turns);
  const [sure, setSure] = useState(false);
  const [tried, setTried] = useState(false);
  const others = othersOf(document);

  const saving = useMutation({
    mutationFn: (by: string) =>
      putOwn(slug, textOf(document, "id"), {
        scenario: document,
        by,
        version: 0,
        conversation: draft.conversation,
        confirmed: sure,
      }),
    onSuccess: async (kept) => {
      toast({ says: said.saved, means: "good" });
      await queries.invalidateQueries({ queryKey: clinicKey(slug, "evals") });
      onSaved(kept.key);
    },
  });
  const mistakes = saving.isError ? mistakesOf(saving.error) : draft.mistakes;
  const wrong = (field: string) =>
    mistakes.find((one) => one.field === field || one.field.startsWith(`${field}.`))?.problem;

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (sure) signed.as((by) => saving.mutate(by));
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-6 pt-2">
        {draft.doubts.length ? (
          <section className="grid gap-1 rounded-md bg-attention-soft p-3 text-attention">
            <h2 className="font-medium">{said.doubts}</h2>
            <ul className="list-disc pl-5">
              {draft.doubts.map((doubt) => (
                <li key={doubt}>{doubt}</li>
              ))}
            </ul>
          </section>
        ) : null}
        <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <Field label={said.name} error={wrong("title")}>
            {(control) => (
              <Input
                {...control}
                value={textOf(document, "title")}
                onChange={(event) => setDocument({ ...document, title: event.target.value })}
              />
            )}
          </Field>
          <Field label={said.code} error={wrong("id")} hint={said.codeHint}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                spellCheck={false}
                value={textOf(document, "id")}
                onChange={(event) => setDocument({ ...document, id: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Part id="trocado" title={said.replaced} about={said.replacedAbout}>
          <Replaced list={draft.replaced} />
        </Part>
        <Part id="falas" title={said.lines}>
          <DraftLines
            document={document}
            originals={turns.map((turn) => turn.original)}
            onChange={setDocument}
            onRemove={(at) => {
              setDocument(withoutLine(document, at));
              setTurns(turns.filter((_, place) => place !== at));
            }}
          />
        </Part>
        <Part id="esperado" title={said.expected} about={said.expectedAbout}>
          {draft.suggested.some((one) => one.by === "person") ? (
            <ul className="grid gap-0.5 pb-2 text-small text-ink-soft">
              {draft.suggested
                .filter((one) => one.by === "person")
                .map((one) => (
                  <li key={one.told}>{`${one.told} (${said.byPerson})`}</li>
                ))}
            </ul>
          ) : null}
          <ExpectedRows document={document} onChange={setDocument} />
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
            onChange={(critical) => setDocument({ ...document, critical })}
          />
          <CheckRow label={said.confirm} checked={sure} onChange={setSure} />
          {tried && !sure ? (
            <p role="alert" className="text-small text-urgent">
              {said.unconfirmed}
            </p>
          ) : null}
          <Mistakes title={said.mistakes} list={mistakes} />
          {saving.isError && !mistakes.length ? (
            <p role="alert" className="text-urgent">
              {[`${said.saveFailed} ${explain(saving.error)}`, ...stillOf(saving.error)].join(" ")}
            </p>
          ) : null}
          <div className="flex flex-wrap justify-end gap-2">
            <Button type="submit" look="primary" disabled={saving.isPending}>
              {said.save}
            </Button>
          </div>
        </div>
      </form>
      <SignDialog {...signed.dialog} />
    </>
  );
}

interface PartProps {
  id: string;
  title: string;
  about?: string;
  children: ReactNode;
}

function Part({ id, title, about, children }: PartProps) {
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
