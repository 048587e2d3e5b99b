import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "@/components/note-dialog";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import { ContactFacts } from "@/features/contacts/contact-facts";
import { FindOther } from "@/features/contacts/find-other";
import { type ContactCard, contactQuery, type MergeAsk, merge } from "@/features/contacts/queries";
import { words } from "@/features/contacts/words";
import { clinicKey, useClinic } from "@/lib/clinic";
import { explain, Problem } from "@/lib/problem";
import { LONGEST_NAME, signAs, useSignature } from "@/lib/signature";
import { useNow } from "@/lib/use-now";

interface SamePersonProps {
  /** The contact at hand: who is left. */
  contact: { id: string; name: string };
  onClose: () => void;
}

/** Finds the other contact of the same human, shows both, and makes them one. */
export function SamePerson({ contact, onClose }: SamePersonProps) {
  const [other, setOther] = useState<ContactCard>();
  if (other)
    return <Compare contact={contact} other={other} onBack={() => setOther(undefined)} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onClose()}
      title={words.title}
      about={words.about(contact.name)}
      actions={<Button onClick={onClose}>{words.cancel}</Button>}
    >
      <FindOther but={contact.id} onFound={setOther} />
    </Dialog>
  );
}

type CompareProps = SamePersonProps & { other: ContactCard; onBack: () => void };

function Compare({ contact, other, onBack, onClose }: CompareProps) {
  const { slug, timezone } = useClinic();
  const now = useNow();
  const here = useQuery(contactQuery(slug, contact.id));
  const signature = useSignature();
  const [name, setName] = useState(signature);
  const [sure, setSure] = useState(false);
  const merging = useMerge(contact.id, onClose);
  const differ = merging.error instanceof Problem && merging.error.code === "two_people";
  const ready = name.trim() !== "" && (!differ || sure) && !merging.isPending;

  function done(): void {
    if (!signature) signAs(name.trim());
    merging.mutate({ other: other.id, by: name.trim(), confirm: differ && sure });
  }

  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || onClose()}
      title={words.compare}
      about={words.compareAbout}
      actions={
        <>
          <Button onClick={onBack}>{words.back}</Button>
          <Button look="primary" disabled={!ready} onClick={done}>
            {words.confirm}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <div className="grid grid-cols-2 gap-2 sm:gap-3">
          {here.data ? (
            <ContactFacts says={words.here} card={here.data} now={now} zone={timezone} />
          ) : (
            <Skeleton className="h-56" />
          )}
          <ContactFacts says={words.there} card={other} now={now} zone={timezone} />
        </div>
        <ul className="grid list-disc gap-1 pl-5 text-small text-ink-soft">
          {words.becomes.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        {signature ? null : (
          <Field label={words.signature}>
            {(field) => (
              <Input
                {...field}
                maxLength={LONGEST_NAME}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
        {merging.error ? (
          <p role="alert" className="text-urgent">
            {said(merging.error)}
          </p>
        ) : null}
        {differ ? <Ask says={words.sure} yes={sure} onChange={setSure} /> : null}
      </div>
    </Dialog>
  );
}

function said(error: unknown): string {
  const code = error instanceof Problem ? error.code : "";
  if (code === "two_people") return words.different;
  if (code === "turns_under_way") return words.thinking;
  return `${words.notDone} ${explain(error)}`;
}

function useMerge(contact: string, onDone: () => void) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: MergeAsk) => merge(slug, contact, body),
    onSuccess: async () => {
      const areas = ["contacts", "conversation", "conversations"];
      await Promise.all(areas.map((area) => queries.invalidateQueries({ queryKey: clinicKey(slug, area) })));
      toast({ says: words.done, means: "good" });
      onDone();
    },
  });
}
