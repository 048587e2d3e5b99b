import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Archive, ArrowLeft } from "lucide-react";
import { useState } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import type { Doc } from "@/features/evals/document";
import { failedOf, mistakesOf, type OwnWhole, ownOneQuery, putOwn } from "@/features/evals/own-queries";
import { overtakenSaid, words } from "@/features/evals/own-words";
import { ScenarioForm } from "@/features/evals/scenario-form";
import { useOwnActs } from "@/features/evals/use-own-acts";
import { clinicKey, useClinic } from "@/lib/clinic";
import { relative } from "@/lib/formats";
import { Problem } from "@/lib/problem";
import { useNow } from "@/lib/use-now";
import { useSigned } from "@/lib/use-signed";

const said = words.edit;

interface EditPageProps {
  id: string;
  /** It was kept, or is played no more. */
  onDone: (key: string | undefined) => void;
}

/** One of the clinic's own, to be changed. */
export function EditPageView({ id, onDone }: EditPageProps) {
  const { slug } = useClinic();
  const found = useQuery(ownOneQuery(slug, id));
  return (
    <Page title={said.title} className="max-w-6xl">
      <Button asChild look="link" size="small" className="px-0">
        <Link to="/provas/da-clinica" search={({ clinica }) => (clinica ? { clinica } : {})}>
          <ArrowLeft aria-hidden />
          {said.back}
        </Link>
      </Button>
      {found.data ? (
        <Editing there={found.data} onDone={onDone} />
      ) : found.isError ? (
        <ErrorState error={found.error} title={words.sheetFailed} onRetry={() => void found.refetch()} />
      ) : (
        <Loading className="grid gap-3 pt-4">
          <Skeleton className="h-9 w-1/2" />
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </Loading>
      )}
    </Page>
  );
}

interface Kept {
  scenario: Doc;
  sure: boolean;
  by: string;
}

/** `there` is the scenario as it is now; what is changed is the one that was read when the form was opened. */
function Editing({ there, onDone }: { there: OwnWhole; onDone: EditPageProps["onDone"] }) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const signed = useSigned();
  const acts = useOwnActs(slug);
  const [read, setRead] = useState(there);
  const saving = useMutation({
    mutationFn: ({ scenario, sure, by }: Kept) =>
      putOwn(slug, read.key, { scenario, by, version: read.version, confirmed: sure }),
    onSuccess: async (kept) => {
      toast({ says: said.saved, means: "good" });
      await queries.invalidateQueries({ queryKey: clinicKey(slug, "evals") });
      onDone(kept.key);
    },
    // Somebody was faster: what they made of it is shown beside what was written here.
    onError: () => queries.invalidateQueries({ queryKey: ownOneQuery(slug, read.key).queryKey }),
  });
  const overtaken = there.version !== read.version && !saving.isPending && !saving.isSuccess;
  const late = saving.error instanceof Problem && saving.error.code === "scenario_overtaken";

  return (
    <>
      {overtaken ? (
        <Overtaken
          there={there}
          onKeepMine={() => {
            saving.reset();
            setRead({ ...read, version: there.version });
          }}
          onTakeTheirs={() => {
            saving.reset();
            setRead(there);
          }}
        />
      ) : null}
      {there.archived_at ? <p className="pt-2 text-attention">{said.archived}</p> : null}
      <ScenarioForm
        key={JSON.stringify(read.scenario)}
        scenario={read.scenario}
        named
        personal={there.came_from === "conversation"}
        mistakes={saving.isError ? mistakesOf(saving.error) : []}
        failed={saving.isError && !late ? failedOf(saving.error) : undefined}
        busy={saving.isPending || overtaken}
        save={said.save}
        beside={
          there.archived_at ? null : (
            <Button
              look="quiet"
              onClick={() => {
                acts.archive(there);
                if (signed.name) onDone(undefined);
              }}
            >
              <Archive aria-hidden />
              {words.archive}
            </Button>
          )
        }
        onSave={(scenario, sure) => signed.as((by) => saving.mutate({ scenario, sure, by }))}
      />
      <SignDialog {...signed.dialog} />
      <SignDialog {...acts.signing} />
    </>
  );
}

interface OvertakenProps {
  there: OwnWhole;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

function Overtaken({ there, onKeepMine, onTakeTheirs }: OvertakenProps) {
  const { timezone: zone } = useClinic();
  const now = useNow();
  return (
    <section
      role="alert"
      className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md bg-attention-soft p-3 text-attention"
    >
      <p className="min-w-0 grow basis-72">
        {overtakenSaid(there.updated_by, relative(there.updated_at, now, zone))}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={onTakeTheirs}>
          {said.theirs}
        </Button>
        <Button size="small" onClick={onKeepMine}>
          {said.mine}
        </Button>
      </div>
    </section>
  );
}
