import { queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

/** The stream says when a step came; should one be missed, a running turn is asked for again all the same. */
const ASK_AGAIN = 2_000;

/** The story of a turn. `live`: keep asking while it runs. */
export function turnQuery(slug: string, conversationId: string, turnId: string, live: boolean) {
  return queryOptions({
    queryKey: clinicKey(slug, "turn", turnId),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/conversations/{conversation_id}/turns/{turn_id}", {
          params: { path: { conversation_id: conversationId, turn_id: turnId } },
          signal,
        }),
      ),
    refetchInterval: (query) => (live && query.state.data?.status === "running" ? ASK_AGAIN : false),
  });
}

/** The state machine, which changes only with Carol's own version. */
export const graphQuery = queryOptions({
  queryKey: ["graph"],
  queryFn: ({ signal }) => got(client.GET("/api/graph", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
