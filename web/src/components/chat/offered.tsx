import { CircleCheck } from "lucide-react";
import type { ChatMenu } from "@/components/chat/line";
import { menuWords } from "@/components/chat/menu-words";
import { cn } from "@/lib/cn";

/** What a message offered to choose from, as the phone shows it, and what was chosen. */
export function Offered({ menu }: { menu: ChatMenu }) {
  const chosen = menu.options.find((option) => option.chosen);
  if (menu.shown === "text")
    return chosen ? (
      <p className="mt-1 flex items-center gap-1.5 text-small text-ink-soft">
        <CircleCheck aria-hidden className="size-3.5 shrink-0" />
        {menuWords.theyChose(chosen.label)}
      </p>
    ) : null;
  const buttons = menu.shown === "buttons";
  return (
    <ol aria-label={menuWords.list} className={cn("my-1.5 grid", buttons && "gap-1")}>
      {menu.options.map((option, index) => (
        <li
          key={`${option.label} ${option.description}`}
          className={cn(
            "flex flex-wrap items-center gap-x-2",
            buttons && "justify-center rounded-md border border-line-strong px-2 py-1 text-center",
            buttons && option.chosen && "border-accent bg-surface",
          )}
        >
          <span className={cn("min-w-0", option.chosen && "font-medium")}>
            {buttons ? option.label : `${index + 1}. ${option.label}`}
            {option.description ? <span className="text-ink-soft">{` – ${option.description}`}</span> : null}
          </span>
          {option.chosen ? (
            <span className="inline-flex items-center gap-1 text-small text-accent">
              <CircleCheck aria-hidden className="size-3.5 shrink-0" />
              {menuWords.chosen}
            </span>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
