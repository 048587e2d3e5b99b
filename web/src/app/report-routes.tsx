import { createRoute } from "@tanstack/react-router";
import { frame, lazy } from "@/app/root-route";

const reports = createRoute({
  getParentRoute: () => frame,
  path: "/relatorios",
  component: lazy(() => import("@/app/pages/reports"), "ReportsPage"),
});

const reportReview = createRoute({
  getParentRoute: () => frame,
  path: "/relatorios/revisao",
  validateSearch: (
    said: Record<string, unknown>,
  ): { lista?: "a-caminho" | "enviados" | "nao-enviados" | undefined } => ({
    lista:
      said.lista === "a-caminho" || said.lista === "enviados" || said.lista === "nao-enviados"
        ? said.lista
        : undefined,
  }),
  component: lazy(() => import("@/app/pages/report-review"), "ReviewPage"),
});

const report = createRoute({
  getParentRoute: () => frame,
  path: "/relatorios/$relatorio",
  component: lazy(() => import("@/app/pages/report-review"), "ReportPage"),
});

export const reportRoutes = [reports, reportReview, report] as const;
