import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { text } from "@/app/address";
import { fetched } from "@/app/fetched";
import { Frame } from "@/app/frame";
import { NotFound } from "@/app/not-found";

interface Context {
  queries: QueryClient;
}

/** Every address says which clinic it is about; pages add what narrows theirs. */
interface Search {
  clinica?: string | undefined;
}

/** A page that is fetched when it is first needed. */
export function lazy<Name extends string>(importer: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazyRouteComponent(() => fetched(importer), name);
}

export const root = createRootRouteWithContext<Context>()({
  validateSearch: (said: Record<string, unknown>): Search => ({ clinica: text(said.clinica) }),
  component: Outlet,
  notFoundComponent: NotFound,
});

/** What every page but the password stands in. */
export const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
