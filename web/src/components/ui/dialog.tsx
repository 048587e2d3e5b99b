import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { Button } from "@/components/ui/button";
import { ScrollArea } from "@/components/ui/scroll-area";
import { words } from "@/components/ui/words";
import { cn } from "@/lib/cn";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  about?: string | undefined;
  children: ReactNode;
  /** The buttons, at the bottom. */
  actions?: ReactNode;
  className?: string;
}

function Head({ title, about }: { title: string; about?: string | undefined }) {
  return (
    <header className="flex items-start gap-2 p-4 pb-2">
      <div className="min-w-0 grow">
        <Radix.Title className="text-title font-semibold">{title}</Radix.Title>
        {about ? <Radix.Description className="text-small text-ink-soft">{about}</Radix.Description> : null}
      </div>
      <Radix.Close asChild>
        <Button look="quiet" size="icon" aria-label={words.close} className="-mt-1 -mr-1">
          <X aria-hidden />
        </Button>
      </Radix.Close>
    </header>
  );
}

/** Radix gives focus back to its own trigger only; ours are opened from anywhere, and go back there. */
function useFocusBack() {
  const from = useRef<Element>(null);
  return {
    onOpenAutoFocus: (event: Event) => {
      const active = document.activeElement;
      // A menu is gone by then; what opened it is not.
      const opener = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
      from.current = opener ? document.getElementById(opener) : active;
      // Not `autoFocus`, which comes before this and would be where focus goes back to.
      const first = event.target instanceof HTMLElement && event.target.querySelector("[data-first]");
      if (!(first instanceof HTMLElement)) return;
      event.preventDefault();
      first.focus();
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (from.current instanceof HTMLElement) from.current.focus();
    },
  };
}

const noDescription = { "aria-describedby": undefined };

/** What both are made of; `place` is where it stands and its edges. */
function Panel({
  place,
  open,
  onOpenChange,
  title,
  about,
  children,
  actions,
  className,
}: DialogProps & { place: string }) {
  const focus = useFocusBack();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-veil" />
        <Radix.Content
          {...(about ? {} : noDescription)}
          {...focus}
          className={cn(
            "enter fixed z-50 flex flex-col border-line bg-surface shadow-lift",
            place,
            className,
          )}
        >
          <Head title={title} about={about} />
          <ScrollArea label={title} className="grow px-4 pb-4">
            {children}
          </ScrollArea>
          {actions ? (
            <footer className="flex justify-end gap-2 border-t border-line p-3">{actions}</footer>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const MIDDLE =
  "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-lg border";
const SIDE =
  "inset-y-0 right-0 w-[min(30rem,100vw)] border-l max-sm:inset-x-0 max-sm:top-auto max-sm:max-h-[85dvh] max-sm:w-full max-sm:rounded-t-lg max-sm:border-t max-sm:border-l-0";

/** A question in the middle of the screen. */
export function Dialog(props: DialogProps) {
  return <Panel {...props} place={MIDDLE} />;
}

/** What is behind something, from the right; from below on a phone. */
export function Sheet(props: DialogProps) {
  return <Panel {...props} place={SIDE} />;
}
