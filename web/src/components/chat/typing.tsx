import { words } from "@/components/chat/words";
import { cn } from "@/lib/cn";

const dots = ["[animation-delay:0ms]", "[animation-delay:200ms]", "[animation-delay:400ms]"];

/** Three dots, as on the phone. */
export function Typing({ mine = false }: { mine?: boolean }) {
  return (
    <div className={cn("mt-3 flex", mine && "justify-end")}>
      <p
        className={cn(
          "enter flex h-9 items-center gap-1 rounded-lg border border-line bg-surface px-3",
          mine ? "rounded-br-sm" : "rounded-bl-sm",
        )}
      >
        <span className="sr-only">{words.typing}</span>
        {dots.map((delay) => (
          <span key={delay} aria-hidden className={cn("breathe size-1.5 rounded-full bg-ink-faint", delay)} />
        ))}
      </p>
    </div>
  );
}
