import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { words } from "@/features/reports/words";

const LONGEST = 4000;

interface EditTextProps {
  text: string;
  busy: boolean;
  onCancel: () => void;
  onSave: (text: string) => void;
}

/** The message in a person's own words. */
export function EditText({ text, busy, onCancel, onSave }: EditTextProps) {
  const [typed, setTyped] = useState(text);
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim()) onSave(typed);
      }}
    >
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
        <Button type="submit" look="primary" disabled={busy || !typed.trim()}>
          {words.save}
        </Button>
        <Button onClick={onCancel}>{words.cancel}</Button>
      </div>
    </form>
  );
}
