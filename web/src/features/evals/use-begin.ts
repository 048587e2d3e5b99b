import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/components/ui/toast";
import type { Wanted } from "@/features/evals/begin-dialog";
import { beginRun, type Run, repeatRun, type Show } from "@/features/evals/queries";
import { words } from "@/features/evals/words";
import { clinicKey } from "@/lib/clinic";
import { explain } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

/** Asks what to play, and plays it. */
export function useBegin(clinic: string, onBegun?: (run: string) => void) {
  const queries = useQueryClient();
  const signed = useSigned();
  const [asking, setAsking] = useState(false);
  const beginning = useMutation({
    mutationFn: (ask: () => Promise<Run>) => ask(),
    onSuccess: (run) => {
      toast({ says: words.begun, means: "good" });
      onBegun?.(run.id);
      return queries.invalidateQueries({ queryKey: clinicKey(clinic, "evals", "runs") });
    },
    onError: (error) => toast({ says: `${words.beginFailed} ${explain(error)}`, means: "urgent" }),
  });
  const play = (wanted: Wanted) =>
    signed.as((by) => beginning.mutate(() => beginRun(clinic, { ...wanted, by })));
  return {
    busy: beginning.isPending,
    ask: () => setAsking(true),
    play,
    /** Those scenarios of a run that came out so, once more. */
    repeat: (run: string, only: Show) =>
      signed.as((by) => beginning.mutate(() => repeatRun(clinic, run, only, by))),
    dialog: {
      open: asking,
      onCancel: () => setAsking(false),
      onConfirm: (wanted: Wanted) => {
        setAsking(false);
        play(wanted);
      },
    },
    signing: signed.dialog,
  };
}
