import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Line } from "@/features/conversations/queries";
import { replies } from "@/features/conversations/replies";
import { clinicKey } from "@/lib/clinic";
import { connection } from "@/lib/connection";

// Whatever page is open by then: what was answered must reach the patient.
connection.subscribe(() => connection.lost || replies.resume());

/** The replies of a conversation that its transcript does not show yet. */
export function useReplies(clinic: string, conversation: string, lines: readonly Line[]) {
  const queries = useQueryClient();
  const all = useSyncExternalStore(replies.subscribe, replies.list);

  useEffect(() => {
    replies.onAnswer = (of) => {
      void queries.invalidateQueries({ queryKey: clinicKey(clinic, "conversation", of) });
      void queries.invalidateQueries({ queryKey: clinicKey(clinic, "conversations") });
    };
    replies.resume();
  }, [clinic, queries]);

  useEffect(() => replies.settle(new Set(lines.map((line) => line.id))), [lines]);

  const shown = new Set(lines.map((line) => line.id));
  return all.filter((one) => one.conversation === conversation && !(one.line && shown.has(one.line)));
}
