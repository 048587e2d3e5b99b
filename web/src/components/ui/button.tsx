import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const looks = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent hover:bg-accent-strong",
        plain: "border border-line-strong bg-surface text-ink hover:bg-hover",
        quiet: "text-ink-soft hover:bg-hover hover:text-ink",
        urgent: "border border-urgent text-urgent hover:bg-urgent-soft",
        link: "text-accent underline underline-offset-4 hover:text-accent-strong",
      },
      size: {
        small: "h-8 px-2.5 text-small touch:min-h-11",
        body: "h-9 px-3.5 text-body touch:min-h-11",
        icon: "size-9 touch:size-11",
      },
    },
    defaultVariants: { look: "plain", size: "body" },
  },
);

type ButtonProps = ComponentProps<"button"> & VariantProps<typeof looks> & { asChild?: boolean };

/** One primary button a page. An icon alone needs an `aria-label`. */
export function Button({ className, look, size, asChild = false, type = "button", ...rest }: ButtonProps) {
  const Tag = asChild ? Slot.Root : "button";
  return <Tag {...(asChild ? {} : { type })} className={cn(looks({ look, size }), className)} {...rest} />;
}
