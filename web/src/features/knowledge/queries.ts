import { queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";

export type Library = components["schemas"]["LibraryOut"];
export type Document = components["schemas"]["DocumentOut"];
export type Finding = components["schemas"]["FindingOut"];
export type Passage = components["schemas"]["PassageOut"];

/** The clinic's documents, and what may be uploaded. */
export function libraryQuery(clinic: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "knowledge", "library"),
    queryFn: ({ signal }) => got(client.GET("/api/knowledge", { params: { query: { clinic } }, signal })),
  });
}

/** A document with its passages. */
export function documentQuery(clinic: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "knowledge", "document", id),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/knowledge/documents/{document_id}", {
          params: { path: { document_id: id }, query: { clinic } },
          signal,
        }),
      ),
  });
}

/** What a search finds. Asked again by itself when a document changes. */
export function findingQuery(clinic: string, question: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "knowledge", "ask", question),
    queryFn: ({ signal }) => got(client.POST("/api/knowledge/ask", { body: { clinic, question }, signal })),
    staleTime: 60_000,
  });
}

/** Puts the kept file in line to be read once more. */
export async function readAgain(clinic: string, id: string): Promise<Document> {
  return got(
    client.POST("/api/knowledge/documents/{document_id}/again", {
      params: { path: { document_id: id }, query: { clinic } },
      // Without a body nor this, it is what a form of another site could send, and refused.
      headers: { "content-type": "application/json" },
    }),
  );
}

/** Forgets a document. Outlives the page; one that is gone already counts as done. */
export async function forget(clinic: string, id: string): Promise<void> {
  const params = { path: { document_id: id }, query: { clinic } };
  try {
    await got(client.DELETE("/api/knowledge/documents/{document_id}", { params, keepalive: true }));
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}

/** Why a file was not taken: the API says that of documents in the words of whoever sent it. */
export function whyNot(error: unknown): string {
  if (error instanceof Problem && error.code.startsWith("document_") && error.detail) return error.detail;
  return explain(error);
}
