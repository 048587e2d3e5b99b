import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, type RouterHistory, redirect } from "@tanstack/react-router";
import { day, id, text } from "@/app/address";
import { evalRoutes } from "@/app/eval-routes";
import { PageBroke } from "@/app/page-broke";
import { PageSkeleton } from "@/app/page-skeleton";
import { reportRoutes } from "@/app/report-routes";
import { frame, lazy, root } from "@/app/root-route";

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/entrar",
  validateSearch: (said: Record<string, unknown>): { volta?: string | undefined } => ({
    volta: text(said.volta),
  }),
  component: lazy(() => import("@/app/pages/sign-in"), "SignIn"),
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: ({ search }) => {
    throw redirect({ to: "/ensaio", search, replace: true });
  },
});

const rehearsals = createRoute({
  getParentRoute: () => frame,
  path: "/ensaio",
  component: lazy(() => import("@/app/pages/rehearsal"), "RehearsalPage"),
});

const rehearsal = createRoute({
  getParentRoute: () => frame,
  path: "/ensaio/$ensaio",
  validateSearch: (
    said: Record<string, unknown>,
  ): { pessoa?: string | undefined; turno?: string | undefined; dia?: string | undefined } => ({
    pessoa: text(said.pessoa),
    turno: id(said.turno),
    dia: day(said.dia),
  }),
  component: lazy(() => import("@/app/pages/rehearsal"), "RehearsalPage"),
});

const conversations = createRoute({
  getParentRoute: () => frame,
  path: "/conversas",
  validateSearch: (
    said: Record<string, unknown>,
  ): { filtro?: "equipe" | "caso" | undefined; busca?: string | undefined } => ({
    filtro: said.filtro === "equipe" || said.filtro === "caso" ? said.filtro : undefined,
    busca: text(said.busca),
  }),
  component: lazy(() => import("@/app/pages/conversations"), "ConversationsPage"),
});

const conversation = createRoute({
  getParentRoute: () => conversations,
  path: "$conversa",
  validateSearch: (said: Record<string, unknown>): { turno?: string | undefined } => ({
    turno: id(said.turno),
  }),
  component: lazy(() => import("@/app/pages/conversation"), "ConversationPage"),
});

const queue = createRoute({
  getParentRoute: () => frame,
  path: "/fila",
  validateSearch: (
    said: Record<string, unknown>,
  ): { ver?: "assumidos" | "resolvidos" | undefined; caso?: string | undefined } => ({
    ver: said.ver === "assumidos" || said.ver === "resolvidos" ? said.ver : undefined,
    caso: id(said.caso),
  }),
  component: lazy(() => import("@/app/pages/queue"), "QueuePage"),
});

const agenda = createRoute({
  getParentRoute: () => frame,
  path: "/agenda",
  validateSearch: (
    said: Record<string, unknown>,
  ): { dia?: string | undefined; profissional?: string | undefined } => ({
    dia: day(said.dia),
    profissional: text(said.profissional),
  }),
  component: lazy(() => import("@/app/pages/agenda"), "AgendaPage"),
});

const knowledge = createRoute({
  getParentRoute: () => frame,
  path: "/conhecimento",
  validateSearch: (
    said: Record<string, unknown>,
  ): { documento?: string | undefined; pergunta?: string | undefined } => ({
    documento: id(said.documento),
    pergunta: text(said.pergunta),
  }),
  component: lazy(() => import("@/app/pages/knowledge"), "KnowledgePage"),
});

const tree = root.addChildren([
  home,
  signIn,
  frame.addChildren([
    rehearsals,
    rehearsal,
    queue,
    conversations.addChildren([conversation]),
    agenda,
    knowledge,
    ...evalRoutes,
    ...reportRoutes,
  ]),
]);

/** The addresses of the console. `history` is the browser's unless a test brings its own. */
export function createConsole(queries: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    ...(history ? { history } : {}),
    defaultPreload: "intent",
    defaultErrorComponent: PageBroke,
    defaultPendingComponent: PageSkeleton,
    defaultPendingMs: 150,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsole>;
  }
}

/** To the password, and back here afterwards. */
export function askWho(router: ReturnType<typeof createConsole>): void {
  const { pathname, href } = router.state.location;
  if (pathname !== "/entrar") void router.navigate({ to: "/entrar", search: { volta: href } });
}
