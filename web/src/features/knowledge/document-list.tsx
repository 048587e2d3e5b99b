import { BookOpen } from "lucide-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { DocumentRow, LeavingRow } from "@/features/knowledge/document-row";
import type { Document } from "@/features/knowledge/queries";
import { words } from "@/features/knowledge/words";

interface DocumentListProps {
  documents: readonly Document[];
  leaving: ReadonlySet<string>;
  onOpen: (id: string) => void;
  onReadAgain: (document: Document) => void;
  onRemove: (document: Document) => void;
  onUndo: (id: string) => void;
  /** What to do when there is none. */
  first: ReactNode;
}

/** The clinic's documents, by title. */
export function DocumentList({ documents, leaving, first, ...act }: DocumentListProps) {
  if (documents.length === 0) {
    return <EmptyState icon={BookOpen} title={words.empty.title} about={words.empty.about} action={first} />;
  }
  return (
    <ul aria-label={words.documents} tabIndex={-1} className="@container outline-none">
      {documents.map((one) =>
        leaving.has(one.id) ? (
          <LeavingRow key={one.id} document={one} onUndo={() => act.onUndo(one.id)} />
        ) : (
          <DocumentRow
            key={one.id}
            document={one}
            onOpen={() => act.onOpen(one.id)}
            onReadAgain={() => act.onReadAgain(one)}
            onRemove={() => act.onRemove(one)}
          />
        ),
      )}
    </ul>
  );
}

/** The shape of the list while it comes. */
export function DocumentListSkeleton() {
  return (
    <Loading className="grid">
      {["w-2/3", "w-1/2", "w-3/5", "w-2/5", "w-1/2", "w-2/3"].map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else to be told apart by
        <div key={at} className="flex h-15.25 items-center gap-4 border-b border-line last:border-0">
          <div className="grid grow gap-2">
            <Skeleton className={width} />
            <Skeleton className="h-3 w-1/3" />
          </div>
          <Skeleton className="h-5 w-20 rounded-full" />
        </div>
      ))}
    </Loading>
  );
}
