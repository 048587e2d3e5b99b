import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { words } from "@/components/ui/words";
import { cn } from "@/lib/cn";

interface Notice {
  says: string;
  means?: "good" | "urgent" | undefined;
  /** Offered for ten seconds instead of asking beforehand. */
  undo?: (() => void) | undefined;
}

let notices: readonly (Notice & { id: number })[] = [];
let last = 0;
const listeners = new Set<() => void>();

function replace(next: typeof notices): void {
  notices = next;
  for (const tell of listeners) tell();
}

/** Says something at the edge of the screen, for a few seconds. At most three at a time. */
export function toast(notice: Notice): void {
  last += 1;
  replace([...notices.slice(-2), { ...notice, id: last }]);
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

function remove(id: number): void {
  replace(notices.filter((notice) => notice.id !== id));
}

/** Where notices appear. Once, in the frame. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <Radix.Provider label={words.notices} swipeDirection="right">
      {shown.map(({ id, says, means, undo }) => (
        <Radix.Root
          key={id}
          duration={undo ? 10_000 : 5_000}
          onOpenChange={(open) => open || remove(id)}
          className={cn(
            "enter flex items-center gap-2 rounded-md border border-l-4 border-line bg-surface py-2 pr-2 pl-3 shadow-lift",
            means === "good" && "border-l-good",
            means === "urgent" && "border-l-urgent",
          )}
        >
          <Radix.Title className="grow text-body">{says}</Radix.Title>
          {undo ? (
            <Radix.Action altText={words.undo} asChild>
              <Button size="small" onClick={undo}>
                {words.undo}
              </Button>
            </Radix.Action>
          ) : null}
          <Radix.Close asChild>
            <Button look="quiet" size="icon" aria-label={words.close}>
              <X aria-hidden />
            </Button>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-60 grid w-[min(24rem,calc(100vw-2rem))] gap-2 max-sm:top-16 max-sm:bottom-auto" />
    </Radix.Provider>
  );
}
