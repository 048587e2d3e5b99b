import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { PageBroke } from "@/app/page-broke";
import { explain } from "@/lib/problem";

vi.mock("@tanstack/react-router", async (whole) => ({
  ...(await whole<object>()),
  useRouter: () => ({ invalidate: () => Promise.resolve() }),
}));

test("a slip of our own does not blame the connection; code that could not be fetched does", () => {
  const { rerender } = render(<PageBroke error={new TypeError("x is undefined")} reset={() => undefined} />);
  expect(screen.queryByText(explain(new TypeError("Failed to fetch")))).toBeNull();
  expect(screen.getByText(explain(new Error("x")))).toBeVisible();
  rerender(<PageBroke error={new TypeError("Failed to fetch")} reset={() => undefined} />);
  expect(screen.getByText(explain(new TypeError("Failed to fetch")))).toBeVisible();
});
