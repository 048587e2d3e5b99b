import { Check, PencilLine, RefreshCw, ShieldCheck, X } from "lucide-react";
import { useState } from "react";
import { NoteDialog } from "@/components/note-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Segmented } from "@/components/ui/segmented";
import { EditText } from "@/features/reports/edit-text";
import { draftPieces, type Fact, factsOf, sourcePieces } from "@/features/reports/facts";
import { noReader } from "@/features/reports/family";
import type { Draft, Trouble, Whole } from "@/features/reports/queries";
import { TracedText } from "@/features/reports/traced-text";
import { troubleSaid } from "@/features/reports/trouble-words";
import type { ReportActs } from "@/features/reports/use-report-acts";
import { authorSaid, rejectingSaid, words } from "@/features/reports/words";
import { cn } from "@/lib/cn";

interface SideBySideProps {
  one: Whole;
  acts: ReportActs;
}

/** The report and the message, each fact of one lit with the other's; what the checks found; the decision. */
export function SideBySide({ one, acts }: SideBySideProps) {
  const [lit, setLit] = useState<number | null>(null);
  const [side, setSide] = useState<"draft" | "source">("draft");
  const [editing, setEditing] = useState(false);
  const draft = one.drafts.find((version) => version.stands);
  const facts = draft ? factsOf(draft) : [];
  const loose = new Set(facts.flatMap((fact, at) => (fact.source ? [] : [at])));
  const open = one.state === "review";
  return (
    <>
      <Segmented
        label={words.show}
        value={side}
        options={[
          { value: "draft", label: words.draft },
          { value: "source", label: words.source },
        ]}
        onChange={setSide}
        className="mb-3 w-full *:grow lg:hidden"
      />
      <div className="grid gap-6 lg:grid-cols-2">
        <section
          aria-label={words.source}
          className={cn("min-w-0 rounded-lg bg-sunken p-4", side === "draft" && "max-lg:hidden")}
        >
          <h2 className="pb-2 text-title font-semibold">{words.source}</h2>
          <TracedText pieces={sourcePieces(one.source_text, draft, facts)} lit={lit} onLight={setLit} />
        </section>
        <section
          aria-label={words.draft}
          className={cn(
            "min-w-0 rounded-lg border border-line bg-surface p-4",
            side === "source" && "max-lg:hidden",
          )}
        >
          <header className="flex flex-wrap items-baseline gap-x-3 pb-2">
            <h2 className="text-title font-semibold">{words.draft}</h2>
            {draft ? <span className="text-small text-ink-soft">{authorSaid(draft)}</span> : null}
          </header>
          {editing ? (
            <EditText
              one={one}
              text={draft?.text ?? ""}
              busy={acts.busy}
              onCancel={() => setEditing(false)}
              onSave={(text, on) => acts.ask(on, { what: "edit", text }, () => setEditing(false))}
            />
          ) : draft ? (
            <>
              <TracedText pieces={draftPieces(draft, facts)} lit={lit} onLight={setLit} loose={loose} />
              {facts.length ? (
                <p className="pt-3 text-small text-ink-faint max-lg:hidden">{words.rests}</p>
              ) : null}
              <Origin text={one.source_text} fact={lit === null ? undefined : facts[lit]} />
            </>
          ) : (
            <p className="text-ink-soft">{words.notYet[one.state] ?? words.noDraft}</p>
          )}
        </section>
      </div>
      {draft && !editing && draft.author !== "fallback" ? <Troubles draft={draft} /> : null}
      {open && !editing ? (
        <Decision one={one} draft={draft} acts={acts} onEdit={() => setEditing(true)} />
      ) : null}
    </>
  );
}

/** Where the sentence that is touched comes from, where only one of the texts is seen at a time. */
function Origin({ text, fact }: { text: string; fact: Fact | undefined }) {
  const quote = fact?.source ? [...text].slice(fact.source.start, fact.source.end).join("") : undefined;
  return (
    <p
      aria-live="polite"
      className="sticky bottom-0 -mx-4 -mb-4 rounded-b-lg bg-surface px-4 py-3 text-small text-ink-soft lg:hidden"
    >
      {quote ? (
        <>
          <span className="font-medium">{`${words.from}: `}</span>
          {`“${quote}”`}
        </>
      ) : (
        words.touch
      )}
    </p>
  );
}

/** What the checks hold against the text, in plain words, the grave ones first. */
function Troubles({ draft }: { draft: Draft }) {
  if (draft.problems.length === 0)
    return (
      <p className="flex items-center gap-2 pt-4 text-small text-ink-soft">
        <ShieldCheck aria-hidden className="size-4 text-good" />
        {words.clean}
      </p>
    );
  const sorted = draft.problems.toSorted((one, other) => Number(other.critical) - Number(one.critical));
  return (
    <section aria-label={words.problems} className="pt-5">
      <h2 className="pb-1 text-title font-semibold">{words.problems}</h2>
      <ul>
        {sorted.map((one) => (
          <TroubleRow key={`${one.code} ${one.quote}`} one={one} inDraft={draft.text.includes(one.quote)} />
        ))}
      </ul>
    </section>
  );
}

function TroubleRow({ one, inDraft }: { one: Trouble; inDraft: boolean }) {
  return (
    <li className="grid max-w-[75ch] gap-0.5 border-b border-line py-2 last:border-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="font-medium">{troubleSaid(one.code)}</span>
        {one.critical ? null : <Badge>{words.doubt}</Badge>}
      </p>
      {one.quote ? (
        <p className="text-small wrap-anywhere text-ink-soft">
          {`“${one.quote}”`}
          {inDraft ? null : ` ${words.ofSource}`}
        </p>
      ) : null}
      {one.why ? <p className="text-small text-ink-soft">{one.why}</p> : null}
    </li>
  );
}

interface DecisionProps extends SideBySideProps {
  draft: Draft | undefined;
  onEdit: () => void;
}

/** Approve, change, have it written again, or let the fallback text go. */
function Decision({ one, draft, acts, onEdit }: DecisionProps) {
  const [asking, setAsking] = useState<"reject" | "regenerate">();
  const grave = draft?.problems.some((problem) => problem.critical);
  const notes = [noReader(one), one.no_use_writing ? words.noUse[one.no_use_writing] : undefined];
  return (
    <div className="sticky bottom-0 z-10 -mx-4 mt-5 flex flex-wrap gap-2 border-t border-line bg-ground px-4 py-3 max-sm:[&>button]:grow sm:-mx-6 sm:px-6">
      {notes.some(Boolean) ? (
        <p className="w-full text-small text-ink-soft">{notes.filter(Boolean).join(" ")}</p>
      ) : null}
      {draft ? (
        <Button
          look={grave ? "plain" : "primary"}
          disabled={acts.busy}
          onClick={() => acts.ask(one, { what: "approve", digest: draft.digest })}
        >
          <Check aria-hidden />
          {grave ? words.approveAnyway : words.approve}
        </Button>
      ) : null}
      <Button look={grave || !draft ? "primary" : "plain"} disabled={acts.busy} onClick={onEdit}>
        <PencilLine aria-hidden />
        {words.edit}
      </Button>
      {one.no_use_writing ? null : (
        <Button disabled={acts.busy} onClick={() => setAsking("regenerate")}>
          <RefreshCw aria-hidden />
          {words.regenerate}
        </Button>
      )}
      <Button look="urgent" disabled={acts.busy} onClick={() => setAsking("reject")}>
        <X aria-hidden />
        {words.reject}
      </Button>
      {asking ? (
        <NoteDialog
          needed
          says={asking === "reject" ? rejectingSaid(one) : words.regenerating}
          onCancel={() => setAsking(undefined)}
          onConfirm={(why) => {
            setAsking(undefined);
            acts.ask(one, { what: asking, why });
          }}
        />
      ) : null}
    </div>
  );
}
