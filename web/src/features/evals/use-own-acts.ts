import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import { archiveOwn, type Own, ownOneQuery, putOwn } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { beginRun } from "@/features/evals/queries";
import { words as shared } from "@/features/evals/words";
import { clinicKey } from "@/lib/clinic";
import { explain } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

interface On {
  one: Own;
  by: string;
}

/** What staff do with the clinic's own scenarios, under their name. Archiving is undone rather than asked about. */
export function useOwnActs(clinic: string) {
  const queries = useQueryClient();
  const signed = useSigned();
  const onSettled = () => queries.invalidateQueries({ queryKey: clinicKey(clinic, "evals") });
  const bringing = useMutation({
    onSettled,
    mutationFn: async ({ one, by }: On) => {
      const { scenario, version } = await queries.fetchQuery(ownOneQuery(clinic, one.key));
      return putOwn(clinic, one.key, { scenario, by, version });
    },
    onSuccess: (_, { one }) => toast({ says: words.backSaid(one.title), means: "good" }),
    onError: (error, { one }) =>
      toast({ says: words.backFailed(one.title, explain(error)), means: "urgent" }),
  });
  const archiving = useMutation({
    onSettled,
    mutationFn: ({ one, by }: On) => archiveOwn(clinic, one.key, by),
    onSuccess: (_, { one, by }) =>
      toast({ says: words.archivedSaid(one.title), undo: () => bringing.mutate({ one, by }) }),
    onError: (error, { one }) =>
      toast({ says: words.archiveFailed(one.title, explain(error)), means: "urgent" }),
  });
  const playing = useMutation({
    onSettled,
    mutationFn: ({ key, by }: { key: string | null; by: string }) =>
      beginRun(clinic, { by, suites: key ? [] : ["clinic"], scenarios: key ? [key] : [], noise: [] }),
    onSuccess: () => toast({ says: shared.begun, means: "good" }),
    onError: (error) => toast({ says: `${shared.beginFailed} ${explain(error)}`, means: "urgent" }),
  });
  return {
    busy: playing.isPending,
    archive: (one: Own) => signed.as((by) => archiving.mutate({ one, by })),
    back: (one: Own) => signed.as((by) => bringing.mutate({ one, by })),
    play: (key: string) => signed.as((by) => playing.mutate({ key, by })),
    playAll: () => signed.as((by) => playing.mutate({ key: null, by })),
    signing: signed.dialog,
  };
}

export type OwnActs = ReturnType<typeof useOwnActs>;
