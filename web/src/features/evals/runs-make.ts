import { run } from "@/features/evals/make";
import type { Run, Suite } from "@/features/evals/queries";
import { clinics, json } from "@/test/server";

export const suites: Suite[] = [
  { name: "clinic", title: "Provas da clínica", scenarios: 0, critical: 0, known_failing: 0 },
  { name: "emergency", title: "Emergências", scenarios: 27, critical: 27, known_failing: 2 },
  { name: "tone", title: "Tom", scenarios: 5, critical: 0, known_failing: 0 },
];

export const demo = { name: "offline", label: "Modelo de demonstração", offline: true, default: true };
export const paid = { name: "fast", label: "Rápido", offline: false, default: true };

export const house = (runs: Run[] = [run()], model = demo) => ({
  "GET /api/clinics": json(clinics),
  "GET /api/session": json({ locked: false, signed_in: true }),
  "GET /api/models": json([model]),
  "GET /api/evals/suites": json(suites),
  "GET /api/evals/runs": json({ items: runs, next: null }),
});
