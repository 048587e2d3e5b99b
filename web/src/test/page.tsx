import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { afterAll, vi } from "vitest";
import { createQueries } from "@/app/queries";
import { askWho, createConsole } from "@/app/router";
import { FakeEventSource } from "@/test/event-source";

// A page that was about to show its skeleton, after 150 ms, does so before its window is taken away.
afterAll(() => new Promise<void>((over) => setTimeout(over, 250)));

/** The whole console at an address, over whatever `serve` answers. */
export function openPage(path: string) {
  FakeEventSource.opened = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  const queries = createQueries(() => askWho(router));
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createConsole(queries, history);
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, queries, where: () => router.state.location.href };
}
