import {
  Ban,
  Check,
  CirclePause,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  ShieldCheck,
  ShieldX,
  Unplug,
} from "lucide-react";
import { Badge, type Meaning } from "@/components/ui/badge";
import type { Run, TrialBrief } from "@/features/evals/queries";
import { words } from "@/features/evals/words";
import { cn } from "@/lib/cn";

const marks: Readonly<Record<TrialBrief["mark"], [LucideIcon, Meaning]>> = {
  passed: [Check, "good"],
  failed: [CircleX, "attention"],
  violated: [Ban, "urgent"],
  broken: [Unplug, "nothing"],
};

/** How a trial came out, in a word and an icon. */
export function MarkBadge({ mark }: { mark: TrialBrief["mark"] }) {
  const [Icon, means] = marks[mark];
  return (
    <Badge means={means}>
      <Icon aria-hidden />
      {words.marks[mark]}
    </Badge>
  );
}

const states: Readonly<Record<Run["state"], [LucideIcon, Meaning]>> = {
  queued: [Clock, "waiting"],
  running: [LoaderCircle, "waiting"],
  ended: [Check, "nothing"],
  stopped: [CirclePause, "attention"],
  broken: [Unplug, "urgent"],
};

/** Where a run stands. */
export function StateBadge({ run }: { run: Run }) {
  const [Icon, means] = states[run.state];
  return (
    <Badge means={means}>
      <Icon aria-hidden className={cn(run.state === "running" && "animate-spin")} />
      {run.stopping ? words.stopping : words.states[run.state]}
    </Badge>
  );
}

/** Whether a run passed its gate; nothing while that is not decided. */
export function GateBadge({ run }: { run: Run }) {
  if (run.open === null) return null;
  const Icon = run.open ? ShieldCheck : ShieldX;
  return (
    <Badge means={run.open ? "good" : "attention"}>
      <Icon aria-hidden />
      {run.open ? words.gate.open : words.gate.shut}
    </Badge>
  );
}
