import { useCallback, useState } from "react";

const PREFIX = "carol.draft.";

/** What was being written under this key, or "". */
export function readDraft(key: string): string {
  try {
    return sessionStorage.getItem(PREFIX + key) ?? "";
  } catch {
    return "";
  }
}

/** Keeps it for a reload of this tab. False when it could not be kept (no storage, or too long for it). */
export function keepDraft(key: string, text: string): boolean {
  try {
    if (text) sessionStorage.setItem(PREFIX + key, text);
    else sessionStorage.removeItem(PREFIX + key);
    return true;
  } catch {
    return false;
  }
}

/** Text that survives a reload. Another key is another text. */
export function useDraft(key: string): [string, (text: string) => void] {
  const [held, setHeld] = useState(() => ({ key, text: readDraft(key) }));
  const current = held.key === key ? held : { key, text: readDraft(key) };
  const write = useCallback(
    (text: string) => {
      keepDraft(key, text);
      setHeld({ key, text });
    },
    [key],
  );
  return [current.text, write];
}
