export const words = {
  title: "Ensaio",
  empty: "Nada aqui ainda",
} as const;
