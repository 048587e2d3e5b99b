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

/** Lets who starts again what died do so. */
export type Mend = () => void;

/** Ends a process, which nobody starts again before it is mended: however slow this machine is, the fault is seen. */
async function ends(pid: number, signal: NodeJS.Signals): Promise<Mend> {
  const parent = Number(/^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
  if (!(parent > 1)) throw new Error(`${pid}: nobody would start it again`);
  process.kill(parent, "SIGSTOP");
  process.kill(pid, signal);
  return () => process.kill(parent, "SIGCONT");
}

/** The process that serves and thinks is gone in the middle of whatever it does. */
export async function killServer(): Promise<Mend> {
  return ends(JSON.parse(await ofHome("run", "api.pid")).pid, "SIGKILL");
}

/** The database ends as in a crash, and will recover from its log. */
export async function crashDatabase(): Promise<Mend> {
  return ends(Number((await ofHome("postgres", "postmaster.pid")).split("\n")[0]), "SIGQUIT");
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

/** From now on counts in how many bubbles at once these words were ever seen. */
export async function watchFor(page: Page, words: string): Promise<() => Promise<number>> {
  await page.evaluate((said) => {
    const bubbles = "[role=log] [data-line], [role=log] [data-unsent]";
    const seen = () =>
      [...document.querySelectorAll(bubbles)].filter((one) => one.textContent?.includes(said)).length;
    const state = window as unknown as { carolMost: number };
    state.carolMost = seen();
    new MutationObserver(() => {
      state.carolMost = Math.max(state.carolMost, seen());
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  }, words);
  return () => page.evaluate(() => (window as unknown as { carolMost: number }).carolMost);
}

/** What the page shows is what the rows say: each message once, in order, with how far it got; nothing is still to be sent. */
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
  await expect.poll(shown, { timeout: 60_000 }).toEqual(rows);
  await expect(page.locator("[data-unsent]")).toHaveCount(0);
  await expect(page.getByText(chat.typing)).toBeHidden();
  await expect(page.getByTitle(chat.status.waiting ?? "")).toHaveCount(0);
}
