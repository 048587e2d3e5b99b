import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/components/ui/toast";
import { words } from "@/features/reports/desk-words";
import { type Alert, beginRun, checkAlerts, dismissAlert } from "@/features/reports/queries";
import { clinicKey } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

/** What staff do at the desk of reports, under their name. */
export function useDeskActs(clinic: string) {
  const queries = useQueryClient();
  const signed = useSigned();
  const [dismissing, setDismissing] = useState<Alert>();
  const onSettled = () => queries.invalidateQueries({ queryKey: clinicKey(clinic, "reports") });
  const wrong = (says: string) => (error: unknown) =>
    toast({ says: `${says} ${whyNot(error)}`, means: "urgent" });
  const running = useMutation({
    onSettled,
    mutationFn: (by: string) => beginRun(clinic, by),
    onSuccess: () => toast({ says: words.begun, means: "good" }),
    onError: wrong(words.runFailed),
  });
  const checking = useMutation({
    onSettled,
    mutationFn: () => checkAlerts(clinic),
    onSuccess: (found) => found.length || toast({ says: words.checked, means: "good" }),
    onError: wrong(words.checkFailed),
  });
  const closing = useMutation({
    onSettled,
    mutationFn: ({ id, by, why }: { id: string; by: string; why: string }) =>
      dismissAlert(clinic, id, by, why),
    onSuccess: () => toast({ says: words.dismissed }),
    onError: wrong(words.dismissFailed),
  });
  return {
    begin: () => signed.as((by) => running.mutate(by)),
    beginning: running.isPending,
    check: () => checking.mutate(),
    checking: checking.isPending,
    dismiss: (alert: Alert) => setDismissing(alert),
    signing: signed.dialog,
    dismissing: {
      on: dismissing,
      onCancel: () => setDismissing(undefined),
      onConfirm: (why: string) => {
        if (dismissing) signed.as((by) => closing.mutate({ id: dismissing.id, by, why }));
        setDismissing(undefined);
      },
    },
  };
}

export type DeskActs = ReturnType<typeof useDeskActs>;

function whyNot(error: unknown): string {
  return (error instanceof Problem && words.problems[error.code]) || explain(error);
}
