import { useSyncExternalStore } from "react";

const KEY = "carol.signature";
export const LONGEST_NAME = 60;

const listeners = new Set<() => void>();
/** Where the browser keeps nothing, the name lasts as long as the page. */
let spare = "";

function current(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return spare;
  }
}

/** Remembers how the person at this browser signs. */
export function signAs(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    spare = name;
  }
  for (const tell of listeners) tell();
}

/** How the person at this browser signs, or "". */
export function useSignature(): string {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    window.addEventListener("storage", tell);
    return () => {
      listeners.delete(tell);
      window.removeEventListener("storage", tell);
    };
  }, current);
}

/** Whether two signatures are the same person's. */
export function sameName(one: string | null, other: string): boolean {
  return one !== null && one.trim().toLowerCase() === other.trim().toLowerCase();
}
