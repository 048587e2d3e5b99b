import type { Graph } from "@/features/story/types";

/** Lays a small state machine out in layers from top to bottom, long ways led around the states between. Pure. */
export const BOX = { width: 98, height: 26 };
const GAP = { x: 8, y: 17 };
const LANE = 12;

export interface Place {
  id: string;
  x: number;
  y: number;
}

export interface Way {
  from: string;
  to: string;
  /** An SVG path. */
  d: string;
}

export interface Drawing {
  places: Place[];
  ways: Way[];
  width: number;
  height: number;
}

interface Cell {
  id: string;
  /** A bend of a long way rather than a state. */
  bend: boolean;
  layer: number;
  x: number;
}

type Edge = readonly [string, string];

/** Ways that lead back to a state one is still on the way from. */
function backward(nodes: readonly string[], edges: readonly Edge[]): Set<Edge> {
  const back = new Set<Edge>();
  const state = new Map<string, "open" | "done">();
  function visit(node: string): void {
    state.set(node, "open");
    for (const edge of edges.filter(([from]) => from === node)) {
      if (state.get(edge[1]) === "open") back.add(edge);
      else if (!state.has(edge[1])) visit(edge[1]);
    }
    state.set(node, "done");
  }
  for (const node of nodes) if (!state.has(node)) visit(node);
  return back;
}

/** The longest way from a start. */
function layersOf(nodes: readonly string[], forward: readonly Edge[]): Map<string, number> {
  const layer = new Map(nodes.map((node) => [node, 0]));
  for (const _ of nodes) {
    for (const [from, to] of forward) layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(from) ?? 0) + 1));
  }
  return layer;
}

/** Cells next to what they are tied to, in a few sweeps down and up. */
function ordered(rows: Cell[][], links: readonly Edge[]): void {
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const near = new Map(
        rows.flatMap((one) => one.map((cell, at) => [cell.id, at - (one.length - 1) / 2])),
      );
      const wish = new Map(
        row.map((cell) => {
          const tied = links
            .filter((link) => link[down ? 1 : 0] === cell.id)
            .map((link) => link[down ? 0 : 1]);
          const sum = tied.reduce((total, id) => total + (near.get(id) ?? 0), 0);
          return [cell.id, tied.length ? sum / tied.length : (near.get(cell.id) ?? 0)];
        }),
      );
      row.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
    }
  }
}

/** Gives each cell of each row its place; the widest row decides the width. */
function placed(rows: Cell[][]): number {
  const widthOf = (cell: Cell) => (cell.bend ? LANE : BOX.width);
  const widths = rows.map(
    (row) => row.reduce((sum, cell) => sum + widthOf(cell), 0) + GAP.x * (row.length - 1),
  );
  const widest = Math.max(0, ...widths);
  rows.forEach((row, at) => {
    let x = (widest - (widths[at] ?? 0)) / 2;
    for (const cell of row) {
      cell.x = x + widthOf(cell) / 2;
      x += widthOf(cell) + GAP.x;
    }
  });
  return widest;
}

function top(layer: number): number {
  return layer * (BOX.height + GAP.y) + 1;
}

function curve(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], at) => {
      const before = points[at - 1];
      if (!before) return `M${x} ${y}`;
      const middle = (before[1] + y) / 2;
      return `C${before[0]} ${middle} ${x} ${middle} ${x} ${y}`;
    })
    .join("");
}

export function drawn(graph: Graph): Drawing {
  const nodes = graph.nodes.filter((node) => !node.startsWith("__"));
  const edges: Edge[] = graph.edges
    .map(([from, to]): Edge => [String(from), String(to)])
    .filter(([from, to]) => nodes.includes(from) && nodes.includes(to));
  const back = backward(nodes, edges);
  const layer = layersOf(
    nodes,
    edges.filter((edge) => !back.has(edge)),
  );
  const rows: Cell[][] = Array.from({ length: Math.max(0, ...layer.values()) + 1 }, () => []);
  for (const id of nodes)
    rows[layer.get(id) ?? 0]?.push({ id, bend: false, layer: layer.get(id) ?? 0, x: 0 });

  const links: Edge[] = [];
  const chains = new Map<Edge, string[]>();
  for (const edge of edges) {
    const [high, low] = back.has(edge) ? [edge[1], edge[0]] : edge;
    const chain = [high];
    for (let at = (layer.get(high) ?? 0) + 1; at < (layer.get(low) ?? 0); at += 1) {
      const id = `${edge[0]} ${edge[1]} ${at}`;
      rows[at]?.push({ id, bend: true, layer: at, x: 0 });
      chain.push(id);
    }
    chain.push(low);
    links.push(...chain.slice(1).map((id, at): Edge => [chain[at] ?? "", id]));
    chains.set(edge, chain);
  }
  ordered(rows, links);
  const width = placed(rows);
  const cells = new Map(rows.flat().map((cell) => [cell.id, cell]));

  const ways = edges.map((edge) => {
    const chain = (chains.get(edge) ?? []).flatMap((id) => cells.get(id) ?? []);
    // Two states tied both ways: the two lines stand apart.
    const both = edges.some(([from, to]) => from === edge[1] && to === edge[0]);
    const aside = both ? (back.has(edge) ? 8 : -8) : 0;
    const points = chain.flatMap((cell, at): (readonly [number, number])[] => {
      const high = top(cell.layer);
      const low = high + BOX.height;
      if (at === 0) return [[cell.x + aside, low]];
      if (at === chain.length - 1) return [[cell.x + aside, high]];
      return [
        [cell.x, high],
        [cell.x, low],
      ];
    });
    return { from: edge[0], to: edge[1], d: curve(back.has(edge) ? points.toReversed() : points) };
  });
  const places = rows
    .flat()
    .filter((cell) => !cell.bend)
    .map((cell) => ({ id: cell.id, x: cell.x, y: top(cell.layer) }));
  return { places, ways, width, height: top(rows.length - 1) + BOX.height + 1 };
}
