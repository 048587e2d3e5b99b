import { expect, test, vi } from "vitest";
import type { Line, reply } from "@/features/conversations/queries";
import { Replies } from "@/features/conversations/replies";
import { Problem } from "@/lib/problem";

const stored = (id: string) => ({ id }) as Line;
const settle = () => new Promise((resolve) => setTimeout(resolve));
const texts = (send: ReturnType<typeof vi.fn<typeof reply>>) => send.mock.calls.map(([, said]) => said.text);

test("what was answered while the server was away goes in order once it is back, under the same ids", async () => {
  const send = vi.fn<typeof reply>().mockRejectedValueOnce(new TypeError("away"));
  send.mockImplementation((_, said) => Promise.resolve(stored(`line of ${said.text}`)));
  const replies = new Replies(send);
  replies.say("c", "primeira", "Ana");
  replies.say("c", "segunda", "Ana");
  await settle();
  expect(texts(send)).toEqual(["primeira"]);
  expect(replies.list().map((one) => one.state)).toEqual(["waiting", "waiting"]);
  replies.resume();
  await settle();
  expect(texts(send)).toEqual(["primeira", "primeira", "segunda"]);
  expect(send.mock.calls[1]?.[1].message_id).toBe(send.mock.calls[0]?.[1].message_id);
});

test("one that failed while the server is well is tried again by itself; without a session it waits for the password", async () => {
  vi.useFakeTimers();
  const send = vi.fn<typeof reply>().mockRejectedValueOnce(new TypeError("dropped"));
  send.mockRejectedValueOnce(new Problem(503, "unavailable", ""));
  send.mockRejectedValueOnce(new Problem(401, "not_signed_in", ""));
  const replies = new Replies(send);
  replies.say("c", "oi", "Ana");
  await vi.advanceTimersByTimeAsync(999);
  expect(send).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(send).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledTimes(3);
  expect(new Set(send.mock.calls.map(([, said]) => said.message_id)).size).toBe(1);
  vi.useRealTimers();
});

test("a reload in the middle of sending keeps the words, and sends them under the same id", async () => {
  const before = new Replies(() => new Promise<Line>(() => {}));
  before.say("c", "oi", "Ana");
  const id = before.list()[0]?.id;
  const send = vi.fn<typeof reply>().mockResolvedValue(stored("l"));
  const after = new Replies(send);
  expect(after.list().map((one) => one.state)).toEqual(["waiting"]);
  after.resume();
  await settle();
  expect(send).toHaveBeenCalledWith("c", { text: "oi", by: "Ana", message_id: id });
});

test("one stays in sight until the transcript shows it", async () => {
  const replies = new Replies(() => Promise.resolve(stored("l")));
  replies.onAnswer = vi.fn();
  replies.say("c", "oi", "Ana");
  await settle();
  expect(replies.onAnswer).toHaveBeenCalledWith("c");
  replies.settle(new Set(["another"]));
  expect(replies.list()).toHaveLength(1);
  replies.settle(new Set(["l"]));
  expect(replies.list()).toHaveLength(0);
});

test("a refused one waits for a person, the next goes on; trying again is offered only where it may help", async () => {
  const send = vi.fn<typeof reply>();
  send.mockRejectedValueOnce(new Problem(422, "long_message", ""));
  send.mockRejectedValueOnce(new Problem(500, "internal", ""));
  send.mockResolvedValue(stored("l"));
  const replies = new Replies(send);
  replies.say("c", "longa", "Ana");
  replies.say("c", "média", "Ana");
  replies.say("c", "curta", "Ana");
  await settle();
  const [long, middle, short] = replies.list();
  expect([long?.state, long?.again]).toEqual(["failed", false]);
  expect([middle?.state, middle?.again]).toEqual(["failed", true]);
  expect(short?.line).toBe("l");
  replies.retry(middle?.id ?? "");
  await settle();
  expect(replies.list()[1]?.line).toBe("l");
  replies.discard(long?.id ?? "");
  expect(replies.list()).toHaveLength(2);
});

test("when the session is over the words wait for the password, and the page hears of it", async () => {
  const send = vi.fn<typeof reply>().mockRejectedValueOnce(new Problem(401, "not_signed_in", ""));
  send.mockResolvedValue(stored("l"));
  const replies = new Replies(send);
  replies.onAnswer = vi.fn();
  replies.say("c", "oi", "Ana");
  await settle();
  expect(replies.list()[0]?.state).toBe("waiting");
  expect(replies.onAnswer).toHaveBeenCalledWith("c");
  replies.resume();
  await settle();
  expect(replies.list()[0]?.line).toBe("l");
});
