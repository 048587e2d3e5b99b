import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { type Document, documentQuery } from "@/features/knowledge/queries";
import { StateBadge } from "@/features/knowledge/state-badge";
import { noteOf } from "@/features/knowledge/states";
import { kindAndSize, passagesSaid, words } from "@/features/knowledge/words";
import { useClinic } from "@/lib/clinic";
import { cn } from "@/lib/cn";

interface DocumentSheetProps {
  /** Absent: closed. */
  id: string | undefined;
  /** What the list says of it, while the whole comes. */
  known: Document | undefined;
  /** The text of a passage to show first. */
  passage?: string | undefined;
  onClose: () => void;
  onReadAgain: (document: Document) => void;
}

/** A document as it is searched: its passages in order. */
export function DocumentSheet({ id, known, passage, onClose, onReadAgain }: DocumentSheetProps) {
  const { slug } = useClinic();
  const whole = useQuery({ ...documentQuery(slug, id ?? ""), enabled: id !== undefined });
  const document = whole.data ?? known;
  return (
    <Sheet
      open={id !== undefined}
      onOpenChange={(open) => open || onClose()}
      title={document?.title ?? words.title}
      about={words.sheet.about}
      className="w-[min(40rem,100vw)]"
      actions={
        document?.kept ? (
          <Button onClick={() => onReadAgain(document)}>
            <RotateCw aria-hidden />
            {words.readAgain}
          </Button>
        ) : undefined
      }
    >
      {document ? <About document={document} /> : null}
      {whole.data ? (
        <Pieces pieces={whole.data.pieces} passage={passage} />
      ) : whole.isError ? (
        <ErrorState error={whole.error} title={words.sheet.failed} onRetry={() => void whole.refetch()} />
      ) : (
        <Loading className="grid gap-2 pt-4">
          <Skeleton className="h-4 w-1/2" />
          <Skeleton className="h-16" />
          <Skeleton className="mt-4 h-4 w-2/5" />
          <Skeleton className="h-24" />
        </Loading>
      )}
    </Sheet>
  );
}

function About({ document }: { document: Document }) {
  const note = noteOf(document);
  return (
    <div className="border-b border-line pb-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-ink-soft">
        <StateBadge document={document} />
        <span className="min-w-0 break-all">{document.source}</span>
        <span>{kindAndSize(document.media_type, document.bytes)}</span>
        <span>{passagesSaid(document.passages)}</span>
      </p>
      {note ? <p className="pt-1 text-small text-ink-soft">{note}</p> : null}
    </div>
  );
}

interface Piece {
  position: number;
  heading: string;
  text: string;
}

function Pieces({ pieces, passage }: { pieces: readonly Piece[]; passage: string | undefined }) {
  const wanted = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Newer browsers return a promise, which is no way to clean up.
    void wanted.current?.scrollIntoView({ block: "center" });
  }, []);
  if (pieces.length === 0) return <p className="py-6 text-center text-ink-soft">{words.sheet.none}</p>;
  return (
    <ol>
      {pieces.map((piece) => (
        <li
          key={piece.position}
          ref={piece.text === passage ? wanted : null}
          className={cn(
            "border-b border-line py-3 last:border-0",
            piece.text === passage && "-mx-2 rounded-md bg-accent-soft px-2",
          )}
        >
          <p className="text-small font-medium text-ink-soft">{piece.heading || words.sheet.untitled}</p>
          <p className="max-w-[75ch] break-words whitespace-pre-line">{piece.text}</p>
        </li>
      ))}
    </ol>
  );
}
