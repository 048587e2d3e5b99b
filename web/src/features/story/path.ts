import type { Step } from "@/features/story/types";

/** Where a step runs, for stories from before steps said so. */
const nodeOf: Readonly<Record<string, string>> = {
  screen: "screen",
  red_flag: "screen",
  identify: "identify",
  think: "think",
  hold: "think",
  tool: "act",
  check: "check",
  reply: "reply",
  handed_over: "handed_over",
  human_only: "human_only",
};

/** The states this turn went through, in order. No state leads to itself, so steps in a row are one visit. */
export function pathOf(steps: readonly Step[]): string[] {
  const nodes = steps.map((step) => step.node ?? nodeOf[step.step]).filter((node) => node != null);
  return nodes.filter((node, at) => node !== nodes[at - 1]);
}

/** How often each state was visited. */
export function visitsOf(path: readonly string[]): Map<string, number> {
  const visits = new Map<string, number>();
  for (const node of path) visits.set(node, (visits.get(node) ?? 0) + 1);
  return visits;
}

/** The ways taken, as "from to". */
export function waysOf(path: readonly string[]): Set<string> {
  return new Set(path.slice(1).map((node, at) => `${path[at]} ${node}`));
}
