import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp, Upload } from "lucide-react";
import { type ChangeEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Page } from "@/components/ui/page";
import { toast } from "@/components/ui/toast";
import { AskBox } from "@/features/knowledge/ask-box";
import { DocumentList, DocumentListSkeleton } from "@/features/knowledge/document-list";
import { DocumentSheet } from "@/features/knowledge/document-sheet";
import { type Document, libraryQuery, readAgain } from "@/features/knowledge/queries";
import { isBusy } from "@/features/knowledge/states";
import { UploadRows } from "@/features/knowledge/upload-rows";
import { useDrop } from "@/features/knowledge/use-drop";
import { useRemovals } from "@/features/knowledge/use-removals";
import { useUploads } from "@/features/knowledge/use-uploads";
import { accepted, words } from "@/features/knowledge/words";
import { clinicKey, useClinic } from "@/lib/clinic";
import { explain } from "@/lib/problem";

interface KnowledgeProps {
  /** The document that is open. */
  document: string | undefined;
  onDocument: (id: string | undefined) => void;
  question: string | undefined;
  onAsk: (question: string) => void;
}

/** What the clinic has written down, how to add to it, and what is found in it. */
export function Knowledge({ document, onDocument, question, onAsk }: KnowledgeProps) {
  const { slug } = useClinic();
  const queries = useQueryClient();
  const library = useQuery(libraryQuery(slug));
  const { mine, add } = useUploads(slug, library.data);
  const { leaving, remove, undo } = useRemovals(slug);
  const [passage, setPassage] = useState<string>();
  const chooser = useRef<HTMLInputElement>(null);
  const over = useDrop(add);

  const again = useMutation({
    mutationFn: (one: Document) => readAgain(slug, one.id),
    onSuccess: (_, one) => {
      toast({ says: words.readingAgain(one.title) });
      return queries.invalidateQueries({ queryKey: clinicKey(slug, "knowledge") });
    },
    onError: (error, one) =>
      toast({ says: words.readAgainFailed(one.title, explain(error)), means: "urgent" }),
  });

  function choose(event: ChangeEvent<HTMLInputElement>): void {
    add([...(event.target.files ?? [])]);
    event.target.value = "";
  }

  function open(id: string | undefined, text?: string): void {
    setPassage(text);
    onDocument(id);
  }

  const documents = library.data?.documents ?? [];
  const upload = (
    <Button look="primary" onClick={() => chooser.current?.click()}>
      <Upload aria-hidden />
      <span className="max-sm:hidden">{words.upload}</span>
      <span className="sm:hidden">{words.uploadShort}</span>
    </Button>
  );
  return (
    <Page title={words.title} actions={upload}>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label={words.choose}
        accept={library.data?.extensions.join(",")}
        onChange={choose}
      />
      <div className="grid gap-x-8 gap-y-6 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="xl:order-2">
          <AskBox question={question} onAsk={onAsk} onOpen={open} unread={documents.filter(isBusy).length} />
        </div>
        <section aria-labelledby="documentos" className="min-w-0">
          <h2 id="documentos" className="text-title font-semibold">
            {words.documents}
          </h2>
          <p className="min-h-6 pb-3 text-small text-ink-soft">
            {library.data ? (
              <>
                {accepted(library.data.extensions, library.data.bytes_most)}
                <span className="pl-1 pointer-coarse:hidden">{words.dropHint}</span>
              </>
            ) : null}
          </p>
          <UploadRows list={mine} />
          {library.data ? (
            <DocumentList
              documents={documents}
              leaving={leaving}
              onOpen={open}
              onReadAgain={again.mutate}
              onRemove={remove}
              onUndo={undo}
              first={upload}
            />
          ) : library.isError ? (
            <ErrorState error={library.error} title={words.failed} onRetry={() => void library.refetch()} />
          ) : (
            <DocumentListSkeleton />
          )}
        </section>
      </div>
      <DocumentSheet
        id={document}
        known={documents.find((one) => one.id === document)}
        passage={passage}
        onClose={() => open(undefined)}
        onReadAgain={again.mutate}
      />
      {over ? (
        <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-veil p-6">
          <p className="flex items-center gap-2 rounded-lg border-2 border-dashed border-accent bg-surface px-6 py-5 text-title font-semibold">
            <FileUp aria-hidden className="text-accent" />
            {words.drop}
          </p>
        </div>
      ) : null}
    </Page>
  );
}
