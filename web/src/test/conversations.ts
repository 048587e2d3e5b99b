/** What tests of conversations begin with. */
import type { components } from "@/client/schema";
import { clinics, json } from "@/test/server";

type Brief = components["schemas"]["ConversationBrief"];
type Conversation = components["schemas"]["ConversationOut"];

export const ID = "01a1fe5b-0000-7000-8000-000000000001";
export const path = `/api/conversations/${ID}`;

export const brief = (over: Partial<Brief> = {}): Brief => ({
  id: ID,
  contact: { id: "p", name: "Mariana Costa", address: "+5531990000001", people: [] },
  channel: "console",
  owner: "carol",
  owner_name: null,
  case: null,
  busy: false,
  stuck: false,
  waiting: 0,
  last: { author: "carol", kind: "text", text: "Marcado!", at: "2026-11-24T15:00:00Z", status: "sent" },
  ...over,
});

export const whole = (over: Partial<Conversation> = {}): Conversation => ({
  ...brief(),
  clinic: "jacaranda",
  clock_at: null,
  messages: [],
  earlier: false,
  turns: [],
  receipts: [],
  cases: [],
  quick_replies: [],
  ...over,
});

export const house = (items: Brief[]) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/conversations": json({ items, next: null }),
});

export const bodies = async (asked: Request[], what: string) =>
  Promise.all(asked.filter((one) => one.url.endsWith(what)).map((one) => one.clone().json()));
