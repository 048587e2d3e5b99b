import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import type { Case } from "@/features/conversations/queries";
import { closesCases, words } from "@/features/conversations/words";
import { caseSaid } from "@/lib/case-words";

const LONGEST = 2000;

interface GiveBackDialogProps {
  open: boolean;
  cases: readonly Case[];
  onCancel: () => void;
  onConfirm: (brief: string, resolve: boolean) => void;
}

/** Asks what Carol should know before she answers again, and whether the open cases are done with it. */
export function GiveBackDialog({ open, ...rest }: GiveBackDialogProps) {
  return open ? <Open {...rest} /> : null;
}

function Open({ cases, onCancel, onConfirm }: Omit<GiveBackDialogProps, "open">) {
  const [brief, setBrief] = useState("");
  const [resolve, setResolve] = useState(true);
  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onCancel()}
      title={words.give.title}
      about={words.give.about}
      actions={
        <>
          <Button onClick={onCancel}>{words.give.cancel}</Button>
          <Button look="primary" onClick={() => onConfirm(brief.trim(), cases.length > 0 && resolve)}>
            {words.give.confirm}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <label htmlFor="combinado" className="grid gap-1 font-medium">
          {words.give.brief}
          <textarea
            id="combinado"
            data-first=""
            rows={3}
            maxLength={LONGEST}
            value={brief}
            onChange={(event) => setBrief(event.target.value)}
            className="min-h-20 resize-y rounded-md border border-line-strong bg-surface px-3 py-2 text-body font-normal"
          />
        </label>
        {cases.length ? (
          <label htmlFor="encerrar" className="flex min-h-11 items-center gap-3">
            <Switch id="encerrar" checked={resolve} onCheckedChange={setResolve} />
            <span>{closesCases(cases.map((one) => caseSaid(one.kind)))}</span>
          </label>
        ) : null}
      </div>
    </Dialog>
  );
}
