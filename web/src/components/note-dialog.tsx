import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";

const LONGEST = 2000;
const LONGEST_REASON = 500;

interface NoteDialogProps {
  says: { title: string; about: string; label: string; cancel: string; confirm: string };
  onCancel: () => void;
  onConfirm: (note: string) => void;
  /** Whether there must be some. */
  needed?: boolean;
  /** What else is asked: Ask by Ask. */
  children?: ReactNode;
}

/** Asks for a few words, which may be none unless `needed`, before something is done. */
export function NoteDialog({ says, onCancel, onConfirm, needed = false, children }: NoteDialogProps) {
  const id = useId();
  const [note, setNote] = useState("");
  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onCancel()}
      title={says.title}
      about={says.about}
      actions={
        <>
          <Button onClick={onCancel}>{says.cancel}</Button>
          <Button look="primary" disabled={needed && !note.trim()} onClick={() => onConfirm(note.trim())}>
            {says.confirm}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <label htmlFor={id} className="grid gap-1 font-medium">
          {says.label}
          <textarea
            id={id}
            data-first=""
            rows={3}
            required={needed}
            maxLength={needed ? LONGEST_REASON : LONGEST}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            className="min-h-20 resize-y rounded-md border border-line-strong bg-surface px-3 py-2 text-body font-normal"
          />
        </label>
        {children}
      </div>
    </Dialog>
  );
}

interface AskProps {
  says: string;
  yes: boolean;
  onChange: (yes: boolean) => void;
}

/** One thing that is so or not. */
export function Ask({ says, yes, onChange }: AskProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex min-h-11 items-center gap-3">
      <Switch id={id} checked={yes} onCheckedChange={onChange} />
      <span>{says}</span>
    </label>
  );
}
