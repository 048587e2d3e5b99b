import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { Conversations } from "@/features/conversations/conversations";
import type { Filter } from "@/features/conversations/queries";

const asked: Record<Filter, "equipe" | "caso" | undefined> = { all: undefined, team: "equipe", case: "caso" };

/** /conversas: the address holds what the list shows; beside it the conversation that is open. */
export function ConversationsPage() {
  const { filtro, busca } = useSearch({ from: "/frame/conversas" });
  const { conversa } = useParams({ strict: false });
  const navigate = useNavigate();
  const onSearch = useCallback(
    (search: string) =>
      void navigate({
        to: ".",
        search: ({ busca: _, ...rest }) => ({ ...rest, ...(search ? { busca: search } : {}) }),
        replace: true,
      }),
    [navigate],
  );

  function onFilter(filter: Filter): void {
    const next = asked[filter];
    void navigate({
      to: ".",
      search: ({ filtro: _, ...rest }) => ({ ...rest, ...(next ? { filtro: next } : {}) }),
      replace: true,
    });
  }

  return (
    <Conversations
      filter={filtro === "equipe" ? "team" : filtro === "caso" ? "case" : "all"}
      onFilter={onFilter}
      search={busca ?? ""}
      onSearch={onSearch}
    >
      {conversa ? <Outlet /> : null}
    </Conversations>
  );
}
