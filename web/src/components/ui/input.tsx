import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const field =
  "w-full rounded-md border border-line-strong bg-surface px-3 text-body text-ink placeholder:text-ink-faint disabled:opacity-55 aria-invalid:border-urgent";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(field, "h-9 touch:h-11", className)} {...rest} />;
}

/** Grows with what is written, up to the maximum its class sets. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(
        field,
        "field-sizing-content min-h-9 resize-none py-1.5 touch:min-h-11 touch:py-2.5",
        className,
      )}
      {...rest}
    />
  );
}
