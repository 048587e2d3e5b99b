import { expect, test } from "vitest";
import { BOX, drawn } from "@/features/story/graph-layout";
import { step } from "@/features/story/make";
import { pathOf, visitsOf, waysOf } from "@/features/story/path";
import type { Graph } from "@/features/story/types";

const graph: Graph = {
  nodes: [
    "__start__",
    "screen",
    "identify",
    "think",
    "act",
    "check",
    "reply",
    "handed_over",
    "human_only",
    "__end__",
  ],
  edges: [
    ["__start__", "screen", false],
    ["act", "think", false],
    ["check", "reply", true],
    ["check", "think", true],
    ["human_only", "reply", false],
    ["identify", "think", false],
    ["screen", "handed_over", true],
    ["screen", "human_only", true],
    ["screen", "identify", true],
    ["screen", "reply", true],
    ["think", "act", true],
    ["think", "check", true],
    ["think", "reply", true],
    ["handed_over", "__end__", false],
    ["reply", "__end__", false],
  ],
};

test("every state has a place of its own, the first on top and the reply at the bottom", () => {
  const { places, ways, width } = drawn(graph);
  expect(places.map((place) => place.id).sort()).toEqual(
    graph.nodes.filter((node) => !node.startsWith("__")).sort(),
  );
  for (const a of places)
    for (const b of places)
      if (a !== b && a.y === b.y) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(BOX.width);
  const y = (id: string) => places.find((place) => place.id === id)?.y ?? 0;
  expect(Math.min(...places.map((place) => place.y))).toBe(y("screen"));
  expect(Math.max(...places.map((place) => place.y))).toBe(y("reply"));
  expect(ways).toHaveLength(12);
  expect(width).toBeLessThan(340);
});

test("a way back does not turn the drawing over", () => {
  const y = (id: string) => drawn(graph).places.find((place) => place.id === id)?.y ?? 0;
  expect(y("think")).toBeLessThan(y("act"));
  expect(y("think")).toBeLessThan(y("check"));
});

test("an empty graph, and one that only turns in a circle, are drawn", () => {
  expect(drawn({ nodes: [], edges: [] }).places).toEqual([]);
  expect(
    drawn({
      nodes: ["a", "b"],
      edges: [
        ["a", "b", false],
        ["b", "a", false],
      ],
    }).places,
  ).toHaveLength(2);
});

test("the path of a turn: steps in one state are one visit", () => {
  const steps = [
    step("screen", { node: "screen" }),
    step("red_flag", { node: "screen" }),
    step("think", { node: "think" }),
    step("tool", { node: "act" }),
    step("tool", { node: "act" }),
    step("think"),
    step("dream"),
    step("reply"),
  ];
  const path = pathOf(steps);
  expect(path).toEqual(["screen", "think", "act", "think", "reply"]);
  expect(visitsOf(path).get("think")).toBe(2);
  expect(waysOf(path).has("act think")).toBe(true);
});
