import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { keepDraft, readDraft, useDraft } from "@/lib/draft";

test("a draft survives a reload, and each key has its own", () => {
  const first = renderHook(({ key }) => useDraft(key), { initialProps: { key: "a" } });
  act(() => first.result.current[1]("bom dia"));
  first.rerender({ key: "b" });
  expect(first.result.current[0]).toBe("");
  first.rerender({ key: "a" });
  expect(first.result.current[0]).toBe("bom dia");
  first.unmount();
  expect(renderHook(() => useDraft("a")).result.current[0]).toBe("bom dia");
});

test("what was sent is not kept", () => {
  keepDraft("a", "bom dia");
  keepDraft("a", "");
  expect(sessionStorage).toHaveLength(0);
});

test("a browser without room keeps what is on the screen", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const { result } = renderHook(() => useDraft("a"));
  act(() => result.current[1]("x".repeat(10)));
  expect(result.current[0]).toBe("x".repeat(10));
  expect(readDraft("a")).toBe("");
});
