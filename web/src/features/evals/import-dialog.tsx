import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type ChangeEvent, type FormEvent, useId, useRef, useState } from "react";
import { SignDialog } from "@/components/sign-dialog";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { Mistakes } from "@/features/evals/mistakes";
import { importOwn, mistakesOf } from "@/features/evals/own-queries";
import { importedSaid, words } from "@/features/evals/own-words";
import { clinicKey, useClinic } from "@/lib/clinic";
import { explain } from "@/lib/problem";
import { useSigned } from "@/lib/use-signed";

const said = words.importing;

/** Scenarios from a file or pasted: all of them, or what is wrong by field. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const signed = useSigned();
  const form = useId();
  const chooser = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string>();
  const importing = useMutation({
    mutationFn: (by: string) => importOwn(slug, text, by),
    onSuccess: (done) => {
      toast({ says: importedSaid(done.new.length, done.changed.length), means: "good" });
      onClose();
      return queries.invalidateQueries({ queryKey: clinicKey(slug, "evals") });
    },
  });
  const mistakes = importing.isError ? mistakesOf(importing.error) : [];

  async function choose(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (!file) return;
    importing.reset();
    try {
      setText(await file.text());
      setWrong(undefined);
    } catch {
      setWrong(said.unreadable);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWrong(text.trim() ? undefined : said.empty);
    if (text.trim()) signed.as((by) => importing.mutate(by));
  }

  const failed =
    importing.isError && !mistakes.length ? `${said.nothing} ${explain(importing.error)}` : undefined;
  return (
    <>
      <Dialog
        open
        onOpenChange={(stays) => stays || onClose()}
        title={said.title}
        about={said.about}
        className="w-[min(44rem,calc(100vw-2rem))]"
        actions={
          <>
            <Button onClick={onClose}>{said.cancel}</Button>
            <Button type="submit" form={form} look="primary" disabled={importing.isPending}>
              {said.confirm}
            </Button>
          </>
        }
      >
        <form id={form} onSubmit={submit} noValidate className="grid gap-3">
          <input
            ref={chooser}
            type="file"
            hidden
            aria-label={said.choose}
            accept=".yaml,.yml,application/yaml,text/yaml"
            onChange={(event) => void choose(event)}
          />
          <Button className="justify-self-start" onClick={() => chooser.current?.click()}>
            <FileUp aria-hidden />
            {said.choose}
          </Button>
          <Field label={said.label} error={wrong ?? failed}>
            {(control) => (
              <Textarea
                {...control}
                data-first=""
                spellCheck={false}
                rows={10}
                className="max-h-96 min-h-48 resize-y touch:min-h-48 font-mono text-small"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
          <Mistakes title={said.mistakes} list={mistakes} named />
        </form>
      </Dialog>
      <SignDialog {...signed.dialog} />
    </>
  );
}
