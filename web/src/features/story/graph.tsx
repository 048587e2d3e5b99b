import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { nodeWords } from "@/features/story/code-words";
import { BOX, drawn } from "@/features/story/graph-layout";
import { pathOf, visitsOf, waysOf } from "@/features/story/path";
import { graphQuery } from "@/features/story/queries";
import type { Graph, Turn } from "@/features/story/types";
import { words } from "@/features/story/words";
import { cn } from "@/lib/cn";

const KEY = "carol.story.graph";

function name(node: string): string {
  return nodeWords[node] ?? node;
}

function wasOpen(): boolean {
  try {
    const kept = localStorage.getItem(KEY);
    return kept ? kept === "open" : window.matchMedia?.("(min-width: 40rem)").matches === true;
  } catch {
    return false;
  }
}

/** The way this turn took through the state machine: in words always, drawn when one wants it. */
export function Path({ turn }: { turn: Turn }) {
  const [open, setOpen] = useState(wasOpen);
  const id = useId();
  const graph = useQuery({ ...graphQuery, enabled: open });
  const path = pathOf(turn.steps);
  const said = words.graph.path(path.map(name));

  function turnOver(): void {
    setOpen(!open);
    try {
      localStorage.setItem(KEY, open ? "shut" : "open");
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }

  return (
    <section className="border-b border-line" aria-label={words.graph.title}>
      <button
        type="button"
        onClick={turnOver}
        aria-expanded={open}
        aria-controls={id}
        className="flex w-full items-start gap-2 px-4 py-2 text-left text-small text-ink-soft -outline-offset-2 hover:bg-hover touch:min-h-11"
      >
        <span className="min-w-0 grow">{path.length ? said : words.graph.title}</span>
        <span className="sr-only">{open ? words.graph.hide : words.graph.show}</span>
        <ChevronDown
          aria-hidden
          className={cn("mt-0.5 size-4 shrink-0 transition-transform", open && "rotate-180")}
        />
      </button>
      <div id={id} hidden={!open} className="px-4 pb-3">
        {open && graph.data ? (
          <Drawn graph={graph.data} path={path} running={turn.status === "running"} said={said} />
        ) : graph.isError ? (
          <p className="text-small text-ink-soft">{words.graph.failed}</p>
        ) : (
          <div className="h-52" />
        )}
      </div>
    </section>
  );
}

interface DrawnProps {
  graph: Graph;
  path: readonly string[];
  running: boolean;
  said: string;
}

function Drawn({ graph, path, running, said }: DrawnProps) {
  const drawing = useMemo(() => drawn(graph), [graph]);
  const visits = visitsOf(path);
  const taken = waysOf(path);
  const now = running ? path.at(-1) : undefined;
  const lit = (way: { from: string; to: string }) => taken.has(`${way.from} ${way.to}`);
  return (
    <svg
      role="img"
      aria-label={said}
      viewBox={`-8 -4 ${drawing.width + 16} ${drawing.height + 8}`}
      className="mx-auto block w-full max-w-90"
    >
      {drawing.ways
        .toSorted((a, b) => Number(lit(a)) - Number(lit(b)))
        .map((way) => (
          <path
            key={`${way.from} ${way.to}`}
            d={way.d}
            fill="none"
            className={lit(way) ? "stroke-accent" : "stroke-line"}
            strokeWidth={lit(way) ? 2 : 1.25}
          />
        ))}
      {drawing.places.map(({ id, x, y }) => {
        const times = visits.get(id) ?? 0;
        return (
          <g key={id}>
            {id === now ? (
              <rect
                x={x - BOX.width / 2 - 3}
                y={y - 3}
                width={BOX.width + 6}
                height={BOX.height + 6}
                rx={9}
                fill="none"
                strokeWidth={3}
                className="animate-[carol-breathe_1.2s_ease-in-out_infinite] stroke-accent"
              />
            ) : null}
            <rect
              x={x - BOX.width / 2}
              y={y}
              width={BOX.width}
              height={BOX.height}
              rx={6}
              className={times ? "fill-accent-soft stroke-accent" : "fill-surface stroke-line"}
            />
            <text
              x={x}
              y={y + BOX.height / 2}
              textAnchor="middle"
              dominantBaseline="central"
              fontSize={12}
              className={times ? "fill-ink font-medium" : "fill-ink-faint"}
            >
              {name(id)}
            </text>
            {times > 1 ? (
              <g>
                <circle cx={x + BOX.width / 2 - 1} cy={y + 2} r={9} className="fill-accent" />
                <text
                  x={x + BOX.width / 2 - 1}
                  y={y + 2}
                  textAnchor="middle"
                  dominantBaseline="central"
                  fontSize={10}
                  className="fill-on-accent font-semibold"
                >
                  {words.graph.times(times)}
                </text>
              </g>
            ) : null}
          </g>
        );
      })}
    </svg>
  );
}
