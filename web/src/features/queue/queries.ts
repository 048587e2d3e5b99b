import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

type Schemas = components["schemas"];
export type Intervention = Schemas["InterventionOut"];
export type QueuePage = Schemas["InterventionPage"];

export const views = ["waiting", "taken", "resolved"] as const;
export type View = (typeof views)[number];

/** What waits for a person, the most pressing first, a page at a time. */
export function queueQuery(clinic: string, view: View) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "queue", view),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/interventions", {
          params: { query: { clinic, view, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** One case, wherever it stands. */
export function caseQuery(clinic: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "queue", "case", id),
    queryFn: ({ signal }) =>
      got(client.GET("/api/interventions/{case_id}", { params: { path: { case_id: id } }, signal })),
  });
}

const of = (id: string) => ({ path: { case_id: id } });

/** This person answers it from now on; `over`: even if somebody else has it. */
export function takeCase(id: string, by: string, over: boolean): Promise<Intervention> {
  return got(client.POST("/api/interventions/{case_id}/take", { params: of(id), body: { by, over } }));
}

export interface Resolution {
  by: string;
  resolution: string;
  give_back: boolean;
  proved: boolean;
}

/** It is done. */
export function resolveCase(id: string, body: Resolution): Promise<Intervention> {
  return got(client.POST("/api/interventions/{case_id}/resolve", { params: of(id), body }));
}
