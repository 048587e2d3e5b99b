export const menuWords = {
  list: "Opções enviadas",
  chosen: "escolhida",
  theyChose: (label: string) => `Escolhida: ${label}`,
} as const;
