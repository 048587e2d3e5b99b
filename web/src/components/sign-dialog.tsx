import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { words } from "@/components/words";
import { LONGEST_NAME } from "@/lib/signature";

interface SignDialogProps {
  open: boolean;
  name: string;
  onCancel: () => void;
  onSign: (name: string) => void;
}

/** Asks how the person signs. */
export function SignDialog({ open, name, onCancel, onSign }: SignDialogProps) {
  const form = useId();
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => stays || onCancel()}
      title={words.sign.title}
      about={words.sign.about}
      actions={
        <>
          <Button onClick={onCancel}>{words.sign.cancel}</Button>
          <Button type="submit" form={form} look="primary">
            {words.sign.save}
          </Button>
        </>
      }
    >
      <NameForm id={form} name={name} onSign={onSign} />
    </Dialog>
  );
}

function NameForm({ id, name, onSign }: { id: string; name: string; onSign: (name: string) => void }) {
  const [typed, setTyped] = useState(name);
  const [wrong, setWrong] = useState<string>();

  function submit(event: FormEvent): void {
    event.preventDefault();
    const said = typed.replace(/\s+/g, " ").trim();
    if (said && said.length <= LONGEST_NAME) onSign(said);
    else setWrong(said ? words.sign.long : words.sign.empty);
  }

  return (
    <form id={id} onSubmit={submit} noValidate>
      <Field label={words.sign.label} error={wrong}>
        {(control) => (
          <Input
            {...control}
            data-first=""
            autoComplete="name"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
    </form>
  );
}
