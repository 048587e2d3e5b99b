import { Check, CircleX, Clock, History, LoaderCircle, type LucideIcon } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Document } from "@/features/knowledge/queries";
import { meanings, type State, stateOf } from "@/features/knowledge/states";
import { words } from "@/features/knowledge/words";
import { cn } from "@/lib/cn";

const icons: Record<State, LucideIcon> = {
  waiting: Clock,
  reading: LoaderCircle,
  ready: Check,
  refused: CircleX,
  old: History,
};

/** How a document is, in a word and an icon. */
export function StateBadge({ document }: { document: Document }) {
  const state = stateOf(document);
  const Icon = icons[state];
  return (
    <Badge means={meanings[state]}>
      <Icon aria-hidden className={cn(state === "reading" && "animate-spin")} />
      {words.states[state]}
    </Badge>
  );
}
