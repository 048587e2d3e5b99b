import {
  Check,
  CheckCheck,
  ChevronDown,
  CircleHelp,
  CircleSlash,
  ClockAlert,
  type LucideIcon,
  RefreshCw,
} from "lucide-react";
import { claimKind, claimWords, type Fate, fateOf, fateSaid, fates } from "@/components/chat/claim-words";
import type { ChatClaim } from "@/components/chat/line";
import { cn } from "@/lib/cn";

const icons: Record<Fate, LucideIcon> = {
  none: CircleHelp,
  late: ClockAlert,
  changed: RefreshCw,
  gone: CircleSlash,
  kept: CheckCheck,
  stands: Check,
};

const tones: Record<Fate, string> = {
  none: "text-attention",
  late: "text-urgent",
  changed: "text-attention",
  gone: "text-attention",
  kept: "text-good",
  stands: "text-ink-soft",
};

const worstFirst = Object.keys(fates) as Fate[];

function Mark({ fate, amount }: { fate: Fate; amount: number }) {
  const Icon = icons[fate];
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap", tones[fate])}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {fateSaid(fate, amount)}
    </span>
  );
}

/** What became of all that a message says, in a word each; `open` lists them. */
export function ClaimsMark(props: { claims: readonly ChatClaim[]; open: boolean; onToggle: () => void }) {
  const found = props.claims.map(fateOf);
  return (
    <button
      type="button"
      aria-expanded={props.open}
      onClick={props.onToggle}
      className="inline-flex min-h-6 flex-wrap items-center gap-x-2 rounded-sm hover:underline touch:min-h-11"
    >
      <span className="sr-only">{claimWords.label}</span>
      {worstFirst
        .filter((fate) => found.includes(fate))
        .map((fate) => (
          <Mark key={fate} fate={fate} amount={found.filter((one) => one === fate).length} />
        ))}
      <ChevronDown aria-hidden className={cn("size-3.5 shrink-0", props.open && "rotate-180")} />
    </button>
  );
}

/** Each thing that a message says, with what became of it. */
export function ClaimsList({ claims }: { claims: readonly ChatClaim[] }) {
  return (
    <ul aria-label={claimWords.list} className="mt-1 grid gap-1 border-t border-line pt-1.5 pb-1 text-small">
      {claims.map((claim) => (
        <li key={claim.id} className="flex flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 grow">
            <span className="text-ink-soft">{`${claimKind(claim.kind)}: `}</span>
            {claim.said}
          </span>
          <Mark fate={fateOf(claim)} amount={1} />
        </li>
      ))}
    </ul>
  );
}
