import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { connection } from "@/lib/connection";
import { type Change, openLive, staleAfter } from "@/lib/live";
import { FakeEventSource } from "@/test/event-source";

const queries = new QueryClient();
let told: MockInstance<QueryClient["invalidateQueries"]>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeEventSource.opened = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.spyOn(connection, "suspect").mockImplementation(() => {});
  told = vi.spyOn(queries, "invalidateQueries").mockResolvedValue();
  return () => vi.useRealTimers();
});

const keys = () => told.mock.calls.map(([filters]) => filters?.queryKey);

test("all of the clinic's queries are old whenever the server says that something may have been missed", () => {
  const end = openLive("a&b", queries);
  expect(FakeEventSource.last.url).toBe("/api/events?clinic=a%26b");
  FakeEventSource.last.say("open");
  FakeEventSource.last.say("ready");
  expect(keys()).toEqual([["a&b"]]);
  FakeEventSource.last.say("ready"); // it had lost its database meanwhile; the stream stayed open
  expect(keys()).toEqual([["a&b"], ["a&b"]]);
  end();
  expect(FakeEventSource.last.closed).toBe(true);
});

test("changes that come together are heard once", async () => {
  openLive("ipe", queries);
  const change = { conversation: "c1", turn: null };
  for (const what of ["message", "status", "message"])
    FakeEventSource.last.say("changed", { what, ...change });
  FakeEventSource.last.say("changed", { what: "turn", conversation: "c1", turn: "t1" });
  FakeEventSource.last.say("changed", { what: "agenda", conversation: null, turn: null });
  await vi.advanceTimersByTimeAsync(79);
  expect(keys()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(keys()).toEqual([
    ["ipe", "conversations"],
    ["ipe", "queue"],
    ["ipe", "conversation", "c1"],
    ["ipe", "reports", "one"],
    ["ipe", "turn", "t1"],
    ["ipe", "agenda"],
  ]);
});

test("a line to WhatsApp that drops or comes back is read again, and nothing else", async () => {
  openLive("ipe", queries);
  FakeEventSource.last.say("changed", { what: "wire", conversation: null, turn: null });
  await vi.advanceTimersByTimeAsync(80);
  expect(keys()).toEqual([["ipe", "wires"]]);
});

test("the steps of a turn do not read lists again", async () => {
  openLive("ipe", queries);
  FakeEventSource.last.say("changed", { what: "turn", conversation: "c1", turn: "t1" });
  await vi.advanceTimersByTimeAsync(80);
  expect(keys()).toEqual([
    ["ipe", "conversation", "c1"],
    ["ipe", "turn", "t1"],
  ]);
});

test("what cannot be read is passed over", async () => {
  openLive("ipe", queries);
  FakeEventSource.last.dispatchEvent(new MessageEvent("changed", { data: "<html>" }));
  await vi.advanceTimersByTimeAsync(500);
  expect(keys()).toEqual([]);
});

test("a lost stream is opened again, with growing pauses, until its end", async () => {
  const end = openLive("ipe", queries);
  const opened = () => FakeEventSource.opened.length;
  for (const [index, pause] of [1_000, 2_000, 4_000].entries()) {
    FakeEventSource.last.say("error");
    await vi.advanceTimersByTimeAsync(pause - 1);
    expect(opened()).toBe(index + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened()).toBe(index + 2);
  }
  expect(FakeEventSource.opened.filter((source) => !source.closed)).toHaveLength(1);
  expect(connection.suspect).toHaveBeenCalledTimes(3);
  FakeEventSource.last.say("open");
  FakeEventSource.last.say("error");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(opened()).toBe(5);
  FakeEventSource.last.say("error");
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened()).toBe(5);
});

test("a hidden page keeps no connection, and hears again when it is shown", () => {
  const hidden = vi.spyOn(document, "hidden", "get");
  const end = openLive("hidden", queries);
  const mine = () => FakeEventSource.opened.filter((source) => source.url.endsWith("=hidden"));
  hidden.mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(mine().map((source) => source.closed)).toEqual([true]);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(mine().map((source) => source.closed)).toEqual([true, false]);
  end();
  document.dispatchEvent(new Event("visibilitychange"));
  expect(mine()).toHaveLength(2);
});

test("a report, a run of them and an alert make old only what shows them", () => {
  const stale = (change: object) =>
    staleAfter("a", { conversation: null, turn: null, ...change } as Change).map((key) =>
      key.slice(1).join("/"),
    );
  expect(stale({ what: "report", report: "r1" })).toEqual([
    "reports/list",
    "reports/figures",
    "reports/one/r1",
  ]);
  expect(stale({ what: "pipeline" })).toEqual(["reports/runs", "reports/desk", "reports/figures"]);
  expect(stale({ what: "alert" })).toEqual(["reports/figures/today"]);
});
