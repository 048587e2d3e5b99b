import { useEffect, useMemo, useSyncExternalStore } from "react";
import { say, sendFile } from "@/features/playground/commands";
import { Outbox } from "@/features/playground/outbox";
import type { Said } from "@/features/playground/queries";
import { connection } from "@/lib/connection";

/** The outbox of a rehearsal, sending for as long as the page is open. */
export function useOutbox(rehearsal: string, onStored: (said: Said) => void): Outbox {
  const outbox = useMemo(
    () =>
      new Outbox(
        rehearsal,
        ({ voice, text, id }, file) =>
          file ? sendFile(rehearsal, voice, file, id) : say(rehearsal, voice, text, id),
        onStored,
      ),
    [rehearsal, onStored],
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
