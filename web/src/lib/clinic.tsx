import { createContext, type ReactNode, useContext } from "react";

export interface Clinic {
  slug: string;
  name: string;
  demo: boolean;
  timezone: string;
}

const Chosen = createContext<Clinic | null>(null);

/** Everything inside is about this clinic. */
export function ClinicScope({ clinic, children }: { clinic: Clinic; children: ReactNode }) {
  return <Chosen value={clinic}>{children}</Chosen>;
}

/** The clinic the page is about. Only inside the frame. */
export function useClinic(): Clinic {
  const found = useContext(Chosen);
  if (!found) throw new Error("useClinic: outside the frame");
  return found;
}

/**
 * The key of a query about a clinic: its slug, the area, then what narrows it. `lib/live.ts` refreshes by prefix, so an
 * area is named as the server names it in `changed`.
 */
export function clinicKey(clinic: string, area: string, ...rest: unknown[]): unknown[] {
  return [clinic, area, ...rest];
}
