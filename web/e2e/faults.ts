import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type APIRequestContext, expect, type Page } from "@playwright/test";
import { words as chat } from "@/components/chat/words";
import { type Conversation, conversationOf } from "./stage";

/** A file of the Carol at CAROL_URL, whose processes may be killed: she belongs to this run alone. */
function ofHome(...path: string[]): Promise<string> {
  const home = process.env.CAROL_WALK_HOME;
  if (!home)
    throw new Error("CAROL_WALK_HOME: the home of the Carol at CAROL_URL, whose parts may be killed");
  return readFile(join(home, ...path), "utf8");
}

/** The process that serves and thinks is gone in the middle of whatever it does; it is started again by itself. */
export async function killServer(): Promise<void> {
  const { pid } = JSON.parse(await ofHome("run", "api.pid"));
  process.kill(pid, "SIGKILL");
}

/** The database ends as in a crash, and recovers from its log when it is started again, by itself. */
export async function crashDatabase(): Promise<void> {
  const [pid] = (await ofHome("postgres", "postmaster.pid")).split("\n");
  process.kill(Number(pid), "SIGQUIT");
}

/** The conversation once nothing is under way in it, whatever breaks meanwhile. */
export async function settled(request: APIRequestContext, id: string): Promise<Conversation> {
  const still = async () => {
    const talk = await conversationOf(request, id).catch(() => null);
    // What waits for a person goes on waiting.
    if (!talk || talk.busy || (talk.waiting && talk.owner === "carol")) return "under way";
    return talk.messages.some(({ status }) => status === "queued" || status === "sending") ? "leaving" : "";
  };
  await expect.poll(still, { timeout: 120_000 }).toBe("");
  return conversationOf(request, id);
}

/** What the page shows is what the rows say: each message once, in order, with how far it got. */
export async function showsTheRows(page: Page, talk: Conversation): Promise<void> {
  const rows = talk.messages.map((line) => ({
    id: line.id,
    status: line.status ? (chat.status[line.status] ?? line.status) : null,
  }));
  const shown = () =>
    page.locator("[role=log] [data-line]").evaluateAll((lines) =>
      lines.map((line) => ({
        id: line.getAttribute("data-line"),
        status: line.querySelector("time + [title]")?.getAttribute("title") ?? null,
      })),
    );
  await expect.poll(shown, { timeout: 20_000 }).toEqual(rows);
  await expect(page.getByText(chat.typing)).toBeHidden();
  await expect(page.getByTitle(chat.status.waiting ?? "")).toHaveCount(0);
}
