import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

type Schemas = components["schemas"];
export type Brief = Schemas["ConversationBrief"];
export type Conversation = Schemas["ConversationOut"];
export type Line = Schemas["LineOut"];
export type Case = Schemas["CaseOut"];
export type Receipt = Schemas["ReceiptOut"];
export type TurnBrief = Schemas["TurnBrief"];

export const filters = ["all", "team", "case"] as const;
export type Filter = (typeof filters)[number];

const narrowing = { all: {}, team: { owner: "person" }, case: { open_case: true } } as const;

/** The clinic's conversations, the newest word first, a page at a time. */
export function conversationsQuery(clinic: string, filter: Filter, q: string) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "conversations", filter, q),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/conversations", {
          params: { query: { clinic, q, ...narrowing[filter], ...(pageParam ? { before: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** A transcript: the newest page first, older ones after it. */
export function conversationQuery(clinic: string, id: string) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "conversation", id),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/conversations/{conversation_id}", {
          params: { path: { conversation_id: id }, query: pageParam ? { before: pageParam } : {} },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.earlier ? page.messages[0]?.seq : undefined),
  });
}

/** The newest page with the messages, turns and receipts of those before it, each once. */
export function joined(pages: readonly Conversation[]): Conversation | undefined {
  const newest = pages[0];
  if (!newest || pages.length === 1) return newest;
  const oldestFirst = [...pages].reverse();
  return {
    ...newest,
    messages: once(oldestFirst.flatMap((page) => page.messages)),
    turns: once(oldestFirst.flatMap((page) => page.turns)),
    receipts: once(oldestFirst.flatMap((page) => page.receipts)),
  };
}

function once<Row extends { id: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

export function mediaUrl(clinic: string, id: string): string {
  return `/api/media/${id}?clinic=${encodeURIComponent(clinic)}`;
}

export function exportUrl(id: string): string {
  return `/api/conversations/${id}/export`;
}

const of = (id: string) => ({ path: { conversation_id: id } });

/** A person speaks from now on. */
export function take(id: string, by: string): Promise<Brief> {
  return got(client.POST("/api/conversations/{conversation_id}/take", { params: of(id), body: { by } }));
}

export type GiveBack = Schemas["GiveBack"];

/** Carol answers again, knowing the `brief`; with `resolve`, the open cases are done. */
export function giveBack(id: string, body: GiveBack): Promise<Brief> {
  return got(client.POST("/api/conversations/{conversation_id}/give-back", { params: of(id), body }));
}

/** What Carol gave up in a clinic and nobody tried again. */
export function givenUpQuery(clinic: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "conversations", "given-up"),
    queryFn: ({ signal }) => got(client.GET("/api/dead-letters", { params: { query: { clinic } }, signal })),
  });
}

/** Carol tries again what she gave up. */
export function tryAgain(clinic: string, letter: string, by: string) {
  const params = { path: { letter_id: letter }, query: { clinic } };
  return got(client.POST("/api/dead-letters/{letter_id}/replay", { params, body: { by } }));
}

/** A person answers. The same `message_id` again is the same message. */
export function reply(id: string, said: { text: string; by: string; message_id: string }): Promise<Line> {
  return got(client.POST("/api/conversations/{conversation_id}/reply", { params: of(id), body: said }));
}
