import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import { resumeRun, stopRun } from "@/features/evals/queries";
import { words } from "@/features/evals/words";
import { clinicKey } from "@/lib/clinic";
import { explain } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

/** What staff do with a run, under their name. */
export function useRunActs(clinic: string) {
  const queries = useQueryClient();
  const signed = useSigned();
  const onSettled = () => queries.invalidateQueries({ queryKey: clinicKey(clinic, "evals") });
  const stopping = useMutation({
    onSettled,
    mutationFn: ({ id, by }: { id: string; by: string }) => stopRun(clinic, id, by),
    onSuccess: () => toast({ says: words.stopAsked }),
    onError: (error) => toast({ says: `${words.stopFailed} ${explain(error)}`, means: "urgent" }),
  });
  const resuming = useMutation({
    onSettled,
    mutationFn: ({ id, by }: { id: string; by: string }) => resumeRun(clinic, id, by),
    onSuccess: () => toast({ says: words.resumed }),
    onError: (error) => toast({ says: `${words.resumeFailed} ${explain(error)}`, means: "urgent" }),
  });
  return {
    busy: stopping.isPending || resuming.isPending,
    stop: (id: string) => signed.as((by) => stopping.mutate({ id, by })),
    resume: (id: string) => signed.as((by) => resuming.mutate({ id, by })),
    signing: signed.dialog,
  };
}

export type RunActs = ReturnType<typeof useRunActs>;
