import { MoreHorizontal, RotateCw, Trash2 } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { Document } from "@/features/knowledge/queries";
import { StateBadge } from "@/features/knowledge/state-badge";
import { noteOf } from "@/features/knowledge/states";
import { kindAndSize, passagesSaid, words } from "@/features/knowledge/words";
import { cn } from "@/lib/cn";

const openerId = (id: string): string => `documento-${id}`;

interface DocumentRowProps {
  document: Document;
  onOpen: () => void;
  onReadAgain: () => void;
  onRemove: () => void;
}

/** A document: what it is called, what it is, how it is, and what can be done with it. */
export function DocumentRow({ document, onOpen, onReadAgain, onRemove }: DocumentRowProps) {
  const note = noteOf(document);
  return (
    <li className="relative border-b border-line py-2 last:border-0">
      <div className="grid items-center gap-x-4 gap-y-0.5 pr-11 @2xl:grid-cols-[minmax(0,1fr)_7.5rem_4.5rem_7rem]">
        <button
          type="button"
          id={openerId(document.id)}
          onClick={onOpen}
          className="group min-w-0 rounded-sm text-left touch:min-h-11"
        >
          <span className="block truncate font-medium group-hover:text-accent">{document.title}</span>
          <span className="block truncate text-small text-ink-faint">{document.source}</span>
        </button>
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 @2xl:contents">
          <span className="text-small text-ink-soft tabular-nums">
            {kindAndSize(document.media_type, document.bytes)}
          </span>
          <span className="text-small text-ink-soft tabular-nums @2xl:text-right">
            {passagesSaid(document.passages)}
          </span>
          <span className="flex">
            <StateBadge document={document} />
          </span>
        </div>
      </div>
      {note ? (
        <p
          className={cn("pr-11 text-small", document.status === "refused" ? "text-urgent" : "text-ink-soft")}
        >
          {note}
        </p>
      ) : null}
      <div className="absolute top-2.5 right-0">
        <Menu>
          <MenuTrigger>
            <Button look="quiet" size="icon" aria-label={words.actions(document.title)}>
              <MoreHorizontal aria-hidden />
            </Button>
          </MenuTrigger>
          <MenuContent align="end">
            <MenuItem onSelect={onReadAgain} disabled={!document.kept}>
              <RotateCw aria-hidden />
              {words.readAgain}
            </MenuItem>
            <MenuItem onSelect={onRemove}>
              <Trash2 aria-hidden />
              {words.remove}
            </MenuItem>
          </MenuContent>
        </Menu>
      </div>
    </li>
  );
}

/** Where a document was: a few seconds in which it may come back. Keeps the focus on the page when it is gone. */
export function LeavingRow({ document, onUndo }: { document: Document; onUndo: () => void }) {
  const row = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const here = row.current;
    here?.querySelector("button")?.focus();
    return () => {
      if (here?.contains(window.document.activeElement)) here.closest<HTMLElement>("[tabindex]")?.focus();
    };
  }, []);

  function undo(): void {
    onUndo();
    requestAnimationFrame(() => window.document.getElementById(openerId(document.id))?.focus());
  }

  return (
    <li ref={row} className="flex min-h-15 items-center gap-3 border-b border-line py-2 last:border-0">
      <Trash2 aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span role="status" className="min-w-0 grow text-ink-soft">
        {words.removed(document.title)}
      </span>
      <Button size="small" onClick={undo}>
        {words.undo}
      </Button>
    </li>
  );
}
