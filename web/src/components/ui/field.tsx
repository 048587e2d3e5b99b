import { type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

interface FieldProps {
  label: string;
  /** What is wrong with it, if anything. */
  error?: string | undefined;
  hint?: string | undefined;
  hideLabel?: boolean;
  className?: string;
  children: (props: { id: string; "aria-invalid"?: true; "aria-describedby"?: string }) => ReactNode;
}

/** A label, its control, and what is said about it, tied together. */
export function Field({ label, error, hint, hideLabel = false, className, children }: FieldProps) {
  const id = useId();
  const said = error ?? hint;
  const about = said ? { "aria-describedby": `${id}-about` } : {};
  return (
    <div className={cn("grid gap-1", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-small font-medium text-ink-soft"}>
        {label}
      </label>
      {children({ id, ...(error ? { "aria-invalid": true } : {}), ...about })}
      {said ? (
        <p id={`${id}-about`} className={cn("text-small", error ? "text-urgent" : "text-ink-faint")}>
          {said}
        </p>
      ) : null}
    </div>
  );
}
