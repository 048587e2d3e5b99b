import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/components/ui/toast";
import { type Intervention, type Resolution, resolveCase, takeCase } from "@/features/queue/queries";
import { resolvedBy, takenBy, words } from "@/features/queue/words";
import { clinicKey } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";
import { sameName, signAs, useSignature } from "@/lib/signature";

type Act = { what: "take" | "over"; on: Intervention } | { what: "resolve"; on: Intervention };

/** What staff do with a case, under their name; it is asked once, and kept in this browser. */
export function useCaseActs(clinic: string) {
  const queries = useQueryClient();
  const signature = useSignature();
  const [unsigned, setUnsigned] = useState<Act>();
  const [resolving, setResolving] = useState<Intervention>();
  const refresh = () => queries.invalidateQueries({ queryKey: clinicKey(clinic, "queue") });
  const settled = { onSettled: refresh };
  const taking = useMutation({
    ...settled,
    mutationFn: ({ on, by, over }: { on: Intervention; by: string; over: boolean }) =>
      takeCase(on.id, by, over),
    onSuccess: () => toast({ says: words.taken, means: "good" }),
    onError: (error) => toast({ says: `${words.takeFailed} ${whyNot(error)}`, means: "urgent" }),
  });
  const closing = useMutation({
    ...settled,
    mutationFn: ({ on, ...said }: { on: Intervention } & Resolution) => resolveCase(on.id, said),
    onSuccess: () => toast({ says: words.resolved, means: "good" }),
    onError: (error) => toast({ says: `${words.resolveFailed} ${whyNot(error)}`, means: "urgent" }),
  });

  function perform(act: Act, by: string): void {
    if (act.what === "resolve") setResolving(act.on);
    else taking.mutate({ on: act.on, by, over: act.what === "over" });
  }

  return {
    busy: taking.isPending || closing.isPending,
    isMine: (one: Intervention) => one.status === "taken" && sameName(one.owner_name, signature),
    ask: (act: Act) => (signature ? perform(act, signature) : setUnsigned(act)),
    signing: {
      open: unsigned !== undefined,
      name: signature,
      onCancel: () => setUnsigned(undefined),
      onSign: (name: string) => {
        signAs(name);
        if (unsigned) perform(unsigned, name);
        setUnsigned(undefined);
      },
    },
    resolving: {
      on: resolving,
      onCancel: () => setResolving(undefined),
      onConfirm: (resolution: string, giveBack: boolean, proved: boolean) => {
        if (resolving)
          closing.mutate({ on: resolving, by: signature, resolution, give_back: giveBack, proved });
        setResolving(undefined);
      },
    },
  };
}

export type CaseActs = ReturnType<typeof useCaseActs>;

function whyNot(error: unknown): string {
  if (!(error instanceof Problem)) return explain(error);
  if (error.code === "case_taken") return takenBy(error.by);
  return error.code === "case_resolved" ? resolvedBy(error.by) : explain(error);
}
