import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "@/components/ui/toast";
import { type Document, forget } from "@/features/knowledge/queries";
import { words } from "@/features/knowledge/words";
import { clinicKey } from "@/lib/clinic";
import { explain } from "@/lib/problem";

const GRACE = 6_000;

type Named = Pick<Document, "id" | "title">;

/**
 * Documents being deleted: each waits a few seconds for a change of mind. Leaving the page deletes at once, so that what
 * was said to be deleted is.
 */
export function useRemovals(clinic: string) {
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Map<string, { timer: ReturnType<typeof setTimeout>; document: Named }>());

  const stay = useCallback((id: string) => {
    clearTimeout(waiting.current.get(id)?.timer);
    waiting.current.delete(id);
    setLeaving((now) => new Set([...now].filter((one) => one !== id)));
  }, []);

  const go = useCallback(
    async (document: Named) => {
      clearTimeout(waiting.current.get(document.id)?.timer);
      waiting.current.delete(document.id);
      try {
        await forget(clinic, document.id);
      } catch (error) {
        toast({ says: words.removeFailed(document.title, explain(error)), means: "urgent" });
      }
      await queries.invalidateQueries({ queryKey: clinicKey(clinic, "knowledge") });
      stay(document.id);
    },
    [clinic, queries, stay],
  );

  const remove = useCallback(
    (document: Named) => {
      setLeaving((now) => new Set(now).add(document.id));
      waiting.current.set(document.id, { document, timer: setTimeout(() => void go(document), GRACE) });
    },
    [go],
  );

  useEffect(() => {
    const flush = (): void => {
      for (const { document } of [...waiting.current.values()]) void go(document);
    };
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [go]);

  return { leaving, remove, undo: stay };
}
