import { type Putting, putFile } from "@/features/knowledge/put-file";
import { whyNot } from "@/features/knowledge/queries";
import { isUnreachable } from "@/lib/problem";

/**
 * asking: waits for a word, since it would replace another · waiting: for its turn · sending · sent: taken, not yet in the
 * list · failed: may be tried again · refused: this file will never do.
 */
export type UploadState = "asking" | "waiting" | "sending" | "sent" | "failed" | "refused";

export interface Upload {
  id: string;
  clinic: string;
  file: File;
  state: UploadState;
  /** From 0 to 1. */
  share: number;
  /** What went wrong. */
  says: string | null;
  /** The server could not be reached: it goes again by itself when it can. */
  unreachable: boolean;
}

const AT_ONCE = 2;

/** The files on their way. They outlive the page that chose them, not the tab: nothing can read them again without it. */
export class Uploads {
  #list: readonly Upload[] = [];
  #next = 0;
  readonly #puttings = new Map<string, Putting>();
  readonly #listeners = new Set<() => void>();
  readonly #put: typeof putFile;
  /** Called when the API has a file; what is in the list is dropped once it resolves. */
  onTaken: (clinic: string) => Promise<unknown> = () => Promise.resolve();

  constructor(put: typeof putFile = putFile) {
    this.#put = put;
  }

  readonly list = (): readonly Upload[] => this.#list;

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  /** Takes a file in: refused when there is a reason, asking when it would replace another, else on its way. */
  add(clinic: string, file: File, refusal: string | null, replaces: boolean): void {
    this.#next += 1;
    const state = refusal ? "refused" : replaces ? "asking" : "waiting";
    const upload = { clinic, file, state, share: 0, says: refusal, unreachable: false } as const;
    this.#set([...this.#list, { ...upload, id: String(this.#next) }]);
    this.#pump();
  }

  /** Sends one that asked or failed. */
  send(id: string): void {
    this.#change(id, { state: "waiting", share: 0, says: null, unreachable: false });
    this.#pump();
  }

  /** Sends again those that failed because the server was away. */
  resume(): void {
    for (const { id, state, unreachable } of this.#list) if (state === "failed" && unreachable) this.send(id);
  }

  /** Stops it if it is on its way, and forgets it. */
  drop(id: string): void {
    this.#puttings.get(id)?.cancel();
    this.#puttings.delete(id);
    this.#set(this.#list.filter((one) => one.id !== id));
    this.#pump();
  }

  #set(list: readonly Upload[]): void {
    this.#list = list;
    for (const tell of this.#listeners) tell();
  }

  #change(id: string, change: Partial<Upload>): void {
    this.#set(this.#list.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  #pump(): void {
    for (const upload of this.#list) {
      if (this.#puttings.size >= AT_ONCE) return;
      if (upload.state === "waiting") this.#begin(upload);
    }
  }

  #begin({ id, clinic, file }: Upload): void {
    this.#change(id, { state: "sending" });
    const putting = this.#put(clinic, file, (share) => this.#change(id, { share }));
    this.#puttings.set(id, putting);
    putting.done.then(
      async () => {
        this.#puttings.delete(id);
        this.#change(id, { state: "sent", share: 1 });
        this.#pump();
        await this.onTaken(clinic).catch(() => undefined);
        this.drop(id);
      },
      (error: unknown) => {
        this.#puttings.delete(id);
        this.#change(id, { state: "failed", says: whyNot(error), unreachable: isUnreachable(error) });
        this.#pump();
      },
    );
  }
}

export const uploads = new Uploads();
