import { tooBig, words, wrongKind } from "@/features/knowledge/words";

export interface Limits {
  bytes_most: number;
  extensions: readonly string[];
}

/** Why a file would be refused, before it is sent; null when it may go. Without limits only the API can tell. */
export function refusalOf(file: Pick<File, "name" | "size">, limits: Limits | undefined): string | null {
  if (file.size === 0) return words.refusals.empty;
  if (!limits) return null;
  const name = file.name.toLowerCase();
  const known = limits.extensions.some((one) => name.endsWith(one.startsWith(".") ? one : `.${one}`));
  if (!known) return wrongKind(limits.extensions);
  return file.size > limits.bytes_most ? tooBig(file.size, limits.bytes_most) : null;
}

/** The name under which a file is stored: accents as one character each, whatever system it comes from. */
export function sourceOf(file: Pick<File, "name">): string {
  return file.name.normalize("NFC");
}
