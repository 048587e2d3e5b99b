import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** What scrolls inside a page. Named and reachable, so that the keyboard scrolls it too. */
export function ScrollArea({ className, label, ...rest }: ComponentProps<"section"> & { label: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard (WCAG 2.1.1)
      tabIndex={0}
      className={cn(
        "min-h-0 overflow-y-auto overscroll-contain -outline-offset-2 [scrollbar-width:thin]",
        className,
      )}
      {...rest}
    />
  );
}
