import type { UnsentLine } from "@/components/chat/line";
import type { Voice } from "@/features/playground/commands";
import type { Said } from "@/features/playground/queries";
import { words } from "@/features/playground/words";
import { keepDraft, readDraft } from "@/lib/draft";
import { explain, isStranger, isUnreachable, Problem } from "@/lib/problem";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/** A message on its way. `id` is its message_id: however often it is sent, it is one message. */
export interface Parcel extends UnsentLine {
  voice: Voice;
  /** The message it became. */
  stored?: string;
}

type Send = (parcel: Parcel, file: File | undefined) => Promise<Said>;

function isParcel(one: unknown): one is Parcel {
  return typeof one === "object" && one !== null && "id" in one && "voice" in one && "state" in one;
}

/**
 * What was said in a rehearsal and is not in its transcript yet: sent one by one, in order, kept through a reload of the tab,
 * held while Carol cannot be reached or
 * asks for the password. Files do not survive a reload, and say so.
 */
export class Outbox {
  #parcels: readonly Parcel[];
  #sending = false;
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #files = new Map<string, File>();
  readonly #listeners = new Set<() => void>();
  readonly #key: string;
  readonly #send: Send;
  readonly #onStored: (said: Said) => void;

  constructor(rehearsal: string, send: Send, onStored: (said: Said) => void) {
    this.#key = `rehearsal.outbox.${rehearsal}`;
    this.#send = send;
    this.#onStored = onStored;
    this.#parcels = this.#restored();
  }

  get parcels(): readonly Parcel[] {
    return this.#parcels;
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  add(parcel: Omit<Parcel, "state">, file?: File): void {
    if (file) this.#files.set(parcel.id, file);
    this.#replace([...this.#parcels, { ...parcel, state: "waiting" }]);
    void this.flush();
  }

  retry(id: string): void {
    this.#change(id, { state: "waiting", why: undefined });
    void this.flush();
  }

  discard(id: string): void {
    this.#files.delete(id);
    this.#replace(this.#parcels.filter((parcel) => parcel.id !== id));
  }

  /** Lets go of those that the transcript shows by now. */
  settle(shown: ReadonlySet<string>): void {
    const left = this.#parcels.filter((parcel) => !parcel.stored || !shown.has(parcel.stored));
    if (left.length !== this.#parcels.length) this.#replace(left);
  }

  /** Sends what waits. Called again by itself until all is sent. */
  async flush(): Promise<void> {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        if (!(await this.#deliver(next))) {
          this.#timer = setTimeout(() => void this.flush(), this.#pause);
          this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
          return;
        }
        this.#pause = FIRST_PAUSE;
      }
    } finally {
      this.#sending = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): Parcel | undefined {
    return this.#parcels.find((parcel) => parcel.state === "waiting");
  }

  /** False when it must be tried again later. */
  async #deliver(parcel: Parcel): Promise<boolean> {
    this.#change(parcel.id, { state: "sending" });
    try {
      const said = await this.#send(parcel, this.#files.get(parcel.id));
      this.#files.delete(parcel.id);
      this.#change(parcel.id, { stored: said.message });
      this.#onStored(said);
      return true;
    } catch (error) {
      if (isUnreachable(error) || isStranger(error)) {
        this.#change(parcel.id, { state: "waiting" });
        return false;
      }
      const again = !(error instanceof Problem && [404, 413, 415].includes(error.status));
      this.#change(parcel.id, { state: "failed", why: explain(error), again });
      return true;
    }
  }

  #restored(): Parcel[] {
    let kept: unknown;
    try {
      kept = JSON.parse(readDraft(this.#key) || "[]");
    } catch {
      kept = [];
    }
    const parcels = Array.isArray(kept) ? kept.filter(isParcel) : [];
    return parcels.map((parcel) => {
      if (parcel.stored || parcel.state === "failed") return parcel;
      if (parcel.file) return { ...parcel, state: "failed", again: false, why: words.chat.fileLost };
      return { ...parcel, state: "waiting" };
    });
  }

  #change(id: string, what: Partial<Parcel>): void {
    this.#replace(this.#parcels.map((parcel) => (parcel.id === id ? { ...parcel, ...what } : parcel)));
  }

  #replace(next: readonly Parcel[]): void {
    this.#parcels = next;
    keepDraft(this.#key, next.length ? JSON.stringify(next) : "");
    for (const tell of this.#listeners) tell();
  }
}
