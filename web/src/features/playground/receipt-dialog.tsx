import type { ReactNode } from "react";
import { Dialog } from "@/components/ui/dialog";
import type { Receipt } from "@/features/playground/queries";
import type { Beside } from "@/features/playground/room";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";
import { dayAndTime } from "@/lib/formats";

interface ReceiptDialogProps {
  slug: string;
  /** The receipt to show; null for none. */
  id: string | null;
  receipts: readonly Receipt[];
  proof: Beside["proof"];
  onClose: () => void;
}

/** What stands behind a promise: the visit or the hold itself, else what was written down when Carol did it. */
export function ReceiptDialog({ slug, id, receipts, proof, onClose }: ReceiptDialogProps): ReactNode {
  const receipt = receipts.find((one) => one.id === id);
  if (receipt?.entity_id && (receipt.entity === "appointment" || receipt.entity === "hold")) {
    const kind = receipt.entity === "appointment" ? "visit" : "hold";
    return proof({ slug, kind, id: receipt.entity_id, onClose });
  }
  return (
    <Dialog
      open={id !== null}
      onOpenChange={(open) => open || onClose()}
      title={words.receipt.title}
      about={receipt ? words.receipt.about : undefined}
    >
      {receipt ? <Plain receipt={receipt} /> : <p>{words.receipt.gone}</p>}
    </Dialog>
  );
}

function Plain({ receipt }: { receipt: Receipt }) {
  const zone = useClinic().timezone;
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-ink-soft">{words.receipt.what}</dt>
        <dd>{words.done[receipt.tool] ?? words.doneOther}</dd>
        <dt className="text-ink-soft">{words.receipt.when}</dt>
        <dd>
          <time dateTime={receipt.at}>{dayAndTime(receipt.at, zone)}</time>
        </dd>
        <dt className="text-ink-soft">{words.receipt.id}</dt>
        <dd className="text-small wrap-anywhere select-all">{receipt.id}</dd>
      </dl>
      <details>
        <summary className="text-small text-ink-soft">{words.receipt.details}</summary>
        <pre className="mt-2 max-h-80 overflow-auto rounded-md bg-sunken p-3 text-small whitespace-pre-wrap">
          {JSON.stringify(receipt.result, null, 2)}
        </pre>
      </details>
    </div>
  );
}
