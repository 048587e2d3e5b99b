import { useBlocker } from "@tanstack/react-router";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { words } from "@/components/words";

interface UnsavedProps {
  /** Whether leaving now would lose something. */
  when: boolean;
}

/** Asks before what was written here is lost: to another page by a dialog of ours, to elsewhere by the browser's. */
export function Unsaved({ when }: UnsavedProps) {
  const leaving = useBlocker({
    shouldBlockFn: () => true,
    disabled: !when,
    withResolver: true,
  });
  if (leaving.status !== "blocked") return null;
  return (
    <Dialog
      open
      onOpenChange={(stays) => stays || leaving.reset()}
      title={words.unsaved.title}
      about={words.unsaved.about}
      actions={
        <>
          <Button look="urgent" onClick={leaving.proceed}>
            {words.unsaved.leave}
          </Button>
          <Button look="primary" data-first="" onClick={leaving.reset}>
            {words.unsaved.stay}
          </Button>
        </>
      }
    >
      {null}
    </Dialog>
  );
}
