/** What the address bar says: a reload shows the same again. */
export interface Address {
  rehearsal: string | null;
  person: string | null;
  turn: string | null;
  day: string | null;
}

/** Changes part of the address. `replace`: without a step that the back button would undo. */
export type Go = (next: Partial<Address>, how?: { replace: boolean }) => void;
