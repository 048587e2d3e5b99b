export const words = {
  title: "Conhecimento",
  empty: "Nada aqui ainda",
} as const;
