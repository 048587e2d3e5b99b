import type { AddressInfo } from "node:net";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** The way to a server, which can be cut and mended, or lose what comes back. */
export class Wire {
  /** What is sent arrives; what comes back is lost, and the connection with it. */
  deaf = false;
  readonly #to: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(to: string) {
    this.#to = new URL(to);
  }

  get url(): string {
    return `http://${this.#to.hostname}:${this.#port}`;
  }

  async mend(): Promise<void> {
    const server = createServer((near) => this.#join(near));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, this.#to.hostname, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server?.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket): void {
    const far = dial(Number(this.#to.port), this.#to.hostname);
    const end = (): void => {
      near.destroy();
      far.destroy();
      this.#sockets.delete(near);
    };
    this.#sockets.add(near);
    near.pipe(far);
    far.on("data", (data) => (this.deaf ? end() : near.write(data)));
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
  }
}
