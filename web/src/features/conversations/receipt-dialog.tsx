import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Receipt } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { dayAndTime } from "@/lib/formats";

interface ReceiptDialogProps {
  /** Null when it is not in the part of the conversation that is shown. */
  receipt: Receipt | null;
  zone: string;
  open: boolean;
  onClose: () => void;
}

/** What was registered when it is nothing of the agenda: a case, someone's record. */
export function ReceiptDialog({ receipt, zone, open, onClose }: ReceiptDialogProps) {
  const number = receipt?.result.case ?? receipt?.result.number;
  const facts: [string, string][] = receipt
    ? [
        ...(typeof number === "number" ? ([[words.receipt.case, String(number)]] as [string, string][]) : []),
        [words.receipt.at, dayAndTime(receipt.at, zone)],
        [words.receipt.id, receipt.id],
      ]
    : [];
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => stays || onClose()}
      title={words.receipt.title}
      actions={<Button onClick={onClose}>{words.receipt.close}</Button>}
    >
      <p className="pb-3">{receipt ? words.receipt.what(receipt.entity) : words.receipt.gone}</p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-small leading-6 text-ink-soft">{name}</dt>
            <dd className="min-w-0 break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
