import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Theater } from "lucide-react";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { toast } from "@/components/ui/toast";
import type { Go } from "@/features/playground/address";
import { begin } from "@/features/playground/commands";
import { freshNumber } from "@/features/playground/people";
import { rehearsalQuery, rehearsalsQuery } from "@/features/playground/queries";
import { RoomSkeleton } from "@/features/playground/room-skeleton";
import { words } from "@/features/playground/words";
import { useClinic } from "@/lib/clinic";

/** Begins a rehearsal of the clinic and goes there. */
export function useBegin(go: Go, person?: string | undefined) {
  const queries = useQueryClient();
  const clinic = useClinic().slug;
  return useMutation({
    mutationFn: () => begin(clinic),
    onSuccess: (made) => {
      queries.setQueryData(rehearsalQuery(made.id).queryKey, made);
      void queries.invalidateQueries({ queryKey: rehearsalsQuery(clinic).queryKey });
      if (person) toast({ says: words.restarted, means: "good" });
      go({ rehearsal: made.id, person: person ?? freshNumber(), turn: null, day: null });
    },
  });
}

/** Without a rehearsal in the address: the clinic's last one, or what this page is for. */
export function Entrance({ go }: { go: Go }) {
  const clinic = useClinic();
  const found = useQuery(rehearsalsQuery(clinic.slug));
  const last = found.data?.[0]?.id;
  useEffect(() => {
    if (last) go({ rehearsal: last }, { replace: true });
  }, [last, go]);
  if (found.isError) {
    return (
      <Page title={words.title}>
        <ErrorState error={found.error} title={words.listFailed} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data || last) return <RoomSkeleton />;
  return <Introduction go={go} />;
}

function Introduction({ go }: { go: Go }) {
  const beginning = useBegin(go);
  return (
    <Page title={words.title}>
      <EmptyState
        icon={Theater}
        title={words.intro.title}
        about={words.intro.about}
        action={
          <Button look="primary" disabled={beginning.isPending} onClick={() => beginning.mutate()}>
            {beginning.isPending ? words.intro.beginning : words.intro.begin}
          </Button>
        }
      />
      {beginning.isError ? (
        <ErrorState error={beginning.error} title={words.intro.failed} className="py-4" />
      ) : null}
    </Page>
  );
}

/** The rehearsal of the address is no more. */
export function Over({ go }: { go: Go }) {
  const beginning = useBegin(go);
  return (
    <Page title={words.title}>
      <EmptyState
        icon={Theater}
        title={words.over.title}
        about={words.over.about}
        action={
          <Button look="primary" disabled={beginning.isPending} onClick={() => beginning.mutate()}>
            {beginning.isPending ? words.intro.beginning : words.over.again}
          </Button>
        }
      />
      {beginning.isError ? (
        <ErrorState error={beginning.error} title={words.intro.failed} className="py-4" />
      ) : null}
    </Page>
  );
}
