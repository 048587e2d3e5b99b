import { useId } from "react";
import { cn } from "@/lib/cn";

interface CheckRowProps {
  label: string;
  about?: string | undefined;
  /** What it is called where the label alone does not say which one. */
  name?: string;
  checked: boolean;
  /** Some of what it stands for is marked, and not all. */
  partly?: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** One of several that may be marked. */
export function CheckRow({
  label,
  about,
  name,
  checked,
  partly = false,
  disabled = false,
  onChange,
}: CheckRowProps) {
  const id = useId();
  return (
    <div className={cn("flex min-h-9 items-start gap-3 touch:min-h-11", disabled && "text-ink-faint")}>
      <input
        id={id}
        ref={(box) => {
          if (box) box.indeterminate = partly;
        }}
        type="checkbox"
        checked={checked}
        aria-label={name}
        disabled={disabled}
        aria-describedby={about ? `${id}-about` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-2.25 size-4.5 shrink-0 accent-accent touch:mt-3.25"
      />
      <label htmlFor={id} className="flex min-w-0 grow flex-wrap items-baseline gap-x-2 py-1.5 touch:py-2.5">
        <span>{label}</span>
        {about ? (
          <span id={`${id}-about`} className="text-small text-ink-soft tabular-nums">
            {about}
          </span>
        ) : null}
      </label>
    </div>
  );
}
