import { useState } from "react";
import { Ask, NoteDialog } from "@/components/note-dialog";
import type { Intervention } from "@/features/queue/queries";
import { words } from "@/features/queue/words";

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
  const [back, setBack] = useState(true);
  const [sure, setSure] = useState(false);
  const away = on.conversation.owner === "person";
  return (
    <NoteDialog
      says={words.dialog}
      onCancel={onCancel}
      onConfirm={(said) => onConfirm(said, away && back, sure)}
    >
      {on.kind === "identity" ? <Ask says={words.dialog.proved} yes={sure} onChange={setSure} /> : null}
      {away ? <Ask says={words.dialog.giveBack} yes={back} onChange={setBack} /> : null}
    </NoteDialog>
  );
}
