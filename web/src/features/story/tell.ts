import {
  CalendarCheck,
  CalendarClock,
  CalendarSearch,
  CalendarX,
  CircleHelp,
  CircleSlash,
  FileSearch,
  Hand,
  HeartPulse,
  Inbox,
  type LucideIcon,
  MessageCircle,
  MessageCircleOff,
  PencilLine,
  RotateCcw,
  ShieldAlert,
  ShieldCheck,
  Sparkles,
  Store,
  TriangleAlert,
  Unplug,
  UserRound,
  Users,
} from "lucide-react";
import { flagWords, problemWords } from "@/features/story/code-words";
import { tellTool } from "@/features/story/tell-tools";
import { toolVerbs } from "@/features/story/tool-words";
import type { Step, Turn } from "@/features/story/types";
import { understoodWords } from "@/features/story/understood";
import { words } from "@/features/story/words";

export type Means = "nothing" | "good" | "attention" | "urgent";

/** One line of the story. `step` is what is shown one click deeper; lines about the turn itself have none. */
export interface Line {
  says: string;
  about?: string | undefined;
  icon: LucideIcon;
  means: Means;
  step?: Step;
}

const toolIcons: Readonly<Record<string, LucideIcon>> = {
  list_services: Store,
  clinic_facts: Store,
  find_slots: CalendarSearch,
  propose_visit: CalendarClock,
  propose_move: CalendarClock,
  propose_cancel: CalendarClock,
  book_visit: CalendarCheck,
  move_visit: CalendarCheck,
  cancel_visit: CalendarX,
  my_visits: CalendarSearch,
  for_whom: UserRound,
  search_knowledge: FileSearch,
  escalate: Hand,
};

function known(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

function problems(step: Step): string {
  const kinds = step.problems.map((problem) => known(problemWords, problem.kind) ?? words.notGrounded);
  return [...new Set(kinds)].join("; ") || words.notGrounded;
}

function screened(step: Step, next: Step | undefined): Omit<Line, "step"> {
  if (step.flag || next?.step === "red_flag")
    return { says: words.unsafe, icon: ShieldAlert, means: "urgent" };
  if (step.decision === "silence") return { says: words.silence, icon: MessageCircleOff, means: "nothing" };
  if (step.decision === "human") return { says: words.human, icon: Hand, means: "nothing" };
  return { says: words.safe, icon: ShieldCheck, means: "nothing" };
}

function flagged(step: Step): Omit<Line, "step"> {
  const what = known(flagWords, (step.flag ?? "").split(":").at(-1) ?? "");
  return {
    says: what ? words.flag(what) : words.flagUnknown,
    about: step.case != null ? words.openedCase(step.case) : undefined,
    icon: HeartPulse,
    means: "urgent",
  };
}

function identified(step: Step): Omit<Line, "step"> {
  const about = step.visits ? words.visitsAhead(step.visits) : undefined;
  if (step.person) return { says: words.speakingFor(step.person), about, icon: UserRound, means: "nothing" };
  const people = step.people ?? 0;
  const says = people > 1 ? words.whichOne(people) : words.nobodyYet;
  return { says, about, icon: Users, means: "nothing" };
}

function thought(step: Step, before: readonly Step[]): Omit<Line, "step"> {
  const failed = step.attempts.filter((attempt) => !["ok", "repaired"].includes(attempt.outcome));
  if (!step.model && failed.length === step.attempts.length) {
    const models = new Set(failed.map((attempt) => attempt.model)).size;
    return { says: words.noAnswer(models), icon: Unplug, means: "attention" };
  }
  const about = failed.length ? words.afterTries(step.attempts.length) : undefined;
  const earlier = before.filter((one) => one.step === "think").map((one) => understoodWords(one.understood));
  const read = understoodWords(step.understood);
  if (read && !earlier.includes(read))
    return { says: words.understood(read), about, icon: Sparkles, means: "nothing" };
  if (step.asked.length) {
    const asked = [...new Set(step.asked.map((tool) => known(toolVerbs, tool) ?? tool))].join(", ");
    return { says: words.decided(asked), about, icon: Sparkles, means: "nothing" };
  }
  const again = before.some((one) => one.step === "check" && one.ok === false);
  const says = again ? words.wroteAgain : step.said || step.model ? words.wrote : words.thought;
  return { says, about, icon: PencilLine, means: "nothing" };
}

function checked(step: Step, after: readonly Step[], turn: Turn): Omit<Line, "step"> {
  if (step.ok !== false) return { says: words.grounded, icon: ShieldCheck, means: "good" };
  const excerpts = step.problems.map((problem) => problem.excerpt).filter(Boolean);
  const about = excerpts.length ? excerpts.map((excerpt) => `“${excerpt}”`).join(" · ") : undefined;
  const rewritten = after.some((one) => one.step === "think") || (turn.status === "running" && !after.length);
  const says = rewritten ? words.rewrote(problems(step)) : words.refused(problems(step));
  return { says, about, icon: rewritten ? PencilLine : CircleSlash, means: "attention" };
}

function replied(turn: Turn): Omit<Line, "step"> {
  const icon = MessageCircle;
  if (turn.status === "running") return { says: words.ready, icon, means: "nothing" };
  if (turn.outcome === "silent") return { says: words.saidNothing, icon: MessageCircleOff, means: "nothing" };
  if (turn.outcome === "emergency") return { says: words.repliedEmergency, icon, means: "urgent" };
  if (turn.outcome === "handed_over") return { says: words.repliedHandedOver, icon, means: "good" };
  if (turn.outcome === "held") return { says: words.repliedHeld, icon, means: "nothing" };
  return turn.status === "adopted"
    ? { says: words.replied(turn.replies.length), icon, means: "good" }
    : { says: words.ready, icon, means: "nothing" };
}

function held(step: Step, before: readonly Step[]): Omit<Line, "step"> {
  const last = before.findLast((one) => one.step === "think");
  const why = last?.model ? words.heldTooLong : words.heldNoModel;
  const opened = step.case != null ? words.openedCase(step.case) : "";
  return { says: words.held(why, opened), icon: TriangleAlert, means: "attention" };
}

function used(step: Step): Omit<Line, "step"> {
  const wrote = step.receipt != null;
  const icon = (Object.hasOwn(toolIcons, step.tool ?? "") && toolIcons[step.tool ?? ""]) || CircleHelp;
  const refused = step.result != null && "error" in step.result;
  return { ...tellTool(step), icon, means: refused ? "attention" : wrote ? "good" : "nothing" };
}

/** One step in words. The ones before and after decide a few of them. */
export function tellStep(turn: Turn, at: number): Line {
  const step = turn.steps[at];
  if (!step) throw new Error(`no step ${at}`);
  const before = turn.steps.slice(0, at);
  const after = turn.steps.slice(at + 1);
  const tell: Readonly<Record<string, () => Omit<Line, "step">>> = {
    screen: () => screened(step, after[0]),
    red_flag: () => flagged(step),
    identify: () => identified(step),
    think: () => thought(step, before),
    tool: () => used(step),
    check: () => checked(step, after, turn),
    hold: () => held(step, before),
    reply: () => replied(turn),
    handed_over: () => ({ says: words.saidNothing, icon: MessageCircleOff, means: "nothing" }),
    human_only: () => ({ says: words.onlyPeople, icon: Hand, means: "nothing" }),
  };
  const teller = Object.hasOwn(tell, step.step) ? tell[step.step] : undefined;
  const line = teller?.() ?? {
    says: words.unknownStep(step.step),
    icon: CircleHelp,
    means: "nothing" as const,
  };
  return { ...line, step };
}

/** The whole turn, from what was received to how it ended. */
export function tellTurn(turn: Turn): Line[] {
  const lines: Line[] = [];
  const received = turn.answered.length;
  if (received) lines.push({ says: words.received(received), icon: Inbox, means: "nothing" });
  lines.push(...turn.steps.map((_, at) => tellStep(turn, at)));
  if (turn.status === "superseded")
    lines.push({ says: words.superseded, icon: RotateCcw, means: "attention" });
  if (turn.status === "failed")
    lines.push({ says: words.broke, about: words.brokeAbout, icon: TriangleAlert, means: "urgent" });
  return lines;
}
