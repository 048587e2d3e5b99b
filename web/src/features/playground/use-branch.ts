import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import type { Go } from "@/features/playground/address";
import { branch } from "@/features/playground/commands";
import { keepOrigin, modelKey, wordsKey } from "@/features/playground/kept";
import { type Rehearsal, rehearsalQuery, rehearsalsQuery } from "@/features/playground/queries";
import { setClockOf } from "@/features/playground/use-clock";
import { words } from "@/features/playground/words";
import { keepDraft, readDraft } from "@/lib/draft";

interface Asked {
  conversation: string;
  turn: string;
  /** Another model to say it to; undefined keeps the one of this rehearsal. */
  model?: string | undefined;
}

/** Goes back to before a turn, in a fresh rehearsal whose composer holds what was said then. This one stays as it is. */
export function useBranch(rehearsal: Rehearsal, go: Go) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ conversation, turn }: Asked) => branch(rehearsal.id, conversation, turn),
    onSuccess: (made, asked) => {
      const fresh = made.rehearsal;
      const said = made.said.join("\n");
      keepDraft(wordsKey(fresh.id, made.person), said);
      keepDraft(modelKey(fresh.id), asked.model ?? readDraft(modelKey(rehearsal.id)));
      keepOrigin(fresh.id, said);
      if (made.at) setClockOf(fresh.id, Date.parse(made.at));
      queries.setQueryData(rehearsalQuery(fresh.id).queryKey, fresh);
      void queries.invalidateQueries({ queryKey: rehearsalsQuery(rehearsal.clinic).queryKey });
      go({ rehearsal: fresh.id, person: made.person, turn: null });
    },
    onError: () => toast({ says: words.branch.failed, means: "urgent" }),
  });
}
