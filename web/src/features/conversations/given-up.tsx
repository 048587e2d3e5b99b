import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { type Conversation, givenUpQuery, tryAgain } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { explain } from "@/lib/problem";
import { useSignature } from "@/lib/signature";

/** Says that Carol gave up here; what she left unanswered can be given to her again. */
export function GivenUp({ clinic, shown }: { clinic: string; shown: Conversation }) {
  const queries = useQueryClient();
  const by = useSignature() || words.team;
  const { data } = useQuery(givenUpQuery(clinic));
  const left = data?.find((one) => one.conversation === shown.id && one.waiting > 0 && !one.replayed_at);
  const trying = useMutation({
    mutationFn: (letter: string) => tryAgain(clinic, letter, by),
    onSuccess: () => toast({ says: words.triesAgain, means: "good" }),
    onError: (error) => toast({ says: `${words.tryFailed} ${explain(error)}`, means: "urgent" }),
    onSettled: () => queries.invalidateQueries({ queryKey: [clinic] }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-attention-soft px-4 py-2 text-attention">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <p role="status" className="min-w-0 grow basis-60">
        {words.stuck}
      </p>
      {left && shown.owner === "carol" ? (
        <Button size="small" disabled={trying.isPending} onClick={() => trying.mutate(left.id)}>
          <RotateCcw aria-hidden />
          {words.tryAgain}
        </Button>
      ) : null}
    </div>
  );
}
