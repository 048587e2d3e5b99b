import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type Parcel } from "@/features/playground/outbox";
import type { Said } from "@/features/playground/queries";
import { Problem } from "@/lib/problem";

const voice = { person: "+5511900001234", at: null, model: null };
const stored = (parcel: Parcel): Said => ({
  conversation: "c",
  message: `m-${parcel.id}`,
  seq: 1,
  new: true,
});

function parcel(id: string) {
  return { id, text: id, at: "2026-11-21T15:00:00Z", voice };
}

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
});
afterEach(() => vi.useRealTimers());

describe("outbox of a rehearsal", () => {
  it("sends in order, one at a time", async () => {
    const sent: string[] = [];
    const outbox = new Outbox(
      "r",
      async (one) => {
        await new Promise((done) => setTimeout(done, one.id === "a" ? 500 : 1));
        sent.push(one.id);
        return stored(one);
      },
      () => {},
    );
    outbox.add(parcel("a"));
    outbox.add(parcel("b"));
    await vi.advanceTimersByTimeAsync(600);
    expect(sent).toEqual(["a", "b"]);
    expect(outbox.parcels.map((one) => one.stored)).toEqual(["m-a", "m-b"]);
    outbox.settle(new Set(["m-a"]));
    expect(outbox.parcels.map((one) => one.id)).toEqual(["b"]);
  });

  it("keeps what was written when the session is over, to be sent after signing in", async () => {
    const outbox = new Outbox(
      "r",
      () => Promise.reject(new Problem(401, "not_signed_in", "")),
      () => {},
    );
    outbox.add(parcel("a"));
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.parcels.map((one) => one.state)).toEqual(["waiting"]);
    outbox.stop();
  });

  it("holds what was written while the server is away and sends it once when it is back", async () => {
    const tried: string[] = [];
    let away = true;
    const outbox = new Outbox(
      "r",
      async (one) => {
        tried.push(one.id);
        if (away) throw new TypeError("fetch failed");
        return stored(one);
      },
      () => {},
    );
    outbox.add(parcel("a"));
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.parcels[0]?.state).toBe("waiting");
    away = false;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(outbox.parcels[0]?.stored).toBe("m-a");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tried).toEqual(["a", "a"]);
  });

  it("survives a reload with the same message_id, even when it was half sent", async () => {
    const before = new Outbox(
      "r",
      () => new Promise(() => {}),
      () => {},
    );
    before.add(parcel("a"));
    const ids: string[] = [];
    const after = new Outbox(
      "r",
      async (one) => {
        ids.push(one.id);
        return stored(one);
      },
      () => {},
    );
    await after.flush();
    expect(ids).toEqual(["a"]);
  });

  it("keeps a refused message, says why, goes on with the next, and tries again when asked", async () => {
    let refuse = true;
    const outbox = new Outbox(
      "r",
      async (one) => {
        if (one.id === "a" && refuse) throw new Problem(429, "http_429", "");
        return stored(one);
      },
      () => {},
    );
    outbox.add(parcel("a"));
    outbox.add(parcel("b"));
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.parcels.map((one) => one.state)).toEqual(["failed", "sending"]);
    expect(outbox.parcels[0]?.why).toMatch(/Espere um pouco/);
    refuse = false;
    outbox.retry("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.parcels[0]?.stored).toBe("m-a");
  });

  it("says that a file did not survive the reload, and offers no retry that cannot work", () => {
    const before = new Outbox(
      "r",
      () => new Promise(() => {}),
      () => {},
    );
    before.add({ ...parcel("a"), file: "voz.ogg" }, new File(["x"], "voz.ogg"));
    const after = new Outbox(
      "r",
      () => Promise.reject(new Error()),
      () => {},
    );
    expect(after.parcels[0]).toMatchObject({ state: "failed", again: false });
  });
});
