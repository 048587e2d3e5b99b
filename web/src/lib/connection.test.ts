import { beforeEach, expect, test, vi } from "vitest";
import { watchedFetch } from "@/lib/api";
import { Connection, connection } from "@/lib/connection";
import { json, problem, serve } from "@/test/server";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test("a failure alone is not a lost server", async () => {
  const subject = new Connection(async () => true);
  const told = vi.fn();
  subject.subscribe(told);
  subject.suspect();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(subject.lost).toBe(false);
  expect(told).not.toHaveBeenCalled();
});

test("asks with growing pauses until she answers", async () => {
  const asked: number[] = [];
  let up = false;
  const subject = new Connection(async () => {
    asked.push(Date.now());
    return up;
  });
  const seen: boolean[] = [];
  subject.subscribe(() => seen.push(subject.lost));
  subject.suspect();
  await vi.advanceTimersByTimeAsync(60_000);
  const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(pauses.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  up = true;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(seen).toEqual([true, false]);
  const soFar = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(soFar);
});

test("a person may ask at once", async () => {
  let up = false;
  const subject = new Connection(async () => up);
  subject.suspect();
  await vi.advanceTimersByTimeAsync(30_000);
  up = true;
  subject.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(subject.lost).toBe(false);
});

test("a database away is a lost server, a stopped desk is not", async () => {
  const ready = (database: string) => json({ ready: false, database, desk: "stopped" }, 503);
  const answers = { "GET /api/clinics": problem(503, "unavailable"), "GET /ready": ready("unreachable") };
  serve(answers);
  await watchedFetch(new Request("http://localhost/api/clinics"));
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.lost).toBe(true);
  answers["GET /ready"] = ready("ok");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.lost).toBe(false);
});

test("a request given up by us means nothing", async () => {
  const suspect = vi.spyOn(connection, "suspect");
  vi.stubGlobal("fetch", async () => {
    throw new DOMException("aborted", "AbortError");
  });
  const given = new AbortController();
  given.abort();
  const request = new Request("http://localhost/api/clinics", { signal: given.signal });
  await expect(watchedFetch(request)).rejects.toThrow("aborted");
  expect(suspect).not.toHaveBeenCalled();
});
