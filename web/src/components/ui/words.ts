export const words = {
  close: "Fechar",
  tryAgain: "Tentar de novo",
  loading: "Carregando",
  undo: "Desfazer",
  notices: "Avisos",
  nothingFound: "Nada encontrado.",
  somethingBroke: "Não deu para mostrar isto",
} as const;
