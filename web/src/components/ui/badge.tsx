import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const looks = cva(
  "inline-flex items-center gap-1 rounded-full px-2 text-small font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0",
  {
    variants: {
      means: {
        nothing: "bg-hover text-ink-soft",
        accent: "bg-accent-soft text-accent-strong",
        waiting: "bg-waiting-soft text-waiting",
        good: "bg-good-soft text-good",
        attention: "bg-attention-soft text-attention",
        urgent: "bg-urgent-soft text-urgent",
      },
    },
    defaultVariants: { means: "nothing" },
  },
);

export type Meaning = NonNullable<VariantProps<typeof looks>["means"]>;

/** A state in a word; the colour only repeats it. */
export function Badge({ className, means, ...rest }: ComponentProps<"span"> & VariantProps<typeof looks>) {
  return <span className={cn(looks({ means }), className)} {...rest} />;
}
