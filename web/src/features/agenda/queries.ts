import { queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

/** The agenda of a day; today's when none is named. `at`: the clock to see it with, else now. */
export function dayQuery(slug: string, day: string | undefined, at: string | undefined) {
  const key = clinicKey(slug, "agenda", "day", day ?? "", at ?? "");
  return queryOptions({
    queryKey: key,
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/agenda", {
          params: { query: { clinic: slug, ...(day ? { day } : {}), ...(at ? { at } : {}) } },
          signal,
        }),
      ),
    // The same day under another clock stays in sight until it is read again; another day does not.
    placeholderData: (before, query) =>
      query && key.slice(0, 4).every((part, at) => part === query.queryKey[at]) ? before : undefined,
  });
}

/** Why a visit or hold stands in the agenda. */
export function proofQuery(slug: string, kind: "visit" | "hold", id: string) {
  return queryOptions({
    queryKey: clinicKey(slug, "agenda", "proof", kind, id),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/agenda/{kind}/{item_id}", {
          params: { path: { kind, item_id: id }, query: { clinic: slug } },
          signal,
        }),
      ),
  });
}
