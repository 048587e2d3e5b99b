import { useState } from "react";
import { Ask, NoteDialog } from "@/components/note-dialog";
import type { Case } from "@/features/conversations/queries";
import { closesCases, words } from "@/features/conversations/words";
import { caseSaid } from "@/lib/case-words";

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
  const [resolve, setResolve] = useState(true);
  return (
    <NoteDialog
      says={{ ...words.give, label: words.give.brief }}
      onCancel={onCancel}
      onConfirm={(brief) => onConfirm(brief, cases.length > 0 && resolve)}
    >
      {cases.length ? (
        <Ask says={closesCases(cases.map((one) => caseSaid(one.kind)))} yes={resolve} onChange={setResolve} />
      ) : null}
    </NoteDialog>
  );
}
