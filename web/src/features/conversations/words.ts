export const words = {
  title: "Conversas",
  empty: "Nada aqui ainda",
} as const;
