/** A stream of server-sent events whose every event a test decides. */
export class FakeEventSource extends EventTarget {
  static opened: FakeEventSource[] = [];
  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  static get last(): FakeEventSource {
    const found = FakeEventSource.opened.at(-1);
    if (!found) throw new Error("no stream was opened");
    return found;
  }

  say(name: string, data?: unknown): void {
    this.dispatchEvent(
      data === undefined ? new Event(name) : new MessageEvent(name, { data: JSON.stringify(data) }),
    );
  }

  close(): void {
    this.closed = true;
  }
}
