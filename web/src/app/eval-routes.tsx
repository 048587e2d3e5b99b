import { createRoute } from "@tanstack/react-router";
import { id, text } from "@/app/address";
import { frame, lazy } from "@/app/root-route";

const evals = createRoute({
  getParentRoute: () => frame,
  path: "/provas",
  component: lazy(() => import("@/app/pages/evals"), "RunsPage"),
});

const evalRun = createRoute({
  getParentRoute: () => frame,
  path: "/provas/$rodada",
  validateSearch: (
    said: Record<string, unknown>,
  ): { mostrar?: string | undefined; grupo?: string | undefined } => ({
    mostrar: text(said.mostrar),
    grupo: text(said.grupo),
  }),
  component: lazy(() => import("@/app/pages/evals"), "RunPage"),
});

const evalComparison = createRoute({
  getParentRoute: () => frame,
  path: "/provas/comparar",
  validateSearch: (
    said: Record<string, unknown>,
  ): { antes?: string | undefined; depois?: string | undefined } => ({
    antes: id(said.antes),
    depois: id(said.depois),
  }),
  component: lazy(() => import("@/app/pages/evals-comparison"), "ComparisonPage"),
});

const evalDraft = createRoute({
  getParentRoute: () => frame,
  path: "/provas/nova",
  validateSearch: (
    said: Record<string, unknown>,
  ): { conversa?: string | undefined; de?: string | undefined; ate?: string | undefined } => ({
    conversa: id(said.conversa),
    de: id(said.de),
    ate: id(said.ate),
  }),
  component: lazy(() => import("@/app/pages/evals-own"), "DraftPage"),
});

const evalOwn = createRoute({
  getParentRoute: () => frame,
  path: "/provas/da-clinica",
  validateSearch: (
    said: Record<string, unknown>,
  ): { prova?: string | undefined; arquivadas?: "sim" | undefined } => ({
    prova: text(said.prova),
    arquivadas: said.arquivadas === "sim" ? "sim" : undefined,
  }),
  component: lazy(() => import("@/app/pages/evals-own"), "OwnPage"),
});

const evalEdit = createRoute({
  getParentRoute: () => frame,
  path: "/provas/da-clinica/$prova",
  component: lazy(() => import("@/app/pages/evals-own"), "EditPage"),
});

const evalTrial = createRoute({
  getParentRoute: () => frame,
  path: "/provas/$rodada/$vez",
  validateSearch: (
    said: Record<string, unknown>,
  ): { fala?: string | undefined; mostrar?: string | undefined; grupo?: string | undefined } => ({
    fala: text(said.fala),
    mostrar: text(said.mostrar),
    grupo: text(said.grupo),
  }),
  component: lazy(() => import("@/app/pages/evals"), "TrialPage"),
});

export const evalRoutes = [evals, evalRun, evalComparison, evalDraft, evalOwn, evalEdit, evalTrial] as const;
