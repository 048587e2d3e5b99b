export const words = {
  sign: {
    title: "Como você assina?",
    about: "Seu nome aparece nas suas respostas e para a equipe. Fica guardado neste navegador.",
    label: "Seu nome",
    save: "Assinar assim",
    cancel: "Cancelar",
    empty: "Escreva seu nome.",
    long: "Use até 60 letras.",
  },
  unsaved: {
    title: "Sair sem salvar?",
    about: "O que você escreveu aqui ainda não foi salvo e se perde ao sair.",
    leave: "Sair sem salvar",
    stay: "Continuar escrevendo",
  },
} as const;
