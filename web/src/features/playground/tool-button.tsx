import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

interface ToolButtonProps extends ComponentProps<"button"> {
  icon: LucideIcon;
  label: string;
  /** What it shows where there is room; its name is always `label`. */
  says: string;
  pressed?: boolean;
}

/** A button of the toolbar: icon and word, only the icon on a phone. */
export function ToolButton({
  icon: Icon,
  label,
  says,
  pressed = false,
  className,
  ...rest
}: ToolButtonProps) {
  return (
    <Button
      {...rest}
      aria-label={says === label ? label : `${label}: ${says}`}
      className={cn(
        "max-lg:w-9 max-lg:px-0 touch:max-lg:w-11",
        pressed && "border-attention text-attention",
        className,
      )}
    >
      <Icon aria-hidden />
      <span className="max-w-48 truncate max-lg:sr-only">{says}</span>
    </Button>
  );
}
