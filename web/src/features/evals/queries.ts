import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

type Schemas = components["schemas"];
export type Run = Schemas["RunOut"];
export type RunWhole = Schemas["RunWhole"];
export type Suite = Schemas["SuiteOut"];
export type SuiteCount = Schemas["SuiteCountOut"];
export type TrialBrief = Schemas["TrialBrief"];
export type Trial = Schemas["TrialOut"];
export type TrialTurn = Schemas["TrialTurn"];
export type Row = Schemas["RowOut"];
export type Comparison = Schemas["ComparisonOut"];
export type Judged = Schemas["JudgedOut"];
export type Moved = Schemas["MovedOut"];
export type RunAsked = Schemas["RunAsked"];

export const shows = ["wrong", "violated", "failed", "broken", "passed", "all"] as const;
export type Show = (typeof shows)[number];

/** Runs, the newest first, a page at a time. */
export function runsQuery(clinic: string) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "evals", "runs"),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/evals/runs", {
          params: { query: { clinic, ...(pageParam ? { before: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** A run with its suites and the decision of the gate. */
export function runQuery(clinic: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "run", id, "head"),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/evals/runs/{run_id}", {
          params: { path: { run_id: id }, query: { clinic } },
          signal,
        }),
      ),
  });
}

/** The trials of a run in brief. */
export function trialsQuery(clinic: string, run: string, only: Show, suite: string | undefined) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "evals", "run", run, "trials", only, suite ?? ""),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/evals/runs/{run_id}/trials", {
          params: {
            path: { run_id: run },
            query: {
              clinic,
              only,
              limit: 100,
              ...(suite ? { suite } : {}),
              ...(pageParam ? { before: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** A trial with all that it left. What was played does not change: it is read once. */
export function trialQuery(clinic: string, run: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "trial", run, id),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/evals/runs/{run_id}/trials/{trial_id}", {
          params: { path: { run_id: run, trial_id: id }, query: { clinic } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Which trials are shown before and after one, among those that `trialsQuery` lists. */
export function besideQuery(clinic: string, run: string, id: string, only: Show, suite: string | undefined) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "run", run, "beside", id, only, suite ?? ""),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/evals/runs/{run_id}/trials/{trial_id}/beside", {
          params: {
            path: { run_id: run, trial_id: id },
            query: { clinic, only, ...(suite ? { suite } : {}) },
          },
          signal,
        }),
      ),
  });
}

/** What can be played. */
export function suitesQuery(clinic: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "suites"),
    queryFn: ({ signal }) => got(client.GET("/api/evals/suites", { params: { query: { clinic } }, signal })),
  });
}

/** One suite with its scenarios, to choose among them. */
export function suiteQuery(clinic: string, name: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "suites", name),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/evals/suites/{name}", {
          params: { path: { name }, query: { clinic } },
          signal,
        }),
      ),
  });
}

/** Which models are configured; the default one plays. */
export const playersQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => got(client.GET("/api/models", { signal })),
  staleTime: 60_000,
});

/** Two runs side by side. */
export function compareQuery(clinic: string, before: string, after: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "evals", "compare", before, after),
    queryFn: ({ signal }) =>
      got(client.GET("/api/evals/compare", { params: { query: { clinic, before, after } }, signal })),
  });
}

/** Puts a run in line. */
export function beginRun(clinic: string, body: RunAsked): Promise<Run> {
  return got(client.POST("/api/evals/runs", { params: { query: { clinic } }, body }));
}

/** A new run of those scenarios of a run that came out so. */
export function repeatRun(clinic: string, id: string, only: Show, by: string): Promise<Run> {
  return got(
    client.POST("/api/evals/runs/{run_id}/repeat", {
      params: { path: { run_id: id }, query: { clinic } },
      body: { by, only },
    }),
  );
}

/** It ends as soon as what is being played is over. */
export function stopRun(clinic: string, id: string, by: string): Promise<Run> {
  return got(
    client.POST("/api/evals/runs/{run_id}/stop", {
      params: { path: { run_id: id }, query: { clinic } },
      body: { by },
    }),
  );
}

/** It goes on from where it was. */
export function resumeRun(clinic: string, id: string, by: string): Promise<Run> {
  return got(
    client.POST("/api/evals/runs/{run_id}/resume", {
      params: { path: { run_id: id }, query: { clinic } },
      body: { by },
    }),
  );
}

/** Where the report of a run is, whole in one file. */
export function reportUrl(clinic: string, id: string): string {
  return `/api/evals/runs/${id}/report.html?clinic=${encodeURIComponent(clinic)}`;
}
