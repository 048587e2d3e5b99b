import { useNavigate, useSearch } from "@tanstack/react-router";
import type { View } from "@/features/queue/queries";
import { Queue } from "@/features/queue/queue";

const asked: Record<View, "assumidos" | "resolvidos" | undefined> = {
  waiting: undefined,
  taken: "assumidos",
  resolved: "resolvidos",
};

/** /fila: the address holds which list is shown and which case is open. */
export function QueuePage() {
  const { ver, caso } = useSearch({ from: "/frame/fila" });
  const navigate = useNavigate({ from: "/fila" });

  function onView(view: View): void {
    const next = asked[view];
    void navigate({
      search: ({ ver: _, caso: __, ...rest }) => ({ ...rest, ...(next ? { ver: next } : {}) }),
      replace: true,
    });
  }

  function onChoose(id: string): void {
    void navigate({ search: (before) => ({ ...before, caso: id }), replace: caso !== undefined });
  }

  return (
    <Queue
      view={ver === "assumidos" ? "taken" : ver === "resolvidos" ? "resolved" : "waiting"}
      onView={onView}
      chosen={caso}
      onChoose={onChoose}
    />
  );
}
