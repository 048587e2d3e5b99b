import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";
import { Problem } from "@/lib/problem";

export type Rehearsal = components["schemas"]["RehearsalOut"];
export type Conversation = components["schemas"]["ConversationOut"];
export type Model = components["schemas"]["ModelOut"];
export type Person = components["schemas"]["RehearsedPerson"];
export type Receipt = components["schemas"]["ReceiptOut"];
export type Said = components["schemas"]["SaidOut"];

/** The clinic's rehearsals, newest first. */
export function rehearsalsQuery(clinic: string) {
  return queryOptions({
    queryKey: ["rehearsals", clinic],
    queryFn: ({ signal }) => got(client.GET("/api/rehearsals", { params: { query: { clinic } }, signal })),
  });
}

function readRehearsal(id: string, signal: AbortSignal): Promise<Rehearsal> {
  return got(
    client.GET("/api/rehearsals/{rehearsal_id}", { params: { path: { rehearsal_id: id } }, signal }),
  );
}

export function rehearsalQuery(id: string) {
  return queryOptions({
    queryKey: ["rehearsal", id],
    queryFn: ({ signal }) => readRehearsal(id, signal),
  });
}

/** The same rehearsal under its own slug, so that the stream tells when someone new speaks in another tab. */
export function talksQuery(rehearsal: Rehearsal) {
  return queryOptions({
    queryKey: clinicKey(rehearsal.slug, "conversations", "of rehearsal"),
    queryFn: async ({ signal }) => (await readRehearsal(rehearsal.id, signal)).conversations,
    initialData: rehearsal.conversations,
  });
}

/** A transcript, newest page first; older pages follow. */
export function transcriptQuery(slug: string, conversationId: string) {
  return infiniteQueryOptions({
    queryKey: clinicKey(slug, "conversation", conversationId, "transcript"),
    queryFn: ({ signal, pageParam }) =>
      got(
        client.GET("/api/conversations/{conversation_id}", {
          params: { path: { conversation_id: conversationId }, query: { before: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.earlier ? page.messages[0]?.seq : undefined),
  });
}

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => got(client.GET("/api/models", { signal })),
  staleTime: 5 * 60_000,
});

/** People to rehearse as. */
export function peopleQuery(rehearsalId: string, q: string) {
  return queryOptions({
    queryKey: ["people", rehearsalId, q],
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/rehearsals/{rehearsal_id}/people", {
          params: { path: { rehearsal_id: rehearsalId }, query: { q } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** Whether this says that the rehearsal is no more, or never was: an address can hold anything. */
export function isOver(error: unknown): boolean {
  return error instanceof Problem && [404, 422].includes(error.status);
}
