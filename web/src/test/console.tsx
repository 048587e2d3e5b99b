import { vi } from "vitest";
import { words } from "@/app/words";
import { Page } from "@/components/ui/page";
import { openPage } from "@/test/page";

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
  return openPage(path);
}
