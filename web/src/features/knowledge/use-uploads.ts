import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import { type Limits, refusalOf, sourceOf } from "@/features/knowledge/check-file";
import type { Library } from "@/features/knowledge/queries";
import { type Upload, uploads } from "@/features/knowledge/uploads";
import { words } from "@/features/knowledge/words";
import { clinicKey } from "@/lib/clinic";
import { connection } from "@/lib/connection";

const MOVING = ["waiting", "sending"];

// Whatever page is open by then.
connection.subscribe(() => connection.lost || uploads.resume());

/** The clinic's files on their way, and how to add some. Asks before the tab closes on one. */
export function useUploads(clinic: string, library: Library | undefined) {
  const queries = useQueryClient();
  const all = useSyncExternalStore(uploads.subscribe, uploads.list);
  const moving = all.some((one) => MOVING.includes(one.state));

  useEffect(() => {
    uploads.onTaken = (of) => queries.invalidateQueries({ queryKey: clinicKey(of, "knowledge") });
  }, [queries]);

  useEffect(() => {
    if (!moving) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [moving]);

  const add = useCallback(
    (files: readonly File[], folders: ReadonlySet<File> = new Set()) => {
      const limits: Limits | undefined = library;
      for (const file of files) {
        const refusal = folders.has(file) ? words.refusals.folder : refusalOf(file, limits);
        const source = sourceOf(file);
        const known = library?.documents.some((one) => one.source.normalize("NFC") === source) ?? false;
        uploads.add(clinic, file, refusal, known);
      }
    },
    [clinic, library],
  );
  const mine: readonly Upload[] = all.filter((one) => one.clinic === clinic);
  return { mine, add };
}
