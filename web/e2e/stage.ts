import { type APIRequestContext, expect, type Locator, type Page } from "@playwright/test";
import type { components } from "@/client/schema";
import { words as chat } from "@/components/chat/words";
import { words } from "@/features/playground/words";

type Schemas = components["schemas"];
export type Conversation = Schemas["ConversationOut"];
export type Rehearsal = Schemas["RehearsalOut"];

/** The demonstration clinic, and where it is. */
export const CLINIC = "jacaranda";
export const ZONE = "America/Sao_Paulo";

/** A Monday morning on which nothing is booked yet, the day after it, and the Thursday of that week. */
export const MONDAY = "2027-03-08T09:00";
export const TUESDAY = "2027-03-09";
export const THURSDAY = "2027-03-11";

/** What the API answers, which has to be a success. */
export async function asked<Answer>(
  request: APIRequestContext,
  path: string,
  data?: unknown,
): Promise<Answer> {
  const answer = data === undefined ? await request.get(path) : await request.post(path, { data });
  expect(answer.ok(), `${answer.status()} ${path} ${await answer.text()}`).toBe(true);
  return (await answer.json()) as Answer;
}

/** All that stands in the agenda of a clinic on a day. */
export async function agendaOf(request: APIRequestContext, clinic: string, day: string) {
  const found = await asked<Schemas["DayOut"]>(request, `/api/agenda?clinic=${clinic}&day=${day}`);
  return found.columns.flatMap((column) => column.items).filter((item) => item.kind !== "block");
}

export function conversationOf(request: APIRequestContext, id: string): Promise<Conversation> {
  return asked(request, `/api/conversations/${id}`);
}

export async function rehearsalOf(request: APIRequestContext, id: string): Promise<Rehearsal> {
  return asked(request, `/api/rehearsals/${id}`);
}

/** A rehearsal, open on a page. */
export class Room {
  readonly page: Page;
  readonly rehearsal: Rehearsal;
  readonly log: Locator;
  readonly story: Locator;
  readonly agenda: Locator;
  readonly box: Locator;

  constructor(page: Page, rehearsal: Rehearsal) {
    this.page = page;
    this.rehearsal = rehearsal;
    this.log = page.getByRole("log", { name: words.chat.label });
    const panel = (name: string) =>
      page
        .locator("div:has(> header > h2)")
        .filter({ has: page.getByRole("heading", { name, exact: true }) });
    this.story = panel(words.panels.story);
    this.agenda = panel(words.panels.agenda);
    this.box = page.getByRole("textbox", { name: chat.composer.label, exact: true });
  }

  /** Says something and waits until Carol has answered it. */
  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
    await this.answered(text);
    await expect(this.page.getByRole("button", { name: chat.newLines })).toBeHidden();
    await expect(this.log.locator("[data-author]").last()).toBeInViewport();
  }

  async answered(text: string): Promise<void> {
    const said = this.bubbles("patient").filter({ hasText: text }).last();
    // How soon is measured elsewhere; here a busy machine may take its time.
    await expect(said.getByTitle(chat.status.answered ?? "")).toBeVisible({ timeout: 30_000 });
    await expect(this.page.getByText(chat.typing)).toBeHidden();
  }

  bubbles(author: "patient" | "carol" | "automatic" | "person"): Locator {
    return this.log.locator(`[data-author=${author}]`);
  }

  /** Takes one of the replies offered above the box. */
  async choose(reply: string): Promise<void> {
    await this.page
      .getByRole("list", { name: chat.composer.quick })
      .getByRole("button", { name: reply, exact: true })
      .click();
  }

  /** A visit or hold of the agenda beside the chat, by what its card says. */
  card(said: RegExp): Locator {
    return this.agenda.getByRole("button", { name: said });
  }

  /** Rehearses as if it were then, on the clinic's wall. */
  async clock(wall: string): Promise<void> {
    await this.page.getByRole("button", { name: words.clock.button }).click();
    await this.page.getByRole("menuitem", { name: words.clock.choose }).click();
    await this.page.getByLabel(words.clock.field).fill(wall);
    await this.page.getByRole("button", { name: words.clock.set }).click();
    await expect(this.page.getByText(words.clock.pretending)).toBeVisible();
  }

  /** The one conversation of the rehearsal, as the API tells it. */
  async conversation(request: APIRequestContext): Promise<Conversation> {
    const { conversations } = await rehearsalOf(request, this.rehearsal.id);
    expect(conversations).toHaveLength(1);
    return conversationOf(request, conversations[0]?.id ?? "");
  }
}

/** Begins a rehearsal and opens it, as someone the clinic has never seen. */
export async function rehearse(
  page: Page,
  request: APIRequestContext,
  { at = MONDAY as string | null, person = "+5511900123456" } = {},
): Promise<Room> {
  const rehearsal = await asked<Rehearsal>(request, "/api/rehearsals", { clinic: CLINIC });
  await page.goto(`/ensaio/${rehearsal.id}?pessoa=${encodeURIComponent(person)}`);
  const room = new Room(page, rehearsal);
  await expect(room.box).toBeEditable();
  if (at) await room.clock(at);
  return room;
}
