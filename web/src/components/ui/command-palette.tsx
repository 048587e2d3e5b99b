import type { LucideIcon } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { words } from "@/components/ui/words";
import { cn } from "@/lib/cn";
import { sounds } from "@/lib/sounds";

export interface Command {
  id: string;
  name: string;
  kind: string;
  icon?: LucideIcon | undefined;
  /** Already looked up by what is typed: shown whatever its name. */
  found?: boolean;
  run: () => void;
}

interface CommandPaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  label: string;
  placeholder: string;
  results: string;
  commands: readonly Command[];
  /** Hears what is typed, for commands that are looked up elsewhere. */
  onType?: (text: string) => void;
}

/** A box to type in and what it finds; arrows choose, Enter goes. */
export function CommandPalette({ open, onOpenChange, title, ...rest }: CommandPaletteProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          className="enter fixed top-[12vh] left-1/2 z-50 flex max-h-[70vh] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-lift"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          <Box {...rest} onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type BoxProps = Omit<CommandPaletteProps, "open" | "onOpenChange" | "title"> & { onDone: () => void };

function Box({ label, placeholder, results, commands, onType, onDone }: BoxProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const found = commands.filter(
    (command) => command.found || sounds(`${command.name} ${command.kind}`).includes(sounds(typed)),
  );
  const chosen = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    if (chosen) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  function go(command: Command): void {
    onDone();
    command.run();
  }

  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter" && chosen && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go(chosen);
    }
  }

  return (
    <>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
          onType?.(event.target.value);
        }}
        onKeyDown={press}
        className="h-12 shrink-0 border-b border-line bg-transparent px-4 -outline-offset-2 placeholder:text-ink-faint"
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={results}
        className="min-h-0 overflow-y-auto p-1"
      >
        {found.map((command) => {
          const Icon = command.icon;
          return (
            // The keyboard speaks to the box above, which says which option is active (the combobox pattern).
            <div
              key={command.id}
              id={`${id}-${command.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={command === chosen}
              onPointerMove={() => setAt(found.indexOf(command))}
              onClick={() => go(command)}
              onKeyDown={press}
              className={cn(
                "flex min-h-10 cursor-default items-center gap-3 rounded-sm px-3 touch:min-h-11",
                command === chosen && "bg-hover",
              )}
            >
              {Icon ? <Icon aria-hidden className="size-4 text-ink-faint" /> : <span className="w-4" />}
              <span className="min-w-0 grow truncate">{command.name}</span>
              <span className="text-small text-ink-soft">{command.kind}</span>
            </div>
          );
        })}
      </div>
      {found.length === 0 ? (
        <p role="status" className="px-4 pb-4 text-ink-soft">
          {words.nothingFound}
        </p>
      ) : null}
    </>
  );
}
