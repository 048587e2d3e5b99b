import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import { type GiveBack, giveBack, take } from "@/features/conversations/queries";
import { words } from "@/features/conversations/words";
import { clinicKey } from "@/lib/clinic";
import { explain } from "@/lib/problem";

/** Taking a conversation and giving it back. Whoever else looks at it hears of it through the stream. */
export function useOwner(clinic: string, conversation: string) {
  const queries = useQueryClient();
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: clinicKey(clinic, "conversation", conversation) }),
      queries.invalidateQueries({ queryKey: clinicKey(clinic, "conversations") }),
    ]);
  const taking = useMutation({
    mutationFn: (by: string) => take(conversation, by),
    onSuccess: refresh,
    onError: (error) => toast({ says: `${words.takeFailed} ${explain(error)}`, means: "urgent" }),
  });
  const giving = useMutation({
    mutationFn: (body: GiveBack) => giveBack(conversation, body),
    onSuccess: async () => {
      await refresh();
      toast({ says: words.givenBack, means: "good" });
    },
    onError: (error) => toast({ says: `${words.giveBackFailed} ${explain(error)}`, means: "urgent" }),
  });
  return { taking, giving };
}
