import { queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import type { Doc } from "@/features/evals/document";
import { words } from "@/features/evals/own-words";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";

type Schemas = components["schemas"];
export type Own = Schemas["OwnOut"];
export type OwnWhole = Schemas["OwnWhole"];
export type Draft = Schemas["DraftOut"];
export type Mistake = Schemas["MistakeOut"];

/** The clinic's own scenarios; the archived ones too when asked for. */
export function ownQuery(clinic: string, archived: boolean) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "own", "list", archived),
    queryFn: ({ signal }) =>
      got(client.GET("/api/evals/scenarios", { params: { query: { clinic, archived } }, signal })),
  });
}

/** One of them, whole. */
export function ownOneQuery(clinic: string, key: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "own", "one", key),
    queryFn: ({ signal }) =>
      got(client.GET("/api/evals/scenarios/{key}", { params: { path: { key }, query: { clinic } }, signal })),
  });
}

/** From which message of the patient to which; absent: from the first, until a person of the clinic answered. */
export interface Span {
  first?: string | undefined;
  last?: string | undefined;
}

/** A draft made of a conversation. Made once a visit: reading it again would take back what a person is changing. */
export function draftQuery(clinic: string, conversation: string, span: Span = {}) {
  return queryOptions({
    queryKey: ["draft", clinic, conversation, span.first ?? "", span.last ?? ""],
    queryFn: ({ signal }) =>
      got(
        client.POST("/api/evals/scenarios/from-conversation", {
          params: { query: { clinic } },
          body: { conversation, first: span.first ?? null, last: span.last ?? null },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}

export interface Put {
  scenario: Doc;
  by: string;
  /** The one that was read; 0: a new one; null: whatever is there. */
  version: number | null;
  conversation?: string;
  confirmed?: boolean;
}

/** Keeps a scenario under its key. */
export function putOwn(clinic: string, key: string, { scenario, ...rest }: Put): Promise<OwnWhole> {
  return got(
    client.PUT("/api/evals/scenarios/{key}", {
      params: { path: { key }, query: { clinic } },
      body: { confirmed: false, ...rest, scenario: { ...scenario } },
    }),
  );
}

/** No run plays it any more. */
export function archiveOwn(clinic: string, key: string, by: string): Promise<Own> {
  return got(
    client.DELETE("/api/evals/scenarios/{key}", { params: { path: { key }, query: { clinic, by } } }),
  );
}

/** All of these, or none. */
export function importOwn(clinic: string, text: string, by: string): Promise<Schemas["Imported"]> {
  return got(
    client.POST("/api/evals/scenarios/import", { params: { query: { clinic } }, body: { text, by } }),
  );
}

export function exportUrl(clinic: string): string {
  return `/api/evals/scenarios/export?clinic=${encodeURIComponent(clinic)}`;
}

/** Why it was not kept, in words; undefined where fields are named instead. */
export function failedOf(error: unknown): string | undefined {
  if (mistakesOf(error).length) return undefined;
  const found = error instanceof Problem ? error.told.found : undefined;
  const names = Array.isArray(found) ? found.map(String) : [];
  return [`${words.draft.saveFailed} ${explain(error)}`, ...names].join(" ");
}

/** What is wrong with scenarios that were not taken, by scenario and field. */
export function mistakesOf(error: unknown): Mistake[] {
  if (!(error instanceof Problem) || error.code !== "bad_scenarios") return [];
  const found = error.told.mistakes;
  return Array.isArray(found) ? (found as Mistake[]) : [];
}
