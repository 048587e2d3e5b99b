import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { say, sendFile } from "@/features/playground/commands";
import { Outbox } from "@/features/playground/outbox";
import { isOver, rehearsalQuery, type Said } from "@/features/playground/queries";
import { connection } from "@/lib/connection";
import { isStranger } from "@/lib/problem";

/** The outbox of a rehearsal, sending for as long as the page is open. */
export function useOutbox(rehearsal: string, onStored: (said: Said) => void): Outbox {
  const queries = useQueryClient();
  const outbox = useMemo(
    () =>
      new Outbox(
        rehearsal,
        async ({ voice, text, id }, file) => {
          try {
            return await (file ? sendFile(rehearsal, voice, file, id) : say(rehearsal, voice, text, id));
          } catch (error) {
            // Asked again, it says that the rehearsal is over, or that one has to sign in.
            if (isOver(error) || isStranger(error)) void queries.invalidateQueries(rehearsalQuery(rehearsal));
            throw error;
          }
        },
        onStored,
      ),
    [rehearsal, onStored, queries],
  );
  useSyncExternalStore(outbox.subscribe, () => outbox.parcels);
  useEffect(() => {
    const stop = connection.subscribe(() => connection.lost || void outbox.flush());
    void outbox.flush();
    return () => {
      stop();
      outbox.stop();
    };
  }, [outbox]);
  return outbox;
}
