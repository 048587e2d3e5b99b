import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import { type Act, perform, reportQuery, type Whole } from "@/features/reports/queries";
import { words } from "@/features/reports/words";
import { clinicKey } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

interface Asked {
  on: Whole;
  act: Act;
  by: string;
  then: (() => void) | undefined;
}

/** What staff do with a report, under their name; `then` once it is done. */
export function useReportActs(clinic: string) {
  const queries = useQueryClient();
  const signed = useSigned();
  const acting = useMutation({
    mutationFn: ({ on, act, by }: Asked) => perform(clinic, on, act, by),
    onSuccess: (now, { act, then }) => {
      queries.setQueryData(reportQuery(clinic, now.id).queryKey, now);
      toast({ says: words.done[act.what], means: "good" });
      then?.();
    },
    onError: (error, { act }) =>
      toast({ says: `${words.notDone[act.what]} ${whyNot(error)}`, means: "urgent" }),
    onSettled: () => queries.invalidateQueries({ queryKey: clinicKey(clinic, "reports") }),
  });
  return {
    busy: acting.isPending,
    ask: (on: Whole, act: Act, then?: () => void) => signed.as((by) => acting.mutate({ on, act, by, then })),
    signing: signed.dialog,
  };
}

export type ReportActs = ReturnType<typeof useReportActs>;

function whyNot(error: unknown): string {
  return (error instanceof Problem && words.problemsOf[error.code]) || explain(error);
}
