/** A message of a transcript, as the API writes one (`LineOut` fits as it is). */
export interface ChatLine {
  id: string;
  author: "patient" | "carol" | "person" | "automatic";
  /** The person of the clinic who wrote it. */
  by: string | null;
  kind: string;
  text: string;
  at: string;
  /** How far it got; null for what the patient wrote. */
  status: string | null;
  /** The turn that said it, or answered it. */
  turn: string | null;
  media: { id: string; media_type: string; name: string; bytes: number } | null;
  receipts: readonly string[];
  red_flag: string | null;
}

/** Something written here that the server does not have yet. `failed`: it was refused, or lost, and waits for a person. */
export interface UnsentLine {
  id: string;
  text: string;
  at: string;
  state: "waiting" | "sending" | "failed";
  /** Why it was not sent, to be read. */
  why?: string | undefined;
  /** False when trying again cannot help. */
  again?: boolean | undefined;
  /** Name of the file it carries. */
  file?: string | undefined;
}

/** Whose bubbles are on the right: the one who holds this screen. */
export type Side = "patient" | "clinic";

export function isMine(author: ChatLine["author"], side: Side): boolean {
  return (author === "patient") === (side === "patient");
}
