import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import type { Case } from "@/features/conversations/queries";
import { closesCases, words } from "@/features/conversations/words";
import { caseSaid } from "@/lib/case-words";

interface GiveBackDialogProps {
  open: boolean;
  cases: readonly Case[];
  onCancel: () => void;
  onConfirm: (resolve: boolean) => void;
}

/** Asks whether the open cases are done with it. */
export function GiveBackDialog({ open, cases, onCancel, onConfirm }: GiveBackDialogProps) {
  const [resolve, setResolve] = useState(true);
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => stays || onCancel()}
      title={words.give.title}
      about={words.give.about}
      actions={
        <>
          <Button onClick={onCancel}>{words.give.cancel}</Button>
          <Button look="primary" onClick={() => onConfirm(resolve)}>
            {words.give.confirm}
          </Button>
        </>
      }
    >
      <label htmlFor="encerrar" className="flex min-h-11 items-center gap-3">
        <Switch id="encerrar" checked={resolve} onCheckedChange={setResolve} />
        <span>{closesCases(cases.map((one) => caseSaid(one.kind)))}</span>
      </label>
    </Dialog>
  );
}
