import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import type { Intervention } from "@/features/queue/queries";
import { words } from "@/features/queue/words";

const LONGEST = 2000;

interface ResolveDialogProps {
  on: Intervention | undefined;
  onCancel: () => void;
  onConfirm: (resolution: string, giveBack: boolean, proved: boolean) => void;
}

/** What was done, and whether Carol answers again. */
export function ResolveDialog({ on, onCancel, onConfirm }: ResolveDialogProps) {
  return on ? <Open key={on.id} on={on} onCancel={onCancel} onConfirm={onConfirm} /> : null;
}

function Open({ on, onCancel, onConfirm }: ResolveDialogProps & { on: Intervention }) {
  const [said, setSaid] = useState("");
  const [back, setBack] = useState(true);
  const [sure, setSure] = useState(false);
  const away = on.conversation.owner === "person";
  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onCancel()}
      title={words.dialog.title}
      about={words.dialog.about}
      actions={
        <>
          <Button onClick={onCancel}>{words.dialog.cancel}</Button>
          <Button look="primary" onClick={() => onConfirm(said.trim(), away && back, sure)}>
            {words.dialog.confirm}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <label htmlFor="como" className="grid gap-1 font-medium">
          {words.dialog.label}
          <textarea
            id="como"
            data-first=""
            rows={3}
            maxLength={LONGEST}
            value={said}
            onChange={(event) => setSaid(event.target.value)}
            className="min-h-20 resize-y rounded-md border border-line-strong bg-surface px-3 py-2 text-body font-normal"
          />
        </label>
        {on.kind === "identity" ? (
          <label htmlFor="confirmado" className="flex min-h-11 items-center gap-3">
            <Switch id="confirmado" checked={sure} onCheckedChange={setSure} />
            <span>{words.dialog.proved}</span>
          </label>
        ) : null}
        {away ? (
          <label htmlFor="devolver" className="flex min-h-11 items-center gap-3">
            <Switch id="devolver" checked={back} onCheckedChange={setBack} />
            <span>{words.dialog.giveBack}</span>
          </label>
        ) : null}
      </div>
    </Dialog>
  );
}
