import type { Brief, Desk, Draft, Run, Today, Whole } from "@/features/reports/queries";
import { clinics, json } from "@/test/server";

/** Reports as the API gives them, for tests. */
export const REPORT = "01a20081-0000-7000-8000-0000000000f1";
export const ADDRESS = `/relatorios/${REPORT}`;
export const PATH = `/api/reports/${REPORT}`;

export const brief = (over: Partial<Brief> = {}): Brief => ({
  id: REPORT,
  person_name: "Zilda Prates",
  caregiver: "Neide",
  shift: "morning",
  day: "2026-11-21",
  revision: 1,
  state: "review",
  version: 3,
  severity: null,
  review_reason: "report_refused",
  review_since: "2026-11-21T12:00:00-03:00",
  review_due_at: "2126-11-21T14:00:00-03:00",
  error_code: "report_refused",
  approved_how: null,
  approved_by: null,
  closed_at: "2026-11-21T11:50:00-03:00",
  queued_at: null,
  sent_at: null,
  ...over,
});

const SOURCE = "PA 130x80 às 08:10. Almoçou tudo.";
const TEXT = "A pressão estava em 130x80 e ela almoçou tudo.";

export const draft = (over: Partial<Draft> = {}): Draft => ({
  id: "d1",
  round: 1,
  author: "writer",
  by: "",
  at: "2026-11-21T12:00:00-03:00",
  text: TEXT,
  digest: "a".repeat(64),
  model: "gpt",
  ms: 900,
  stands: true,
  problems: [],
  traced: [
    { draft: { start: 20, end: 26 }, source: { start: 3, end: 9 }, kind: "vital", critical: true },
    { draft: { start: 33, end: 45 }, source: { start: 20, end: 32 }, kind: "meal", critical: false },
  ],
  ...over,
});

export const whole = (over: Partial<Whole> = {}): Whole => ({
  ...brief(),
  source_text: SOURCE,
  no_use_writing: null,
  processed_ms: 900,
  drafts: [draft()],
  patterns: [],
  steps: [],
  sends: [],
  recipients: [{ contact_id: "c1", name: "Beatriz Amorim", phone_ends: "0201", barred: null }],
  ...over,
});

export const desk = (over: Partial<Desk> = {}): Desk => ({
  connected: true,
  hours: ["12:00:00"],
  review_minutes: 120,
  next_run_at: "2126-11-21T12:00:00-03:00",
  synced_at: "2026-11-21T12:00:00-03:00",
  checked_at: null,
  error: null,
  errors: 0,
  running: null,
  clock_stopped_at: null,
  held: 0,
  held_until: null,
  ...over,
});

export const today = (over: Partial<Today> = {}): Today => ({
  today: {
    day: "2026-11-21",
    total: 12,
    approved: 9,
    person: 1,
    failed: 2,
    fallback: 0,
    sent: 8,
    send_failed: 1,
    avg_process_ms: 140,
    approval_rate: 75,
    fallback_rate: 0,
    closed: false,
  },
  light: "attention",
  target: 80,
  least: 70,
  waiting: { writing: 0, review: 2, leaving: 1, send_failed: 1 },
  alerts: [],
  ...over,
});

export const run = (over: Partial<Run> = {}): Run => ({
  id: "r1",
  trigger: "manual",
  asked_by: "Bia",
  status: "completed",
  stage: "done",
  skip_sync: false,
  skip_send: false,
  sync_count: 12,
  sync_broken: 0,
  process_approved: 10,
  process_failed: 2,
  notify_count: 2,
  send_success: 9,
  send_failed: 1,
  duration_ms: 3200,
  sync_ms: 500,
  process_ms: 1800,
  notify_ms: 20,
  send_ms: 800,
  errors: {},
  error_stage: null,
  error_code: null,
  started_at: "2026-11-21T12:00:00-03:00",
  completed_at: "2026-11-21T12:00:03-03:00",
  ...over,
});

export const house = (): Record<string, Response> => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/reports/desk": json(desk()),
  "GET /api/reports/metrics/today": json(today()),
  "GET /api/reports/metrics/history": json({ days: [] }),
  "GET /api/reports/metrics/pipeline-runs": json([run()]),
  "GET /api/reports": json({ items: [brief()], next: null, counts: { review: 1 }, quiet_until: null }),
  [`GET ${PATH}`]: json(whole()),
});
