export const noises = ["burst", "typos", "bare", "spoken", "disorder", "twice"] as const;
export type Noise = (typeof noises)[number];

export const noiseWords: Readonly<Record<string, string>> = {
  burst: "em pedaços",
  typos: "com erros de digitação",
  bare: "sem acentos nem pontuação",
  spoken: "em áudio",
  disorder: "fora de ordem",
  twice: "entregues duas vezes",
};

/** "com erros de digitação e em áudio"; "" without any. */
export function noiseSaid(kinds: readonly string[]): string {
  return kinds.map((kind) => noiseWords[kind] ?? kind).join(", ");
}
