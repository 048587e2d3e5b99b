import type { UnsentLine } from "@/components/chat/line";
import { reply } from "@/features/conversations/queries";
import { keepDraft, readDraft } from "@/lib/draft";
import { explain, isStranger, isUnreachable } from "@/lib/problem";

const KEY = "replies";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
/** Sending the same again would be refused again. */
const HOPELESS = ["other_words", "empty_message", "long_message", "bad_name", "not_found", "no_conversation"];

/** A reply that the server does not show yet. `line`: it has it, under that id. */
export interface Pending extends UnsentLine {
  conversation: string;
  by: string;
  line?: string;
}

/**
 * What was answered here and is not in the transcript yet: kept for a reload, sent in order, tried again under the same id
 * when the server comes back, so that nothing is lost and nothing is said twice.
 */
export class Replies {
  #list: readonly Pending[] = [];
  readonly #busy = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #send: typeof reply;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = FIRST_PAUSE;
  /** Called when the server has one, or asks who we are: the conversation is to be read again. */
  onAnswer: (conversation: string) => void = () => undefined;

  constructor(send: typeof reply = reply) {
    this.#send = send;
    this.#list = stored().map((one) => (one.state === "sending" ? { ...one, state: "waiting" } : one));
  }

  readonly list = (): readonly Pending[] => this.#list;

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  say(conversation: string, text: string, by: string, now: Date = new Date()): void {
    const pending = {
      id: newId(),
      conversation,
      text,
      by,
      at: now.toISOString(),
      state: "waiting" as const,
    };
    this.#set([...this.#list, pending]);
    void this.#pump(conversation);
  }

  /** Tries one again that failed. */
  retry(id: string): void {
    const one = this.#list.find((pending) => pending.id === id);
    if (!one) return;
    this.#change(id, { state: "waiting", why: undefined });
    void this.#pump(one.conversation);
  }

  discard(id: string): void {
    this.#set(this.#list.filter((one) => one.id !== id));
  }

  /** Sends whatever waits: after a reload, or when the server is back. */
  resume(): void {
    for (const conversation of new Set(this.#list.map((one) => one.conversation)))
      void this.#pump(conversation);
  }

  /** Forgets those that the transcript shows by now. */
  settle(lines: ReadonlySet<string>): void {
    const left = this.#list.filter((one) => !one.line || !lines.has(one.line));
    if (left.length < this.#list.length) this.#set(left);
  }

  #set(list: readonly Pending[]): void {
    this.#list = list;
    keepDraft(KEY, list.length ? JSON.stringify(list) : "");
    for (const tell of this.#listeners) tell();
  }

  #change(id: string, change: Partial<Pending>): void {
    this.#set(this.#list.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  async #pump(conversation: string): Promise<void> {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    const next = () => this.#list.find((one) => one.conversation === conversation && one.state === "waiting");
    for (let one = next(); one; one = next()) if (!(await this.#try(one))) break;
    this.#busy.delete(conversation);
  }

  /** One request may fail while the server is well: nothing else would tell when to try again. */
  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.resume(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** False when the server cannot be reached: what comes after waits too. */
  async #try({ id, conversation, text, by }: Pending): Promise<boolean> {
    this.#change(id, { state: "sending" });
    try {
      const line = await this.#send(conversation, { text, by, message_id: id });
      this.#pause = FIRST_PAUSE;
      this.#change(id, { line: line.id });
      this.onAnswer(conversation);
      return true;
    } catch (error) {
      if (isUnreachable(error) || isStranger(error)) {
        this.#change(id, { state: "waiting" });
        if (isStranger(error)) this.onAnswer(conversation);
        else this.#later();
        return false;
      }
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      this.#change(id, { state: "failed", why: explain(error), again: !HOPELESS.includes(code) });
      return true;
    }
  }
}

/** Also where the page is not served securely, and `randomUUID` is missing. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((one) => one.toString(16).padStart(2, "0"))
    .join("");
}

function stored(): Pending[] {
  try {
    const said: unknown = JSON.parse(readDraft(KEY) || "[]");
    return Array.isArray(said) ? (said as Pending[]) : [];
  } catch {
    return [];
  }
}

export const replies = new Replies();
