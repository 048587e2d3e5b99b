import { Info, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import { NoteDialog } from "@/components/note-dialog";
import { Badge, type Meaning } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { momentSaid, words } from "@/features/reports/desk-words";
import type { Alert } from "@/features/reports/queries";
import type { DeskActs } from "@/features/reports/use-desk-acts";

const looks: Readonly<Record<Alert["severity"], [LucideIcon, Meaning]>> = {
  critical: [OctagonAlert, "urgent"],
  warning: [TriangleAlert, "attention"],
  info: [Info, "nothing"],
};

interface AlertsProps {
  alerts: readonly Alert[];
  acts: DeskActs;
  now: number;
  zone: string;
}

/** What is wrong, what to do about it, and a way to say that it is known. */
export function Alerts({ alerts, acts, now, zone }: AlertsProps) {
  return (
    <section aria-label={words.alerts} className="min-w-0">
      <h2 className="pb-2 text-title font-semibold">{words.alerts}</h2>
      {alerts.length ? (
        <ul className="grid gap-3">
          {alerts.map((one) => (
            <AlertRow key={one.id} one={one} acts={acts} now={now} zone={zone} />
          ))}
        </ul>
      ) : (
        <p className="text-ink-soft">{words.noAlerts}</p>
      )}
      {acts.dismissing.on ? (
        <NoteDialog
          needed
          says={words.dialog}
          onCancel={acts.dismissing.onCancel}
          onConfirm={acts.dismissing.onConfirm}
        />
      ) : null}
    </section>
  );
}

function AlertRow({ one, acts, now, zone }: Omit<AlertsProps, "alerts"> & { one: Alert }) {
  const [Icon, means] = looks[one.severity];
  return (
    <li className="grid gap-1 border-b border-line pb-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge means={means}>
          <Icon aria-hidden />
          {words.severity[one.severity]}
        </Badge>
        <span className="grow text-small text-ink-soft tabular-nums">
          {words.since(momentSaid(one.opened_at, now, zone))}
        </span>
        <Button look="quiet" size="small" onClick={() => acts.dismiss(one)}>
          {words.dismiss}
        </Button>
      </div>
      <p className="font-medium first-letter:uppercase">{one.title}</p>
      <p className="text-small text-ink-soft">{one.action}</p>
    </li>
  );
}
