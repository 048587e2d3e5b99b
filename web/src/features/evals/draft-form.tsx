import { useMutation, useQueryClient } from "@tanstack/react-query";
import { SignDialog } from "@/components/sign-dialog";
import { toast } from "@/components/ui/toast";
import type { Doc } from "@/features/evals/document";
import { type Draft, failedOf, mistakesOf, putOwn } from "@/features/evals/own-queries";
import { words } from "@/features/evals/own-words";
import { Replaced } from "@/features/evals/replaced";
import { Part, ScenarioForm } from "@/features/evals/scenario-form";
import { clinicKey, useClinic } from "@/lib/clinic";
import { useSigned } from "@/lib/use-signed";

const said = words.draft;

interface Kept {
  scenario: Doc;
  sure: boolean;
  by: string;
}

/** The draft beside the conversation it came from: checked, put right, confirmed, kept. */
export function DraftForm({ draft, onSaved }: { draft: Draft; onSaved: (key: string) => void }) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const signed = useSigned();
  const saving = useMutation({
    mutationFn: ({ scenario, sure, by }: Kept) =>
      putOwn(slug, String(scenario.id ?? ""), {
        scenario,
        by,
        version: 0,
        conversation: draft.conversation,
        confirmed: sure,
      }),
    onSuccess: async (kept) => {
      toast({ says: said.saved, means: "good" });
      await queries.invalidateQueries({ queryKey: clinicKey(slug, "evals") });
      onSaved(kept.key);
    },
  });
  const byPerson = draft.suggested.filter((one) => one.by === "person");

  return (
    <>
      {draft.doubts.length ? (
        <section className="mt-2 grid gap-1 rounded-md bg-attention-soft p-3 text-attention">
          <h2 className="font-medium">{said.doubts}</h2>
          <ul className="list-disc pl-5">
            {draft.doubts.map((doubt) => (
              <li key={doubt}>{doubt}</li>
            ))}
          </ul>
        </section>
      ) : null}
      <ScenarioForm
        scenario={draft.scenario}
        originals={draft.turns.map((turn) => turn.original)}
        personal
        mistakes={saving.isError ? mistakesOf(saving.error) : draft.mistakes}
        failed={saving.isError ? failedOf(saving.error) : undefined}
        busy={saving.isPending}
        save={said.save}
        replaced={
          <Part id="trocado" title={said.replaced} about={said.replacedAbout}>
            <Replaced list={draft.replaced} />
          </Part>
        }
        suggested={
          byPerson.length ? (
            <ul className="grid gap-0.5 pb-2 text-small text-ink-soft">
              {byPerson.map((one) => (
                <li key={one.told}>{`${one.told} (${said.byPerson})`}</li>
              ))}
            </ul>
          ) : null
        }
        onSave={(scenario, sure) => signed.as((by) => saving.mutate({ scenario, sure, by }))}
      />
      <SignDialog {...signed.dialog} />
    </>
  );
}
