import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR = 48;

interface Stick {
  box: RefObject<HTMLDivElement | null>;
  inside: RefObject<HTMLDivElement | null>;
  onScroll: () => void;
  /** Something came below what the reader is looking at. */
  unseen: boolean;
  toEnd: () => void;
}

/**
 * Keeps a list of messages at its end while the reader is there; leaves it alone once they scrolled up, and holds what they
 * look at in place when older messages appear above. `first` and `last` are the ids at its ends; `mine` is what the reader
 * has just said themselves, which brings them to the end.
 */
export function useStick(first: string | undefined, last: string | undefined, mine?: string): Stick {
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const fromEnd = useRef(0);
  const [unseen, setUnseen] = useState(false);
  const known = useRef({ first, last, mine });
  const size = useRef("");

  const toEnd = useCallback((): void => {
    const place = box.current;
    if (place) place.scrollTop = place.scrollHeight;
    atEnd.current = true;
    setUnseen(false);
  }, []);

  const onScroll = useCallback((): void => {
    const place = box.current;
    if (!place) return;
    const now = `${place.scrollHeight} ${place.clientHeight}`;
    const grown = now !== size.current;
    size.current = now;
    // The list or its box changed size under a reader at the end: that is not them scrolling away.
    if (grown && atEnd.current) place.scrollTop = place.scrollHeight;
    fromEnd.current = place.scrollHeight - place.scrollTop;
    atEnd.current = fromEnd.current - place.clientHeight < NEAR;
    if (atEnd.current) setUnseen(false);
  }, []);

  useLayoutEffect(() => {
    const before = known.current;
    known.current = { first, last, mine };
    const place = box.current;
    if (!place) return;
    if (atEnd.current || (mine && before.mine !== mine)) toEnd();
    else if (before.last !== last) setUnseen(true);
    else if (before.first !== first) place.scrollTop = place.scrollHeight - fromEnd.current;
  }, [first, last, mine, toEnd]);

  // Pictures, fonts and the phone's keyboard change heights without any new message.
  useEffect(() => {
    if (!inside.current || !box.current || typeof ResizeObserver === "undefined") return;
    const watch = new ResizeObserver(() => atEnd.current && toEnd());
    watch.observe(inside.current);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [toEnd]);

  return { box, inside, onScroll, unseen, toEnd };
}
