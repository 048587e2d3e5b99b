import { type APIRequestContext, expect } from "@playwright/test";

/** A patient with WhatsApp on a line of the clinic, which can fall and come back. `tests/web/phone.py` does what is asked. */
export class Phone {
  readonly name: string;
  readonly #number: string;
  readonly #request: APIRequestContext;

  constructor(request: APIRequestContext, name: string) {
    this.#request = request;
    this.name = name;
    this.#number = `553198${String(Date.now() % 10_000_000).padStart(7, "0")}`;
  }

  begin = (): Promise<void> => this.#ask({ do: "begin" });
  end = (): Promise<void> => this.#ask({ do: "end" });
  say = (text: string): Promise<void> => this.#ask({ do: "say", text });

  /** The clinic's line falls, or comes back. */
  line = (up: boolean): Promise<void> => this.#ask({ do: "line", up });

  send(kind: "audio" | "image" | "document", file: { name: string; mimeType: string; buffer: Buffer }) {
    const data = file.buffer.toString("base64");
    return this.#ask({
      do: "file",
      kind,
      media_type: file.mimeType,
      name: kind === "audio" ? "" : file.name,
      data,
    });
  }

  /** WhatsApp tells how far what has these words got. */
  told = (text: string, ack: "DELIVERY_ACK" | "READ"): Promise<void> =>
    this.#ask({ do: "status", text, ack });

  async #ask(what: Record<string, unknown>): Promise<void> {
    const url = process.env.CAROL_WALK_PHONE;
    if (!url) throw new Error("CAROL_WALK_PHONE: where the phones of patients are told what to do");
    const answer = await this.#request.post(url, {
      data: { ...what, number: this.#number, person: this.name },
    });
    expect(answer.status(), JSON.stringify(what)).toBe(200);
  }
}
