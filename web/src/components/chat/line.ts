/** A file that came with a message; of what the API tells, only who it is must be told. */
export interface ChatFile {
  id: string;
  media_type: string;
  name: string;
  bytes: number;
  /** audio, image, video, document, sticker */
  kind?: string;
  /** waiting, ready, refused, failed */
  status?: string;
  /** What was made out of a voice note. */
  transcript?: string | null;
  /** Why it was not kept, or not heard. */
  problem?: string | null;
}

/** Something a message says, and what became of it: stands, changed, gone, kept or late. */
export interface ChatClaim {
  id: string;
  kind: string;
  said: string;
  /** What stands behind it; null: nothing does. */
  entity: string | null;
  state: string;
}

/** What a message offered to choose from; `shown` as buttons, as numbers under the text, or in the text alone. */
export interface ChatMenu {
  shown: string;
  options: readonly { label: string; description: string; chosen: boolean }[];
}

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
  media: ChatFile | null;
  receipts: readonly string[];
  red_flag: string | null;
  commitments?: readonly ChatClaim[];
  /** Why it waits or never arrived: window, quiet, or a code. */
  why?: string | null;
  /** When what waits so leaves. */
  until?: string | null;
  /** The kind of wire that said it, when it is not the conversation's own. */
  wire?: string | null;
  menu?: ChatMenu | null;
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
