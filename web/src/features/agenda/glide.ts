import { type RefObject, useLayoutEffect, useRef } from "react";

interface Seen {
  scene: string;
  places: Map<string, { x: number; y: number }>;
}

function still(): boolean {
  return window.matchMedia?.("(prefers-reduced-motion: reduce)").matches === true;
}

/**
 * What is new in the agenda fades in, what moved slides to where it stands now. `scene` names the day and the columns: when
 * that changes everything is simply there, but for `fresh`. Elements are known by `data-item`.
 */
export function useGlide(
  root: RefObject<HTMLElement | null>,
  scene: string,
  stamp: unknown,
  fresh?: string,
): void {
  const seen = useRef<Seen | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `stamp` is what changes when things may have moved
  useLayoutEffect(() => {
    const frame = root.current;
    if (!frame) return;
    const origin = frame.getBoundingClientRect();
    const before = seen.current?.scene === scene ? seen.current.places : null;
    const places: Seen["places"] = new Map();
    for (const element of frame.querySelectorAll<HTMLElement>("[data-item]")) {
      const box = element.getBoundingClientRect();
      const place = {
        x: box.left - origin.left + frame.scrollLeft,
        y: box.top - origin.top + frame.scrollTop,
      };
      const id = element.dataset.item ?? "";
      places.set(id, place);
      if (before || id === fresh) animate(element, before?.get(id), place);
    }
    seen.current = { scene, places };
  }, [root, scene, stamp, fresh]);
}

function animate(
  element: HTMLElement,
  from: { x: number; y: number } | undefined,
  to: { x: number; y: number },
): void {
  if (!from) element.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (still() || !element.animate) return;
  if (!from) {
    element.animate([{ opacity: 0, scale: 0.96 }, { opacity: 1 }], { duration: 260, easing: "ease-out" });
  } else if (Math.abs(from.x - to.x) > 1 || Math.abs(from.y - to.y) > 1) {
    element.animate([{ translate: `${from.x - to.x}px ${from.y - to.y}px` }, { translate: "0 0" }], {
      duration: 320,
      easing: "ease-in-out",
    });
  }
}
