import { useSyncExternalStore } from "react";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
const PATIENCE = 5_000;

/** Whether the server can be asked. `serving` is false while it answers but cannot reach its database. */
async function serving(): Promise<boolean> {
  try {
    const said = await fetch("/ready", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (said.ok) return true;
    const parts: unknown = said.status === 503 ? await said.json() : null;
    return typeof parts === "object" && parts !== null && "database" in parts && parts.database === "ok";
  } catch {
    return false;
  }
}

/**
 * Whether Carol can be reached. A failed request is only a suspicion: she is lost when she does not answer for herself
 * either, and from then on we ask until she does, with growing pauses.
 */
export class Connection {
  #lost = false;
  #asking: Promise<boolean> | undefined;
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #probe: () => Promise<boolean>;

  constructor(probe: () => Promise<boolean> = serving) {
    this.#probe = probe;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Calls back whenever she is lost or found; returns how to stop that. */
  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  /** Something failed that should not have: find out. */
  suspect(): void {
    if (!this.#lost) void this.ask();
  }

  /** Ask now instead of at the end of the pause. */
  retry(): void {
    this.#pause = FIRST_PAUSE;
    void this.ask();
  }

  /** Whether she answers now. */
  ask(): Promise<boolean> {
    this.#asking ??= this.#find().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #find(): Promise<boolean> {
    clearTimeout(this.#timer);
    const found = await this.#probe();
    if (!found) {
      this.#timer = setTimeout(() => void this.ask(), this.#pause);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    } else {
      this.#pause = FIRST_PAUSE;
    }
    if (this.#lost === found) {
      this.#lost = !found;
      for (const tell of this.#listeners) tell();
    }
    return found;
  }
}

export const connection = new Connection();

/** Whether Carol is lost, as it changes. */
export function useLost(): boolean {
  return useSyncExternalStore(connection.subscribe, () => connection.lost);
}
