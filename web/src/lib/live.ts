import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { clinicKey } from "@/lib/clinic";
import { connection } from "@/lib/connection";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** Changes come in bunches: one turn commits several. */
const GATHER = 80;

/** Something of a clinic changed; only names and ids, the rows are read again. */
export interface Change {
  what:
    | "message"
    | "status"
    | "turn"
    | "owner"
    | "case"
    | "agenda"
    | "knowledge"
    | "wire"
    | "scenario"
    | "eval_run"
    | "report"
    | "pipeline"
    | "alert";
  conversation: string | null;
  turn: string | null;
  /** Of an `eval_run`. */
  run?: string | null;
  /** Of a `report`. */
  report?: string | null;
}

/** What may change who waits for a person, or until when. */
const waits: ReadonlySet<Change["what"]> = new Set(["case", "owner", "message"]);

/**
 * Which queries a change makes old, by the beginning of their keys. The areas a feature may use: `conversations` (lists),
 * `conversation` + id, `turn` + id, `queue`, `agenda`, `knowledge`, `wires`, `evals` (`runs`, `run` + id, `own`, `suites`),
 * `reports` (`list`, `one` + id, `figures`, `runs`, `desk`).
 */
export function staleAfter(clinic: string, change: Change): unknown[][] {
  if (change.what === "agenda" || change.what === "knowledge") return [clinicKey(clinic, change.what)];
  if (change.what === "wire") return [clinicKey(clinic, "wires")];
  if (change.what === "scenario")
    return [clinicKey(clinic, "evals", "own"), clinicKey(clinic, "evals", "suites")];
  if (change.what === "eval_run")
    return [
      clinicKey(clinic, "evals", "runs"),
      ...(change.run ? [clinicKey(clinic, "evals", "run", change.run)] : []),
    ];
  if (change.what === "report")
    return [
      ...["list", "figures"].map((part) => clinicKey(clinic, "reports", part)),
      ...(change.report ? [clinicKey(clinic, "reports", "one", change.report)] : []),
    ];
  if (change.what === "pipeline")
    return ["runs", "desk", "figures"].map((part) => clinicKey(clinic, "reports", part));
  if (change.what === "alert") return [clinicKey(clinic, "reports", "figures", "today")];
  // A turn tells of every step: lists, which show none of it, are not read again for each.
  const keys = change.what === "turn" ? [] : [clinicKey(clinic, "conversations")];
  if (waits.has(change.what)) keys.push(clinicKey(clinic, "queue"));
  if (change.conversation) keys.push(clinicKey(clinic, "conversation", change.conversation));
  // A report on its way to a family is a message with ticks.
  if (change.what === "status") keys.push(clinicKey(clinic, "reports", "one"));
  if (change.turn) keys.push(clinicKey(clinic, "turn", change.turn));
  return keys;
}

function changeIn(data: string): Change | null {
  try {
    const said: unknown = JSON.parse(data);
    return typeof said === "object" && said !== null && "what" in said ? (said as Change) : null;
  } catch {
    return null;
  }
}

/**
 * Keeps the queries of a clinic (or of a rehearsal's sandbox) as fresh as its rows. Opens again with growing pauses when
 * the stream ends. Nothing is replayed: on `ready`, the first word of a stream and the one after the server itself was
 * deaf for a while, all of the clinic's queries are old. Rests while the page is hidden: a browser gives a server six
 * connections over all its tabs. Returns how to end it.
 */
export function openLive(clinic: string, queries: QueryClient): () => void {
  let source: EventSource | undefined;
  let pause = FIRST_PAUSE;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const stale = new Map<string, unknown[]>();

  function flush(): void {
    gathering = undefined;
    for (const queryKey of stale.values()) void queries.invalidateQueries({ queryKey });
    stale.clear();
  }

  function hear(event: MessageEvent<string>): void {
    const change = changeIn(event.data);
    if (!change) return;
    for (const key of staleAfter(clinic, change)) stale.set(JSON.stringify(key), key);
    gathering ??= setTimeout(flush, GATHER);
  }

  function open(): void {
    clearTimeout(reopening);
    source?.close();
    if (document.hidden) return;
    source = new EventSource(`/api/events?clinic=${encodeURIComponent(clinic)}`);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
    });
    source.addEventListener("ready", () => void queries.invalidateQueries({ queryKey: [clinic] }));
    source.addEventListener("changed", hear);
    source.addEventListener("error", () => {
      source?.close();
      connection.suspect();
      reopening = setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    });
  }

  const stopHearing = connection.subscribe(() => connection.lost || open());
  document.addEventListener("visibilitychange", open);
  open();
  return () => {
    stopHearing();
    document.removeEventListener("visibilitychange", open);
    clearTimeout(reopening);
    clearTimeout(gathering);
    source?.close();
  };
}

/** `openLive` for as long as the component is shown. */
export function useLive(clinic: string | undefined): void {
  const queries = useQueryClient();
  useEffect(() => (clinic ? openLive(clinic, queries) : undefined), [clinic, queries]);
}
