import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { client } from "@/client/client";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";
import { connection } from "@/lib/connection";
import { isStranger, isUnreachable } from "@/lib/problem";

/** Every clinic, by slug. */
export const clinicsQuery = queryOptions({
  queryKey: ["clinics"],
  queryFn: ({ signal }) => got(client.GET("/api/clinics", { signal })),
  staleTime: 60_000,
  // While there is none, someone is about to load one.
  refetchInterval: ({ state }) => (state.data?.length === 0 ? 5_000 : false),
});

/** Whether this browser must say a password, and has. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => got(client.GET("/api/session", { signal })),
  staleTime: 60_000,
});

/** The clinic's lines to WhatsApp. One that has just dropped is asked after: what heals by itself is told to nobody. */
export function wiresQuery(clinic: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "wires"),
    queryFn: ({ signal }) => got(client.GET("/api/wires", { params: { query: { clinic } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.some((wire) => wire.state === "connecting" && !wire.down) ? 30_000 : false,
  });
}

/** Conversations of a clinic by name, phone or words; nothing is asked until something is typed. */
export function foundConversationsQuery(clinic: string | undefined, typed: string) {
  return queryOptions({
    queryKey: clinicKey(clinic ?? "", "conversations", "found", typed),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/conversations", {
          params: { query: { clinic: clinic ?? "", q: typed, limit: 6 } },
          signal,
        }),
      ),
    enabled: Boolean(clinic && typed),
    placeholderData: keepPreviousData,
  });
}

/**
 * The server's state, kept here and nowhere else. `onStranger` is called when the API asks who we are. What could not be
 * asked while Carol was lost is asked again when she is found.
 */
export function createQueries(onStranger: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (isStranger(error)) onStranger();
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // Connection and stream say when to ask again; the browser's own idea of being online knows nothing of Carol.
        networkMode: "always",
        refetchOnWindowFocus: true,
        retry: (failures, error) => isUnreachable(error) && failures < 2,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  connection.subscribe(() => {
    if (!connection.lost) void queries.invalidateQueries();
  });
  return queries;
}
