import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import { cn } from "@/lib/cn";

export interface Option {
  value: string;
  label: string;
  /** A second line, fainter. */
  about?: string | undefined;
  disabled?: boolean | undefined;
}

interface SelectProps {
  /** What is chosen here; read out, not drawn. */
  label: string;
  value: string | undefined;
  options: readonly Option[];
  onChange: (value: string) => void;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
  id?: string;
}

/** One of some. Options need values that are not empty. */
export function Select({
  label,
  value,
  options,
  onChange,
  placeholder,
  disabled,
  className,
  id,
}: SelectProps) {
  return (
    <Radix.Root value={value ?? ""} onValueChange={onChange} disabled={disabled ?? false}>
      <Radix.Trigger
        id={id}
        aria-label={label}
        className={cn(
          "inline-flex h-9 min-w-0 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-3 text-body hover:bg-hover data-placeholder:text-ink-faint disabled:opacity-55 touch:h-11",
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="enter z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) max-w-[calc(100vw-1rem)] overflow-hidden rounded-md border border-line bg-surface shadow-lift"
        >
          <Radix.Viewport className="p-1">
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="relative flex min-h-8 cursor-default items-center rounded-sm py-1 pr-8 pl-2 text-body outline-none select-none data-disabled:opacity-55 data-highlighted:bg-hover touch:min-h-11"
              >
                <span className="grid min-w-0">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.about ? <span className="text-small text-ink-faint">{option.about}</span> : null}
                </span>
                <Radix.ItemIndicator className="absolute right-2 text-accent">
                  <Check aria-hidden className="size-4" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
