import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: {
    classGroups: {
      "font-size": [{ text: ["small", "body", "title", "page"] }],
      shadow: [{ shadow: ["lift", "none"] }],
    },
  },
});

/** Classes joined; of two that contradict each other the last one stands. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
