import { useCallback, useSyncExternalStore } from "react";

/** Whether the window is at least so many rem wide, as it changes. */
export function useWide(rem: number): boolean {
  const query = `(min-width: ${rem}rem)`;
  const subscribe = useCallback(
    (tell: () => void) => {
      const found = window.matchMedia?.(query);
      found?.addEventListener("change", tell);
      return () => found?.removeEventListener("change", tell);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia?.(query).matches ?? true);
}
