import { expect, test, vi } from "vitest";
import { refusalOf } from "@/features/knowledge/check-file";
import type { putFile } from "@/features/knowledge/put-file";
import { Uploads } from "@/features/knowledge/uploads";
import { tooBig, words, wrongKind } from "@/features/knowledge/words";
import { Problem } from "@/lib/problem";

interface Sent {
  name: string;
  tell: (share: number) => void;
  end: () => void;
  fail: (error: unknown) => void;
  cancelled: boolean;
}

function wire() {
  const sent: Sent[] = [];
  const put: typeof putFile = (_, file, tell) => {
    const one: Sent = { name: file.name, tell, end: () => {}, fail: () => {}, cancelled: false };
    const done = new Promise<void>((resolve, reject) => {
      one.end = resolve;
      one.fail = reject;
    });
    sent.push(one);
    return {
      done,
      cancel: () => {
        one.cancelled = true;
      },
    };
  };
  return { uploads: new Uploads(put), sent };
}

const file = (name: string) => new File(["x"], name);
const states = (uploads: Uploads) => uploads.list().map((one) => one.state);
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("two go at once, the third waits for its turn", async () => {
  const { uploads, sent } = wire();
  for (const name of ["a.md", "b.md", "c.md"]) uploads.add("ipe", file(name), null, false);
  expect(states(uploads)).toEqual(["sending", "sending", "waiting"]);
  sent[0]?.tell(0.5);
  expect(uploads.list()[0]?.share).toBe(0.5);
  sent[0]?.end();
  await settle();
  expect(uploads.list().map((one) => [one.file.name, one.state])).toEqual([
    ["b.md", "sending"],
    ["c.md", "sending"],
  ]);
});

test("a file that is taken stays in sight until the list shows it", async () => {
  const { uploads, sent } = wire();
  let shown = (): void => {};
  uploads.onTaken = () => new Promise<void>((resolve) => (shown = resolve));
  uploads.add("ipe", file("a.md"), null, false);
  sent[0]?.end();
  await settle();
  expect(states(uploads)).toEqual(["sent"]);
  shown();
  await settle();
  expect(states(uploads)).toEqual([]);
});

test("one that would replace another goes only after a word", () => {
  const { uploads, sent } = wire();
  uploads.add("ipe", file("a.md"), null, true);
  expect(states(uploads)).toEqual(["asking"]);
  expect(sent).toHaveLength(0);
  uploads.send(uploads.list()[0]?.id ?? "");
  expect(states(uploads)).toEqual(["sending"]);
});

test("what the server's absence stopped goes again by itself; what it refused does not", async () => {
  const { uploads, sent } = wire();
  uploads.add("ipe", file("a.md"), null, false);
  uploads.add("ipe", file("b.pdf"), null, false);
  sent[0]?.fail(new TypeError("away"));
  sent[1]?.fail(new Problem(415, "document_mismatch", "Confira se é o arquivo certo."));
  await settle();
  expect(uploads.list().map((one) => one.says)).toEqual([
    expect.any(String),
    "Confira se é o arquivo certo.",
  ]);
  uploads.resume();
  expect(states(uploads)).toEqual(["sending", "failed"]);
  expect(sent.map((one) => one.name)).toEqual(["a.md", "b.pdf", "a.md"]);
});

test("cancelling stops the sending and lets the next one go", () => {
  const { uploads, sent } = wire();
  for (const name of ["a.md", "b.md", "c.md"]) uploads.add("ipe", file(name), null, false);
  uploads.drop(uploads.list()[0]?.id ?? "");
  expect(sent[0]?.cancelled).toBe(true);
  expect(sent.map((one) => one.name)).toEqual(["a.md", "b.md", "c.md"]);
});

test("listeners hear of every change", () => {
  const { uploads } = wire();
  const tell = vi.fn();
  const stop = uploads.subscribe(tell);
  uploads.add("ipe", file("a.md"), words.refusals.empty, false);
  expect(tell).toHaveBeenCalled();
  stop();
});

test("type and size are checked before anything is sent", () => {
  const limits = { bytes_most: 10 * 1024 * 1024, extensions: [".md", ".pdf"] };
  expect(refusalOf({ name: "Preparo.PDF", size: 10 }, limits)).toBeNull();
  expect(refusalOf({ name: "foto.png", size: 10 }, limits)).toBe(wrongKind(limits.extensions));
  expect(refusalOf({ name: "md", size: 10 }, limits)).toBe(wrongKind(limits.extensions));
  expect(refusalOf({ name: "a.md", size: 0 }, limits)).toBe(words.refusals.empty);
  expect(refusalOf({ name: "a.md", size: 25_000_000 }, limits)).toBe(tooBig(25_000_000, limits.bytes_most));
  expect(tooBig(25_000_000, limits.bytes_most)).toContain("10 MB");
  expect(refusalOf({ name: "foto.png", size: 10 }, undefined)).toBeNull();
});
