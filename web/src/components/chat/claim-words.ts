import type { ChatClaim } from "@/components/chat/line";

/** What became of what was said, the worst first; each in the singular and the plural. */
export const fates = {
  none: ["sem registro", "sem registro"],
  late: ["atrasado", "atrasados"],
  changed: ["mudou depois", "mudaram depois"],
  gone: ["não vale mais", "não valem mais"],
  kept: ["cumprido", "cumpridos"],
  stands: ["vale", "valem"],
} as const;

export type Fate = keyof typeof fates;

const kinds: Readonly<Record<string, string>> = {
  visit: "visita",
  moment: "horário",
  price: "preço",
  name: "nome",
  address: "endereço",
  promise: "promessa",
};

export const claimWords = {
  label: "O que esta mensagem afirma:",
  list: "O que esta mensagem afirma",
} as const;

/** "preço" */
export function claimKind(kind: string): string {
  return kinds[kind] ?? "informação";
}

export function fateOf(claim: ChatClaim): Fate {
  if (claim.entity === null) return "none";
  return claim.state in fates ? (claim.state as Fate) : "stands";
}

/** "vale", "3 valem" */
export function fateSaid(fate: Fate, amount: number): string {
  const [one, many] = fates[fate];
  return amount === 1 ? one : `${amount} ${many}`;
}
