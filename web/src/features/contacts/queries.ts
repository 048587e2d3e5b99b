import { queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

type Schemas = components["schemas"];
export type ContactCard = Schemas["ContactCard"];
export type MergeAsk = Schemas["MergeAsk"];

/** Contacts of a clinic with that name or phone, the last heard of first. */
export function contactsQuery(clinic: string, q: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "contacts", q),
    queryFn: ({ signal }) => got(client.GET("/api/contacts", { params: { query: { clinic, q } }, signal })),
    placeholderData: (before) => before,
  });
}

/** One contact, or the one they were merged into. */
export function contactQuery(clinic: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "contacts", "one", id),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/contacts/{contact_id}", {
          params: { path: { contact_id: id }, query: { clinic } },
          signal,
        }),
      ),
  });
}

/** Says that `other` and this contact are one human. */
export function merge(clinic: string, id: string, body: MergeAsk) {
  const params = { path: { contact_id: id }, query: { clinic } };
  return got(client.POST("/api/contacts/{contact_id}/merge", { params, body }));
}
