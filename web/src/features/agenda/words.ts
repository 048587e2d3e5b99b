export const words = {
  title: "Agenda",
  empty: "Nada aqui ainda",
} as const;
