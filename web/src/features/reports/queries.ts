import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "@/client/client";
import type { components } from "@/client/schema";
import { got } from "@/lib/api";
import { clinicKey } from "@/lib/clinic";

type Schemas = components["schemas"];
export type Brief = Schemas["ReportBrief"];
export type Whole = Schemas["ReportWhole"];
export type Draft = Schemas["ReportDraftOut"];
export type Trace = Schemas["ReportTraced"];
export type Trouble = Schemas["ReportProblem"];
export type Sent = Schemas["ReportSendOut"];
export type Reader = Schemas["ReportRecipientOut"];
export type State = Schemas["State"];
export type Desk = Schemas["ReportDeskOut"];
export type Today = Schemas["ReportToday"];
export type Day = Schemas["ReportDay"];
export type Run = Schemas["PipelineRunOut"];
export type Alert = Schemas["ReportAlert"];

/** Changes tell of most; what only time moves is read again this often. */
const EVERY = { refetchInterval: 30_000, placeholderData: keepPreviousData };

export const views = ["review", "way", "sent", "unsent"] as const;
export type View = (typeof views)[number];

/** What each list shows. */
export const statesOf: Readonly<Record<View, readonly State[]>> = {
  review: ["review", "failed"],
  way: ["pending", "processing", "approved", "fallback"],
  sent: ["sent"],
  unsent: ["send_failed"],
};

/** Reports in these states, a page at a time; of those in review, the one to decide about first first. */
export function reportsQuery(clinic: string, view: View) {
  return infiniteQueryOptions({
    queryKey: clinicKey(clinic, "reports", "list", view),
    queryFn: ({ pageParam, signal }) =>
      got(
        client.GET("/api/reports", {
          params: {
            query: {
              clinic,
              state: [...statesOf[view]],
              order: view === "review" ? "deadline" : "newest",
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
    refetchInterval: 30_000,
  });
}

/** A report beside its source. */
export function reportQuery(clinic: string, id: string) {
  return queryOptions({
    queryKey: clinicKey(clinic, "reports", "one", id),
    queryFn: ({ signal }) => got(client.GET("/api/reports/{report_id}", { params: of(clinic, id), signal })),
    // What was approved is on its way to the family: its ticks come from elsewhere.
    refetchInterval: ({ state }) => (moving.has(state.data?.state) ? 5_000 : 30_000),
  });
}

const moving = new Set<State | undefined>(["pending", "processing", "approved", "fallback"]);

function of(clinic: string, id: string) {
  return { path: { report_id: id }, query: { clinic } };
}

/** How reports run here. */
export function deskQuery(clinic: string) {
  return queryOptions({
    ...EVERY,
    queryKey: clinicKey(clinic, "reports", "desk"),
    queryFn: ({ signal }) => got(client.GET("/api/reports/desk", { params: { query: { clinic } }, signal })),
  });
}

/** The day so far, what is on its way, and what is wrong. */
export function todayQuery(clinic: string) {
  return queryOptions({
    ...EVERY,
    queryKey: clinicKey(clinic, "reports", "figures", "today"),
    queryFn: ({ signal }) =>
      got(client.GET("/api/reports/metrics/today", { params: { query: { clinic } }, signal })),
  });
}

/** The last days, oldest first. */
export function historyQuery(clinic: string, days = 7) {
  return queryOptions({
    ...EVERY,
    queryKey: clinicKey(clinic, "reports", "figures", "history", days),
    queryFn: ({ signal }) =>
      got(client.GET("/api/reports/metrics/history", { params: { query: { clinic, days } }, signal })),
  });
}

/** The last runs, the newest first. */
export function runsQuery(clinic: string) {
  return queryOptions({
    ...EVERY,
    queryKey: clinicKey(clinic, "reports", "runs"),
    queryFn: ({ signal }) =>
      got(
        client.GET("/api/reports/metrics/pipeline-runs", {
          params: { query: { clinic, limit: 10 } },
          signal,
        }),
      ),
  });
}

export function beginRun(clinic: string, by: string) {
  const body = { by, skip_sync: false, skip_send: false, dry_run: false };
  return got(client.POST("/api/reports/run", { params: { query: { clinic } }, body }));
}

export function checkAlerts(clinic: string) {
  return got(client.POST("/api/reports/alerts/check", { params: { query: { clinic } } }));
}

export function dismissAlert(clinic: string, id: string, by: string, why: string) {
  const params = { path: { alert_id: id }, query: { clinic } };
  return got(client.POST("/api/reports/alerts/{alert_id}/dismiss", { params, body: { by, why } }));
}

/** What a person does with a report as they read it. */
export type Act =
  | { what: "edit"; text: string }
  | { what: "approve"; digest: string }
  | { what: "reject" | "regenerate"; why: string }
  | { what: "retry" };

export function perform(clinic: string, on: Whole, act: Act, by: string): Promise<Whole> {
  const params = of(clinic, on.id);
  const read = { by, version: on.version };
  switch (act.what) {
    case "edit":
      return got(client.POST("/api/reports/{report_id}/edit", { params, body: { ...read, text: act.text } }));
    case "approve":
      return got(
        client.POST("/api/reports/{report_id}/approve", { params, body: { ...read, digest: act.digest } }),
      );
    case "reject":
      return got(client.POST("/api/reports/{report_id}/reject", { params, body: { ...read, why: act.why } }));
    case "regenerate":
      return got(
        client.POST("/api/reports/{report_id}/regenerate", { params, body: { ...read, why: act.why } }),
      );
    case "retry":
      return got(client.POST("/api/reports/{report_id}/retry", { params, body: read }));
  }
}
