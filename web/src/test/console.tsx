import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { vi } from "vitest";
import { createQueries } from "@/app/queries";
import { askWho, createConsole } from "@/app/router";
import { words } from "@/app/words";
import { Page } from "@/components/ui/page";
import { FakeEventSource } from "@/test/event-source";

// The features have tests of their own: here a page is its name.
vi.mock("@/app/pages/rehearsal", () => ({
  RehearsalPage: () => <Page title={words.pages.rehearsal}>{null}</Page>,
}));
vi.mock("@/app/pages/agenda", () => ({ AgendaPage: () => <Page title={words.pages.agenda}>{null}</Page> }));
vi.mock("@/app/pages/knowledge", () => ({
  KnowledgePage: () => <Page title={words.pages.knowledge}>{null}</Page>,
}));
vi.mock("@/app/pages/conversations", () => ({
  ConversationsPage: () => <Page title={words.pages.conversations}>{null}</Page>,
}));

/** The whole console but its features, at an address, over whatever `serve` answers. */
export function openConsole(path: string) {
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
