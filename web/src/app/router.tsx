import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { fetched } from "@/app/fetched";
import { Frame } from "@/app/frame";
import { NotFound } from "@/app/not-found";
import { PageBroke } from "@/app/page-broke";
import { PageSkeleton } from "@/app/page-skeleton";

interface Context {
  queries: QueryClient;
}

/** Every address says which clinic it is about; pages add what narrows theirs. */
interface Search {
  clinica?: string;
}

function lazy<Name extends string>(importer: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazyRouteComponent(() => fetched(importer), name);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

/** A day that exists, of a century that a clinic may mean. */
function day(value: unknown): string | undefined {
  const said = text(value);
  if (!said || !/^20\d\d-\d\d-\d\d$/.test(said)) return undefined;
  const read = new Date(`${said}T12:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(said) ? said : undefined;
}

const root = createRootRouteWithContext<Context>()({
  validateSearch: (said: Record<string, unknown>): Search => {
    const clinica = text(said.clinica);
    return clinica ? { clinica } : {};
  },
  component: Outlet,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/entrar",
  validateSearch: (said: Record<string, unknown>): { volta?: string } => {
    const volta = text(said.volta);
    return volta ? { volta } : {};
  },
  component: lazy(() => import("@/app/pages/sign-in"), "SignIn"),
});

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });

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
  validateSearch: (said: Record<string, unknown>): { pessoa?: string; turno?: string; dia?: string } => {
    const pessoa = text(said.pessoa);
    const turno = text(said.turno);
    const dia = day(said.dia);
    return { ...(pessoa ? { pessoa } : {}), ...(turno ? { turno } : {}), ...(dia ? { dia } : {}) };
  },
  component: lazy(() => import("@/app/pages/rehearsal"), "RehearsalPage"),
});

const conversations = createRoute({
  getParentRoute: () => frame,
  path: "/conversas",
  validateSearch: (said: Record<string, unknown>): { filtro?: "equipe" | "caso"; busca?: string } => {
    const busca = text(said.busca);
    const filtro = said.filtro === "equipe" || said.filtro === "caso" ? said.filtro : undefined;
    return { ...(filtro ? { filtro } : {}), ...(busca ? { busca } : {}) };
  },
  component: lazy(() => import("@/app/pages/conversations"), "ConversationsPage"),
});

const conversation = createRoute({
  getParentRoute: () => conversations,
  path: "$conversa",
  validateSearch: (said: Record<string, unknown>): { turno?: string } => {
    const turno = text(said.turno);
    return turno ? { turno } : {};
  },
  component: lazy(() => import("@/app/pages/conversation"), "ConversationPage"),
});

const agenda = createRoute({
  getParentRoute: () => frame,
  path: "/agenda",
  validateSearch: (said: Record<string, unknown>): { dia?: string; profissional?: string } => {
    const dia = day(said.dia);
    const profissional = text(said.profissional);
    return { ...(dia ? { dia } : {}), ...(profissional ? { profissional } : {}) };
  },
  component: lazy(() => import("@/app/pages/agenda"), "AgendaPage"),
});

const knowledge = createRoute({
  getParentRoute: () => frame,
  path: "/conhecimento",
  validateSearch: (said: Record<string, unknown>): { documento?: string; pergunta?: string } => {
    const documento = text(said.documento);
    const pergunta = text(said.pergunta);
    return { ...(documento ? { documento } : {}), ...(pergunta ? { pergunta } : {}) };
  },
  component: lazy(() => import("@/app/pages/knowledge"), "KnowledgePage"),
});

const tree = root.addChildren([
  home,
  signIn,
  frame.addChildren([rehearsals, rehearsal, conversations.addChildren([conversation]), agenda, knowledge]),
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
