import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Unsaved } from "@/components/unsaved";
import type { Whole } from "@/features/reports/queries";
import { words } from "@/features/reports/words";

const LONGEST = 4000;

interface EditTextProps {
  /** As it is now; what is written here began at what it was when this was opened. */
  one: Whole;
  text: string;
  busy: boolean;
  onCancel: () => void;
  /** `on`: the report as the person read it. */
  onSave: (text: string, on: Whole) => void;
}

/** The message in a person's own words. Who is overtaken keeps what they wrote, and decides. */
export function EditText({ one, text, busy, onCancel, onSave }: EditTextProps) {
  const [read, setRead] = useState({ one, text });
  const [typed, setTyped] = useState(text);
  const overtaken = one.version !== read.one.version && !busy;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() && !overtaken) onSave(typed, read.one);
      }}
    >
      <Unsaved when={!busy && typed !== read.text} />
      {overtaken ? (
        <Overtaken one={one} text={text} onDrop={onCancel} onKeep={() => setRead({ one, text: read.text })} />
      ) : null}
      <Field label={words.editLabel} hint={words.editHint} hideLabel>
        {(control) => (
          <Textarea
            {...control}
            autoFocus
            maxLength={LONGEST}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="min-h-60"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2 max-sm:*:grow">
        <Button type="submit" look="primary" disabled={busy || overtaken || !typed.trim()}>
          {words.save}
        </Button>
        <Button onClick={onCancel}>{words.cancel}</Button>
      </div>
    </form>
  );
}

interface OvertakenProps {
  one: Whole;
  text: string;
  onDrop: () => void;
  onKeep: () => void;
}

/** Somebody was faster: what they made of it, and the way on. */
function Overtaken({ one, text, onDrop, onKeep }: OvertakenProps) {
  const open = one.state === "review";
  return (
    <section role="alert" className="grid gap-2 rounded-md bg-attention-soft p-3 text-attention">
      <p>{open ? words.overtaken : words.decided}</p>
      {open && text ? (
        <details>
          <summary className="min-h-8 py-1 touch:min-h-11">{words.theirs}</summary>
          <p className="whitespace-pre-line wrap-anywhere text-ink">{text}</p>
        </details>
      ) : null}
      <div className="flex flex-wrap gap-2">
        {open ? (
          <Button size="small" onClick={onKeep}>
            {words.keepMine}
          </Button>
        ) : null}
        <Button size="small" onClick={onDrop}>
          {words.dropMine}
        </Button>
      </div>
    </section>
  );
}
