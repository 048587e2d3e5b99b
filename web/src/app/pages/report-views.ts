import type { View } from "@/features/reports/queries";

type Asked = "a-caminho" | "enviados" | "nao-enviados";

const asked: Record<View, Asked | undefined> = {
  review: undefined,
  way: "a-caminho",
  sent: "enviados",
  unsent: "nao-enviados",
};

/** A list as the address says it; the first one needs no saying. */
export function askedView(view: View): { lista?: Asked } {
  const lista = asked[view];
  return lista ? { lista } : {};
}

/** The list that an address asks for. */
export function viewOf(lista: Asked | undefined): View {
  return (Object.keys(asked) as View[]).find((view) => asked[view] === lista) ?? "review";
}
