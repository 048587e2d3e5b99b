import {
  Ban,
  Check,
  CheckCheck,
  CircleAlert,
  CircleDashed,
  CircleHelp,
  Clock,
  type LucideIcon,
} from "lucide-react";
import { words } from "@/components/chat/words";
import { cn } from "@/lib/cn";

const icons: Record<string, LucideIcon> = {
  queued: CircleDashed,
  sending: Clock,
  waiting: Clock,
  sent: Check,
  received: Check,
  delivered: CheckCheck,
  answered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  unsent: CircleAlert,
  unknown: CircleHelp,
  cancelled: Ban,
};

/** How far a message got: an icon for the eye, the word on hover and for who listens; what went wrong is spelled out. `spelled`: so is this. */
export function Tick({ status, spelled = false }: { status: string; spelled?: boolean }) {
  const Icon = icons[status] ?? CircleHelp;
  const word = words.status[status] ?? status;
  const wrong = spelled || ["failed", "unsent", "unknown", "cancelled"].includes(status);
  return (
    <span
      title={word}
      className={cn(
        "inline-flex items-center gap-1",
        status === "read" && "text-accent",
        (status === "failed" || status === "unsent") && "font-medium text-urgent",
        status === "unknown" && "text-attention",
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className={wrong ? "" : "sr-only"}>{word}</span>
    </span>
  );
}
